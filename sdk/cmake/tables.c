/* SPDX-License-Identifier: Apache-2.0 */
#include <dodona/tables.h>

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#define MANIFEST_VERSION 1

/* ---- the rules ------------------------------------------------------------------------------- */

/* Where the first mistake is written. */
typedef struct problem {
  char* text;
  size_t capacity;
  const char* role; /* of the descriptor that is being checked; NULL: none yet */
  const char* name;
} problem;

static const char* const kind_names[] = {NULL,     "int",  "float", "boolean",
                                         "string", "list", "object"};
_Static_assert(DODONA_INT == 1 && DODONA_OBJECT == 6, "names follow the kinds");

static const char* role_word(const char* role) {
  if (strcmp(role, DODONA_ROLE_ORACLE) == 0) return "oracle";
  if (strcmp(role, DODONA_ROLE_HYPERMODEL) == 0) return "hypermodel";
  if (strcmp(role, DODONA_ROLE_SINK) == 0) return "sink";
  return role;
}

/* Answers 0, so that a check can return what it answers. */
__attribute__((format(printf, 2, 3))) static int fail(const problem* at, const char* format, ...) {
  size_t used = 0;
  if (at->name) {
    const int size = snprintf(at->text, at->capacity, "%s \"%s\": ", role_word(at->role), at->name);
    if (size > 0) used = (size_t)size;
  }
  if (used >= at->capacity) return 0;
  va_list list;
  va_start(list, format);
  vsnprintf(at->text + used, at->capacity - used, format, list);
  va_end(list);
  return 0;
}

static int check_size(const problem* at, const char* what, uint32_t size, uint32_t size_min) {
  if (size >= size_min) return 1;
  return fail(at, "%s has %" PRIu32 " bytes, fewer than the %" PRIu32 " that it must have", what,
              size, size_min);
}

static int check_text(const problem* at, const char* what, const char* text) {
  return text && *text ? 1 : fail(at, "its module table gives no %s", what);
}

static int check_slot(const problem* at, const char* slot, int there) {
  return there ? 1 : fail(at, "its table lacks the required function %s", slot);
}

static int is_number(dodona_kind kind) {
  return kind == DODONA_INT || kind == DODONA_DOUBLE;
}

/* An integer may stand where a float is. */
static int fits(dodona_kind kind, const dodona_value* value) {
  return value->kind == kind || (kind == DODONA_DOUBLE && value->kind == DODONA_INT);
}

static double number_of(const dodona_value* value) {
  return value->kind == DODONA_INT ? (double)value->as.i : value->as.d;
}

static int is_below(const dodona_value* a, const dodona_value* b) {
  if (a->kind == DODONA_INT && b->kind == DODONA_INT) return a->as.i < b->as.i;
  return number_of(a) < number_of(b);
}

static int is_same(const dodona_value* a, const dodona_value* b) {
  if (a->kind == DODONA_STRING && b->kind == DODONA_STRING) {
    return a->as.s.size == b->as.s.size &&
           (a->as.s.size == 0 || memcmp(a->as.s.data, b->as.s.data, (size_t)a->as.s.size) == 0);
  }
  if (is_number(a->kind) && is_number(b->kind)) return !is_below(a, b) && !is_below(b, a);
  return a->kind == b->kind && a->as.i == b->as.i;
}

/* One value of an option: its default, a bound or a choice. */
static int check_value(const problem* at, const dodona_option* option, const char* what,
                       const dodona_value* value) {
  if (!fits(option->kind, value)) {
    const int known = value->kind >= DODONA_INT && value->kind <= DODONA_OBJECT;
    return fail(at, "option \"%s\" has a %s of kind %s, not %s", option->name, what,
                known ? kind_names[value->kind] : "unknown", kind_names[option->kind]);
  }
  if (value->kind == DODONA_DOUBLE && !isfinite(value->as.d)) {
    return fail(at, "option \"%s\" has a %s that is not finite", option->name, what);
  }
  if (value->kind == DODONA_STRING && !value->as.s.data && value->as.s.size > 0) {
    return fail(at, "option \"%s\" has a %s without its text", option->name, what);
  }
  return 1;
}

