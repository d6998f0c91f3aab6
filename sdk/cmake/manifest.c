/* SPDX-License-Identifier: Apache-2.0
 *
 * dodona-manifest PLUGIN.so PLUGIN.json [PROCESSOR VARIANT.so]...: writes the contents of a plugin,
 * so that a host need not load it to know them.
 *
 * Runs at build time, on a plugin that was just linked; it loads the library and reads the constant
 * tables of dodona_module_v0. Errors: one line on standard error, exit code 1, no file written. The
 * manifest replaces an older one in one step, so a host never reads half of it.
 *
 * A variant is the same plugin for processors that can do more, such as x86-64-v3. Its library lies
 * in the folder PROCESSOR beside PLUGIN.so, and only its build-id is read: this machine may be
 * unable to execute it.
 */
#define _GNU_SOURCE

#include <dodona/abi.h>

#include <assert.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <link.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MANIFEST_VERSION 1

enum { BUILD_ID_BYTES_MAX = 64 };

static const char* plugin_path;

static void fail(const char* what, const char* detail) {
  fprintf(stderr, "dodona-manifest: %s: %s%s%s\n", plugin_path, what, detail ? ": " : "",
          detail ? detail : "");
  exit(1);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put_text(FILE* out, const char* data, size_t size) {
  fputc('"', out);
  for (size_t i = 0; i < size; ++i) {
    unsigned char c = (unsigned char)data[i];
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

static void put_string(FILE* out, const char* text) {
  put_text(out, text, strlen(text));
}

static void put_key(FILE* out, const char* key) {
  put_string(out, key);
  fputs(": ", out);
}

/* A member that must be there: the host and its users rely on it. */
static void put_required(FILE* out, const char* key, const char* text) {
  if (!text || !*text) fail("a descriptor or option lacks", key);
  put_key(out, key);
  put_string(out, text);
}

static void put_double(FILE* out, double number) {
  if (!isfinite(number)) fail("an option's default, bound or choice is not finite", NULL);
  char text[40];
  snprintf(text, sizeof text, "%.17g", number);
  /* A double stays one for a reader that tells 1 from 1.0. */
  fprintf(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static void put_value(FILE* out, const dodona_value* value) {
  switch (value->kind) {
    case DODONA_INT:
      fprintf(out, "%" PRId64, value->as.i);
      break;
    case DODONA_DOUBLE:
      put_double(out, value->as.d);
      break;
    case DODONA_BOOL:
      fputs(value->as.i ? "true" : "false", out);
      break;
    case DODONA_STRING:
      put_text(out, value->as.s.data, (size_t)value->as.s.size);
      break;
    default:
      fail("an option's default, bound or choice is not a scalar", NULL);
  }
}

static void put_optional(FILE* out, const char* key, const dodona_value* value) {
  if (value->kind == 0) return;
  fputs(", ", out);
  put_key(out, key);
  put_value(out, value);
}

/* ---- the tables ------------------------------------------------------------------------------ */

static const char* kind_name(dodona_kind kind) {
  static const char* const names[] = {NULL, "int", "double", "bool", "string", "list", "object"};
  static_assert(DODONA_INT == 1 && DODONA_OBJECT == 6, "names follow the kinds");
  if (kind < DODONA_INT || kind > DODONA_OBJECT) fail("an option has an unknown kind", NULL);
  return names[kind];
}

static void put_option(FILE* out, const dodona_option* option) {
  fputs("        {", out);
  put_required(out, "name", option->name);
  fputs(", ", out);
  put_required(out, "kind", kind_name(option->kind));
  fputs(", ", out);
  put_required(out, "help", option->help);
  put_optional(out, "default", &option->initial);
  if (DODONA_HAS(option, dodona_option, initial_json)) {
    fputs(", ", out);
    put_key(out, "default");
    fputs(option->initial_json, out);
  }
  put_optional(out, "low", &option->low);
  put_optional(out, "high", &option->high);
  if (option->choices && option->choice_count > 0) {
    fputs(", \"choices\": [", out);
    for (uint64_t i = 0; i < option->choice_count; ++i) {
      if (i > 0) fputs(", ", out);
      put_value(out, &option->choices[i]);
    }
    fputc(']', out);
  }
  fputc('}', out);
}

static const char* checked_role(const dodona_descriptor* descriptor) {
  static const char* const roles[] = {DODONA_ROLE_ORACLE, DODONA_ROLE_HYPERMODEL, DODONA_ROLE_SINK};
  if (!descriptor->role) fail("a descriptor lacks", "role");
  for (size_t i = 0; i < sizeof roles / sizeof *roles; ++i) {
    if (strcmp(descriptor->role, roles[i]) == 0) return descriptor->role;
  }
  fail("unknown role", descriptor->role);
  return NULL;
}

static void put_descriptor(FILE* out, const dodona_descriptor* descriptor) {
  if (descriptor->struct_size < DODONA_DESCRIPTOR_SIZE_MIN || !descriptor->vtable) {
    fail("a descriptor is too short or has no vtable", descriptor->id);
  }
  fputs("    {", out);
  put_required(out, "role", checked_role(descriptor));
  fputs(", ", out);
  put_required(out, "id", descriptor->id);
  fputs(", ", out);
  put_required(out, "name", descriptor->name);
  fputs(",\n     ", out);
  put_required(out, "version", descriptor->version);
  fputs(", ", out);
  put_required(out, "license", descriptor->license);
  fprintf(out, ", \"flags\": %" PRIu32 ",\n     ", descriptor->flags);
  put_required(out, "description", descriptor->description);
  fputs(",\n     \"options\": [", out);
  for (uint64_t i = 0; i < descriptor->option_count; ++i) {
    fputs(i > 0 ? ",\n" : "\n", out);
    put_option(out, descriptor->options[i]);
  }
  fputs("]}", out);
}

/* ---- the library ----------------------------------------------------------------------------- */

/* Searches one block of ELF notes. Returns the number of bytes of the GNU build-id, or 0. */
static size_t build_id_in_notes(const char* notes, size_t size, size_t align, unsigned char* id) {
  size_t at = 0;
  while (size - at >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    memcpy(&head, notes + at, sizeof head);
    size_t name = at + sizeof head;
    if (head.n_namesz > size - name) return 0;
    size_t content = name + (head.n_namesz + align - 1) / align * align;
    if (content > size || head.n_descsz > size - content) return 0;
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 &&
        memcmp(notes + name, "GNU", 4) == 0 && head.n_descsz <= BUILD_ID_BYTES_MAX) {
      memcpy(id, notes + content, head.n_descsz);
      return head.n_descsz;
    }
    size_t next = content + (head.n_descsz + align - 1) / align * align;
    if (next > size) return 0;
    at = next;
  }
  return 0;
}

/* Reads the build-id from the file itself, as the host will do before it trusts a manifest. */
static size_t read_build_id(const char* path, unsigned char* id) {
  FILE* file = fopen(path, "rb");
  if (!file) fail(path, strerror(errno));
  ElfW(Ehdr) elf;
  if (fread(&elf, sizeof elf, 1, file) != 1 || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0) {
    fail("not an ELF file", NULL);
  }
  size_t found = 0;
  for (size_t i = 0; i < elf.e_phnum && found == 0; ++i) {
    ElfW(Phdr) segment;
    long at = (long)(elf.e_phoff + i * elf.e_phentsize);
    if (fseek(file, at, SEEK_SET) != 0 || fread(&segment, sizeof segment, 1, file) != 1) break;
    if (segment.p_type != PT_NOTE) continue;
    char* notes = malloc(segment.p_filesz + 1);
    if (!notes) fail("out of memory", NULL);
    if (fseek(file, (long)segment.p_offset, SEEK_SET) == 0 &&
        fread(notes, 1, segment.p_filesz, file) == segment.p_filesz) {
      size_t align = segment.p_align == 8 ? 8 : 4;
      found = build_id_in_notes(notes, segment.p_filesz, align, id);
    }
    free(notes);
  }
  fclose(file);
  if (found == 0) fail("has no build-id; link it with -Wl,--build-id", NULL);
  return found;
}

static const dodona_module* load_module(void) {
  void* library = dlopen(plugin_path, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail("cannot be loaded", dlerror());
  /* C has no cast from an object pointer to a function pointer; POSIX promises that this works. */
  const dodona_module* (*entry)(void);
  void* symbol = dlsym(library, DODONA_ENTRY_SYMBOL);
  if (!symbol) fail("does not export " DODONA_ENTRY_SYMBOL "; is DODONA_PLUGIN missing?", NULL);
  memcpy(&entry, &symbol, sizeof entry);
  const dodona_module* module = entry();
  if (!module) fail(DODONA_ENTRY_SYMBOL " returned no table", NULL);
  if (module->struct_size < DODONA_MODULE_SIZE_MIN) {
    fail("the module table is too short", NULL);
  }
  if (module->abi_epoch != DODONA_ABI_EPOCH) {
    fail("the module's epoch is not the one of this SDK", NULL);
  }
  if (module->count == 0) fail("the module has no descriptors", NULL);
  return module;
}

static const char* file_name(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void put_build_id(FILE* out, const char* path) {
  unsigned char id[BUILD_ID_BYTES_MAX];
  size_t size = read_build_id(path, id);
  put_key(out, "build_id");
  fputc('"', out);
  for (size_t i = 0; i < size; ++i) fprintf(out, "%02x", id[i]);
  fputc('"', out);
}

/* `variants` holds pairs of a processor and a library. */
static void put_variants(FILE* out, char** variants, int count) {
  if (count == 0) return;
  put_key(out, "variants");
  for (int i = 0; i < count; i += 2) {
    fputs(i > 0 ? ",\n    {" : "[\n    {", out);
    put_required(out, "processor", variants[i]);
    fputs(", ", out);
    put_key(out, "library");
    fputc('"', out);
    fprintf(out, "%s/%s\", ", variants[i], file_name(variants[i + 1]));
    put_build_id(out, variants[i + 1]);
    fputc('}', out);
  }
  fputs("],\n  ", out);
}

static void put_manifest(FILE* out, const dodona_module* module, char** variants, int count) {
  fprintf(out, "{\n  \"manifest_version\": %d,\n  ", MANIFEST_VERSION);
  put_required(out, "library", file_name(plugin_path));
  fprintf(out,
          ",\n  \"abi_epoch\": %" PRIu32 ",\n  \"minor_built\": %" PRIu32
          ",\n  \"minor_needed\": %" PRIu32 ",\n  ",
          module->abi_epoch, module->minor_built, module->minor_needed);
  put_build_id(out, plugin_path);
  fputs(",\n  ", out);
  put_variants(out, variants, count);
  put_key(out, "descriptors");
  fputc('[', out);
  for (uint64_t i = 0; i < module->count; ++i) {
    fputs(i > 0 ? ",\n" : "\n", out);
    put_descriptor(out, module->descriptors[i]);
  }
  fputs("\n  ]\n}\n", out);
}

int main(int argc, char** argv) {
  if (argc < 3 || argc % 2 == 0) {
    fprintf(stderr,
            "usage: dodona-manifest /PATH/PLUGIN.so PLUGIN.json [PROCESSOR VARIANT.so]...\n");
    return 2;
  }
  plugin_path = argv[1];
  const dodona_module* module = load_module();

  /* Into memory first: an error half-way leaves no file behind. */
  char* text = NULL;
  size_t size = 0;
  FILE* memory = open_memstream(&text, &size);
  if (!memory) fail("out of memory", NULL);
  put_manifest(memory, module, argv + 3, argc - 3);
  if (fclose(memory) != 0) fail("out of memory", NULL);

  size_t room = strlen(argv[2]) + sizeof ".tmp";
  char* temporary = malloc(room);
  if (!temporary) fail("out of memory", NULL);
  snprintf(temporary, room, "%s.tmp", argv[2]);
  umask(022);
  FILE* file = fopen(temporary, "wb");
  if (!file) fail(temporary, strerror(errno));
  if (fwrite(text, 1, size, file) != size || fclose(file) != 0 || rename(temporary, argv[2]) != 0) {
    remove(temporary);
    fail(argv[2], strerror(errno));
  }
  free(temporary);
  free(text);
  return 0;
}