static int check_bounds(const problem* at, const dodona_option* option) {
  const dodona_value* low = option->low.kind ? &option->low : NULL;
  const dodona_value* high = option->high.kind ? &option->high : NULL;
  const dodona_value* initial = option->initial.kind ? &option->initial : NULL;
  if ((low || high) && !is_number(option->kind)) {
    return fail(at, "option \"%s\" has bounds, which a %s cannot have", option->name,
                kind_names[option->kind]);
  }
  if (low && !check_value(at, option, "smallest value", low)) return 0;
  if (high && !check_value(at, option, "largest value", high)) return 0;
  if (low && high && is_below(high, low)) {
    return fail(at, "option \"%s\" has a smallest value of %.17g above its largest one, %.17g",
                option->name, number_of(low), number_of(high));
  }
  if (initial && low && is_below(initial, low)) {
    return fail(at, "option \"%s\" has the default %.17g, which is below its smallest value, %.17g",
                option->name, number_of(initial), number_of(low));
  }
  if (initial && high && is_below(high, initial)) {
    return fail(at, "option \"%s\" has the default %.17g, which is above its largest value, %.17g",
                option->name, number_of(initial), number_of(high));
  }
  return 1;
}

static int check_choices(const problem* at, const dodona_option* option) {
  if (option->choice_count == 0) return 1;
  if (!option->choices)
    return fail(at, "option \"%s\" has choices that are not there", option->name);
  int found = option->initial.kind == 0;
  for (uint64_t i = 0; i < option->choice_count; ++i) {
    if (!check_value(at, option, "choice", &option->choices[i])) return 0;
    found = found || is_same(&option->initial, &option->choices[i]);
    for (uint64_t j = 0; j < i; ++j) {
      if (is_same(&option->choices[i], &option->choices[j])) {
        return fail(at,
                    "option \"%s\" has two choices that are the same, the %" PRIu64
                    ". and the %" PRIu64 ".",
                    option->name, j + 1, i + 1);
      }
    }
  }
  return found
             ? 1
             : fail(at, "option \"%s\" has a default that is not among its choices", option->name);
}

/* ---- JSON: each function answers what follows it, or NULL where it is none */

static const char* after_space(const char* at) {
  return at + strspn(at, " \t\r\n");
}

static const char* after_string(const char* at) {
  for (++at; *at != '"'; ++at) {
    if ((unsigned char)*at < 0x20) return NULL;
    if (*at != '\\') continue;
    ++at;
    if (*at == 'u' && strspn(at + 1, "0123456789abcdefABCDEF") >= 4) continue;
    if (*at == '\0' || !strchr("\"\\/bfnrt", *at)) return NULL;
  }
  return at + 1;
}

static const char* after_number(const char* at) {
  static const char digits[] = "0123456789";
  if (*at == '-') ++at;
  size_t count = strspn(at, digits);
  if (count == 0 || (*at == '0' && count > 1)) return NULL;
  at += count;
  if (*at == '.') {
    count = strspn(++at, digits);
    if (count == 0) return NULL;
    at += count;
  }
  if (*at != 'e' && *at != 'E') return at;
  ++at;
  if (*at == '+' || *at == '-') ++at;
  count = strspn(at, digits);
  return count > 0 ? at + count : NULL;
}

static const char* after_value(const char* at, int depth) {
  if (depth == 0) return NULL;
  if (*at == '"') return after_string(at);
  if (strncmp(at, "true", 4) == 0 || strncmp(at, "null", 4) == 0) return at + 4;
  if (strncmp(at, "false", 5) == 0) return at + 5;
  if (*at != '[' && *at != '{') return after_number(at);
  const int is_object = *at == '{';
  const char end = is_object ? '}' : ']';
  at = after_space(at + 1);
  if (*at == end) return at + 1;
  for (;;) {
    if (is_object) {
      at = *at == '"' ? after_string(at) : NULL;
      if (!at) return NULL;
      at = after_space(at);
      if (*at != ':') return NULL;
      at = after_space(at + 1);
    }
    at = after_value(at, depth - 1);
    if (!at) return NULL;
    at = after_space(at);
    if (*at == end) return at + 1;
    if (*at != ',') return NULL;
    at = after_space(at + 1);
  }
}

static int check_json(const problem* at, const dodona_option* option) {
  if (!DODONA_HAS(option, dodona_option, initial_json)) return 1;
  if (option->kind != DODONA_LIST && option->kind != DODONA_OBJECT) {
    return fail(at,
                "option \"%s\" has a default in JSON, which is for lists and objects, and is %s",
                option->name, kind_names[option->kind]);
  }
  enum { DEPTH_MAX = 32 };
  const char* text = after_space(option->initial_json);
  const char* end = after_value(text, DEPTH_MAX);
  if (!end || *after_space(end) || *text != (option->kind == DODONA_LIST ? '[' : '{')) {
    return fail(at, "option \"%s\" has the default '%s', which is not JSON of kind %s",
                option->name, option->initial_json, kind_names[option->kind]);
  }
  return 1;
}

static int check_option(const problem* at, const dodona_option* option) {
  if (!option) return fail(at, "an option of its module table is not there");
  if (!check_size(at, "an option of its module table", option->struct_size,
                  DODONA_OPTION_SIZE_MIN)) {
    return 0;
  }
  if (!check_text(at, "name of an option", option->name)) return 0;
  if (option->kind < DODONA_INT || option->kind > DODONA_OBJECT) {
    return fail(at, "option \"%s\" has the unknown kind %" PRId32, option->name, option->kind);
  }
  if (!option->help || !*option->help) {
    return fail(at,
                "option \"%s\" has no help; say its effect, a reason to change it, and the cost",
                option->name);
  }
  if (option->initial.kind && !check_value(at, option, "default", &option->initial)) return 0;
  return check_bounds(at, option) && check_choices(at, option) && check_json(at, option);
}

static int check_options(const problem* at, const dodona_descriptor* descriptor) {
  if (descriptor->option_count > 0 && !descriptor->options) {
    return fail(at, "has options that are not there");
  }
  for (uint64_t i = 0; i < descriptor->option_count; ++i) {
    if (!check_option(at, descriptor->options[i])) return 0;
    for (uint64_t j = 0; j < i; ++j) {
      if (strcmp(descriptor->options[i]->name, descriptor->options[j]->name) == 0) {
        return fail(at, "has two options \"%s\"", descriptor->options[i]->name);
      }
    }
  }
  return 1;
}

static int check_oracle(const problem* at, const dodona_oracle_vtable* table) {
  return check_size(at, "its table of functions", table->struct_size,
                    DODONA_ORACLE_VTABLE_SIZE_MIN) &&
         check_slot(at, "create", table->create != NULL) &&
         check_slot(at, "destroy", table->destroy != NULL) &&
         check_slot(at, "set_space", table->set_space != NULL) &&
         check_slot(at, "observe", table->observe != NULL) &&
         check_slot(at, "propose (or judge)",
                    DODONA_HAS(table, dodona_oracle_vtable, propose) ||
                        DODONA_HAS(table, dodona_oracle_vtable, judge));
}

static int check_hypermodel(const problem* at, const dodona_hypermodel_vtable* table) {
  if (!check_size(at, "its table of functions", table->struct_size,
                  DODONA_HYPERMODEL_VTABLE_SIZE_MIN)) {
    return 0;
  }
  const int saves = DODONA_HAS(table, dodona_hypermodel_vtable, save);
  const int loads = DODONA_HAS(table, dodona_hypermodel_vtable, load);
  const int runs = DODONA_HAS(table, dodona_hypermodel_vtable, run);
  return check_slot(at, "create", table->create != NULL) &&
         check_slot(at, "destroy", table->destroy != NULL) &&
         check_slot(at, "run (or build and fit)",
                    runs || DODONA_HAS(table, dodona_hypermodel_vtable, build)) &&
         check_slot(at, "fit", runs || DODONA_HAS(table, dodona_hypermodel_vtable, fit)) &&
         check_slot(at, "release", runs || DODONA_HAS(table, dodona_hypermodel_vtable, release)) &&
         check_slot(at, "load", loads || !saves) && check_slot(at, "save", saves || !loads);
}

static int check_sink(const problem* at, const dodona_sink_vtable* table) {
  return check_size(at, "its table of functions", table->struct_size,
                    DODONA_SINK_VTABLE_SIZE_MIN) &&
         check_slot(at, "create", table->create != NULL) &&
         check_slot(at, "destroy", table->destroy != NULL) &&
         check_slot(at, "consume", table->consume != NULL) &&
         check_slot(at, "flush", table->flush != NULL);
}

static int check_flags(const problem* at, uint32_t flags) {
  const uint32_t known = DODONA_FLAG_RESUMES | DODONA_FLAG_ENDS | DODONA_FLAG_ISOLATE |
                         DODONA_FLAG_OBJECTIVES | DODONA_FLAG_SERIAL;
  const uint32_t unknown = flags & ~known & UINT32_C(0xffff0000);
  if (unknown == 0) return 1;
  return fail(at,
              "has the flags %" PRIu32
              ", which this version does not know and must not pass over; use it with a newer "
              "dodona",
              unknown);
}

int dodona_check_flags(uint32_t flags, char* text, size_t capacity) {
  const problem at = {text, capacity, NULL, NULL};
  if (capacity > 0) *text = '\0';
  return check_flags(&at, flags);
}

static int check_vtable(const problem* at, const char* role, const void* table) {
  if (!table) return fail(at, "has no table of functions");
  if (strcmp(role, DODONA_ROLE_ORACLE) == 0) return check_oracle(at, table);
  if (strcmp(role, DODONA_ROLE_HYPERMODEL) == 0) return check_hypermodel(at, table);
  return check_sink(at, table);
}

static int check_descriptor(problem* at, const dodona_module* module, uint64_t index) {
  const dodona_descriptor* descriptor = module->descriptors[index];
  if (!descriptor)
    return fail(at, "descriptor %" PRIu64 " of its module table is not there", index);
  if (descriptor->struct_size < DODONA_DESCRIPTOR_SIZE_MIN) {
    return fail(at,
                "descriptor %" PRIu64 " of its module table has %" PRIu32
                " bytes, fewer than the %" PRIu32 " that it must have",
                index, descriptor->struct_size, DODONA_DESCRIPTOR_SIZE_MIN);
  }
  if (!check_text(at, "role", descriptor->role)) return 0;
  if (role_word(descriptor->role) == descriptor->role) return 1;
  if (!check_text(at, "name", descriptor->name)) return 0;
  at->role = descriptor->role;
  at->name = descriptor->name;
  if (!check_text(at, "id", descriptor->id) || !check_text(at, "version", descriptor->version) ||
      !check_text(at, "license", descriptor->license) ||
      !check_text(at, "description", descriptor->description) ||
      !check_flags(at, descriptor->flags) ||
      !check_vtable(at, descriptor->role, descriptor->vtable) || !check_options(at, descriptor)) {
    return 0;
  }
  for (uint64_t i = 0; i < index; ++i) {
    const dodona_descriptor* other = module->descriptors[i];
    if (strcmp(other->role, descriptor->role) != 0) continue;
    if (strcmp(other->id, descriptor->id) == 0) {
      return fail(at, "its library has two of the id \"%s\"", descriptor->id);
    }
    if (strcmp(other->name, descriptor->name) == 0)
      return fail(at, "its library has two of the name");
  }
  return 1;
}

int dodona_check_tables(const dodona_module* module, char* text, size_t capacity) {
  problem at = {text, capacity, NULL, NULL};
  if (capacity > 0) *text = '\0';
  if (module->count == 0 || !module->descriptors)
    return fail(&at, "its module table has no descriptors");
  for (uint64_t i = 0; i < module->count; ++i) {
    at.name = NULL;
    if (!check_descriptor(&at, module, i)) return 0;
  }
  return 1;
}

const char* dodona_unknown_role(const dodona_module* module) {
  for (uint64_t i = 0; i < module->count; ++i) {
    const char* role = module->descriptors[i]->role;
    if (role_word(role) == role) return role;
  }
  return NULL;
}

const char* dodona_needed_problem(const char* needed) {
  if (strncmp(needed, "libc++.so", 9) != 0 && strncmp(needed, "libc++abi.so", 12) != 0) return NULL;
  return "its half of the C++ run time would mix with that of the host, and exceptions would "
         "abort; "
         "link it statically (-stdlib=libc++ -static-libstdc++), or build with libstdc++";
}

/* ---- the manifest ---------------------------------------------------------------------------- */

static void put_text(FILE* out, const char* data, size_t size) {
  fputc('"', out);
  for (size_t i = 0; i < size; ++i) {
    const unsigned char c = (unsigned char)data[i];
    if (c == '"' || c == '\\') {
      fprintf(out, "\\%c", c);
    } else if (c < 0x20 || c == 0x7f) {
      fprintf(out, "\\u%04x", c);
    } else {
      fputc(c, out);
    }
  }
  fputc('"', out);
}

static void put_member(FILE* out, const char* key, const char* text) {
  fprintf(out, "\"%s\": ", key);
  put_text(out, text, strlen(text));
}

static void put_value(FILE* out, const dodona_value* value) {
  char text[40];
  switch (value->kind) {
    case DODONA_INT:
      fprintf(out, "%" PRId64, value->as.i);
      break;
    case DODONA_DOUBLE:
      snprintf(text, sizeof text, "%.17g", value->as.d);
      /* A double stays one for a reader that tells 1 from 1.0. */
      fprintf(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
      break;
    case DODONA_BOOL:
      fputs(value->as.i ? "true" : "false", out);
      break;
    default: /* what the check lets through besides: a text */
      put_text(out, value->as.s.data, (size_t)value->as.s.size);
  }
}

static void put_optional(FILE* out, const char* key, const dodona_value* value) {
  if (value->kind == 0) return;
  fprintf(out, ", \"%s\": ", key);
  put_value(out, value);
}

static void put_option(FILE* out, const dodona_option* option) {
  fputs("        {", out);
  put_member(out, "name", option->name);
  fputs(", ", out);
  put_member(out, "kind", kind_names[option->kind]);
  fputs(", ", out);
  put_member(out, "help", option->help);
  put_optional(out, "default", &option->initial);
  if (DODONA_HAS(option, dodona_option, initial_json)) {
    fprintf(out, ", \"default\": %s", option->initial_json);
  }
  put_optional(out, "low", &option->low);
  put_optional(out, "high", &option->high);
  for (uint64_t i = 0; i < option->choice_count; ++i) {
    fputs(i > 0 ? ", " : ", \"choices\": [", out);
    put_value(out, &option->choices[i]);
  }
  fputs(option->choice_count > 0 ? "]}" : "}", out);
}

static void put_descriptor(FILE* out, const dodona_descriptor* descriptor) {
  fputs("    {", out);
  put_member(out, "role", descriptor->role);
  fputs(", ", out);
  put_member(out, "id", descriptor->id);
  fputs(", ", out);
  put_member(out, "name", descriptor->name);
  fputs(",\n     ", out);
  put_member(out, "version", descriptor->version);
  fputs(", ", out);
  put_member(out, "license", descriptor->license);
  fprintf(out, ", \"flags\": %" PRIu32, descriptor->flags);
  if (strcmp(descriptor->role, DODONA_ROLE_ORACLE) == 0) {
    const dodona_oracle_vtable* table = descriptor->vtable;
    fprintf(out, ", \"proposes\": %s",
            DODONA_HAS(table, dodona_oracle_vtable, propose) ? "true" : "false");
    fprintf(out, ", \"judges\": %s",
            DODONA_HAS(table, dodona_oracle_vtable, judge) ? "true" : "false");
  }
  fputs(",\n     ", out);
  put_member(out, "description", descriptor->description);
  fputs(",\n     \"options\": [", out);
  for (uint64_t i = 0; i < descriptor->option_count; ++i) {
    fputs(i > 0 ? ",\n" : "\n", out);
    put_option(out, descriptor->options[i]);
  }
  fputs("]}", out);
}

void dodona_put_manifest(FILE* out, const dodona_module* module, const char* library,
                         const char* build_id, const dodona_variant* variants,
                         size_t variant_count) {
  fprintf(out, "{\n  \"manifest_version\": %d,\n  ", MANIFEST_VERSION);
  put_member(out, "library", library);
  fprintf(out,
          ",\n  \"abi_epoch\": %" PRIu32 ",\n  \"minor_built\": %" PRIu32
          ",\n  \"minor_needed\": %" PRIu32 ",\n  ",
          module->abi_epoch, module->minor_built, module->minor_needed);
  put_member(out, "build_id", build_id);
  for (size_t i = 0; i < variant_count; ++i) {
    fputs(i > 0 ? ",\n    {" : ",\n  \"variants\": [\n    {", out);
    put_member(out, "processor", variants[i].processor);
    fputs(", ", out);
    put_member(out, "library", variants[i].library);
    fputs(", ", out);
    put_member(out, "build_id", variants[i].build_id);
    fputs(i + 1 == variant_count ? "}]" : "}", out);
  }
  fputs(",\n  \"descriptors\": [", out);
  for (uint64_t i = 0; i < module->count; ++i) {
    fputs(i > 0 ? ",\n" : "\n", out);
    put_descriptor(out, module->descriptors[i]);
  }
  fputs("\n  ]\n}\n", out);
}
