/* SPDX-License-Identifier: Apache-2.0
 *
 * host PLUGIN.so NAME [PATH=TEXT]... [PATH:SIZE]...: a small host in plain C, which drives a plugin of
 * any role and prints a transcript. Tests build it with copies of the contract that know less
 * (SHORTER) or more (LONGER) than the plugin, and expect the same transcript from all of them.
 *
 * Every struct that it gives lies in front of bytes of 0xA5, which a plugin must not take for members.
 * The longer host has such a tail in each struct, and mixes in events of a type to come.
 */
#include <dodona/abi.h>

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A5 UINT64_C(0xA5A5A5A5A5A5A5A5)
#ifdef LONGER
#define TAIL .future = {A5, A5, A5, A5},
#define BROKEN (DODONA_FINAL | 0xff) /* a state and an outcome to come */
#define BROKEN_HOW 4711
#else
#define TAIL
#define BROKEN DODONA_FAILED
#define BROKEN_HOW DODONA_OUTCOME_MODEL_ERROR
#endif
#ifdef SHORTER
#define BEYOND(...)
#else
#define BEYOND(...) __VA_ARGS__
#endif

enum { TRIALS = 30, STEPS = 2, PARAMS = 5, EVENTS_MAX = 1024, DEFINED_MAX = 32, POISON = 256 };

static void quit(const char* what, const dodona_error* error) {
  fprintf(stderr, "host: %s: %.*s\n", what, error ? (int)error->size : 0,
          error ? error->message : "");
  exit(1);
}

/* A copy with poison behind it; kept until the process ends. */
static void* give(const void* from, size_t size) {
  char* to = malloc(size + POISON);
  if (!to) quit("out of memory", NULL);
  memcpy(to, from, size);
  memset(to + size, 0xA5, POISON);
  return to;
}
#define GIVE(type, ...) \
  ((type*)give(&(type){.struct_size = sizeof(type), __VA_ARGS__, TAIL}, sizeof(type)))

static dodona_str str(const char* text) {
  return (dodona_str){text, strlen(text)};
}

static int is(dodona_str a, const char* b) {
  return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0;
}

static char error_text[1024];
static dodona_error* error;

static void expect(dodona_status status, const char* slot) {
  if (status != DODONA_OK) quit(slot, error);
}

static dodona_status refuse(dodona_error* out, const char* text) {
  if (out) {
    out->size = strlen(text) < out->capacity ? strlen(text) : out->capacity;
    memcpy(out->message, text, out->size);
  }
  return DODONA_E_INVALID;
}

static void print_value(const dodona_value* value) {
  if (value->kind == DODONA_DOUBLE) printf(" %a", value->as.d);
  if (value->kind == DODONA_INT) printf(" %lld", (long long)value->as.i);
  if (value->kind == DODONA_BOOL) printf(" %s", value->as.i ? "true" : "false");
  if (value->kind == DODONA_STRING) printf(" %.*s", (int)value->as.s.size, value->as.s.data);
  if (value->kind == 0) printf(" -");
}

/* ---- services and options -------------------------------------------------------------------- */

static void host_log(const dodona_host* host, dodona_level level, dodona_str message) {
  (void)host;
  printf("log %d %.*s\n", level, (int)message.size, message.data);
}

static const void* host_extension(const dodona_host* host, const char* id) {
  (void)host, (void)id;
  return NULL;
}

static uint32_t host_cancelled(const dodona_host* host) {
  (void)host;
  return 0;
}

static dodona_status host_loop(const dodona_host* host, uint64_t count, uint64_t grain,
                               dodona_status (*body)(void* ctx, uint64_t begin, uint64_t end),
                               void* ctx, dodona_error* out) {
  (void)host, (void)out;
  for (uint64_t begin = 0; begin < count; begin += grain ? grain : 1) {
    const uint64_t end = begin + (grain ? grain : 1);
    const dodona_status status = body(ctx, begin, end < count ? end : count);
    if (status != DODONA_OK) return status;
  }
  return DODONA_OK;
}

static const dodona_descriptor* plugin;
static char** given;

/* The text behind PATH and a separator on the command line. */
static const char* given_for(dodona_str path, char separator) {
  for (char** each = given; *each; ++each) {
    if (strncmp(*each, path.data, path.size) == 0 && (*each)[path.size] == separator) {
      return *each + path.size + 1;
    }
  }
  return NULL;
}

static const dodona_option* option_of(dodona_str path) {
  for (uint64_t i = 0; i < plugin->option_count; ++i) {
    if (is(path, plugin->options[i]->name)) return plugin->options[i];
  }
  return NULL;
}

static dodona_status options_get(const dodona_options* self, dodona_str path, dodona_value* out,
                                 dodona_error* why) {
  (void)self;
  const char* text = given_for(path, '=');
  const dodona_option* option = option_of(path);
  if (text) {
    *out = (dodona_value){DODONA_STRING, 0, {.s = str(text)}};
    return DODONA_OK;
  }
  if (!option || option->initial.kind == 0) return refuse(why, "no such option");
  *out = option->initial;
  return DODONA_OK;
}

static dodona_status options_size(const dodona_options* self, dodona_str path, uint64_t* out,
                                  dodona_error* why) {
  (void)self;
  const char* size = given_for(path, ':');
  if (!size && !option_of(path)) return refuse(why, "no such list");
  *out = size ? strtoull(size, NULL, 10) : 0;
  return DODONA_OK;
}

/* ---- the space ------------------------------------------------------------------------------- */

static dodona_value number(double d) {
  return (dodona_value){DODONA_DOUBLE, 0, {.d = d}};
}

static dodona_value whole(int64_t i) {
  return (dodona_value){DODONA_INT, 0, {.i = i}};
}

static dodona_value text(const char* t) {
  return (dodona_value){DODONA_STRING, 0, {.s = str(t)}};
}

static const dodona_param* params[PARAMS];

static const dodona_space* make_space(void) {
  static dodona_value kinds[2], bent[1];
  static dodona_condition when_bent[1];
  kinds[0] = text("flat"), kinds[1] = bent[0] = text("bent");
  when_bent[0] = (dodona_condition){str("kind"), DODONA_WHEN_EQUAL, 0, bent, 1};
  params[0] = GIVE(dodona_param, .type = DODONA_PARAM_FLOAT, .name = str("x"), .low = number(-1),
                   .high = number(3), .sampling = DODONA_LINEAR);
  params[1] = GIVE(dodona_param, .type = DODONA_PARAM_FLOAT, .name = str("rate"),
                   .low = number(1e-4), .high = number(1), .sampling = DODONA_LOG);
  params[2] = GIVE(dodona_param, .type = DODONA_PARAM_INT, .name = str("n"), .low = whole(2),
                   .high = whole(20), .step = whole(3), .sampling = DODONA_LINEAR);
  params[3] = GIVE(dodona_param, .type = DODONA_PARAM_CHOICE, .name = str("kind"), .choices = kinds,
                   .choice_count = 2);
  params[4] = GIVE(dodona_param, .type = DODONA_PARAM_BOOLEAN, .name = str("twice"),
                   .conditions = when_bent, .condition_count = 1);
  return GIVE(dodona_space, .revision = PARAMS, .params = params, .count = PARAMS);
}

/* ---- the log --------------------------------------------------------------------------------- */

static const dodona_event* events[EVENTS_MAX];
static uint64_t event_count, sequence;

static void append(dodona_event_type type, uint64_t trial, const void* body) {
  events[event_count++] = GIVE(dodona_event, .type = type, .sequence = sequence, .trial = trial,
                               .unix_nanos = INT64_C(1700000000000000000), .body = body);
  ++sequence;
}

/* An event of a type to come, with nothing behind it, from the host that knows it. */
static void append_unknown(void) {
#ifdef LONGER
  events[event_count++] = GIVE(dodona_event, .type = 4711, .sequence = sequence,
                               .trial = DODONA_NO_TRIAL, .body = (const void*)(uintptr_t)A5);
  ++sequence;
#endif
}

static void append_beginning(void) {
  append(DODONA_EVENT_CREATED, DODONA_NO_TRIAL,
         GIVE(dodona_created_event, .seed = 7, .version = str("0")));
  append_unknown();
  append(DODONA_EVENT_CONFIGURED, DODONA_NO_TRIAL,
         GIVE(dodona_configured_event, .document = str("{}")));
  append(DODONA_EVENT_SPACE_GROWN, DODONA_NO_TRIAL,
         GIVE(dodona_space_grown_event, .first = 0, .params = params, .count = PARAMS));
}

static double score_of(const dodona_assignment* values, uint64_t count) {
  double score = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const dodona_value* value = &values[i].value;
    if (value->kind == DODONA_DOUBLE) score += (value->as.d - .7) * (value->as.d - .7);
    if (value->kind == DODONA_INT) score += (double)value->as.i / 10;
    if (value->kind == DODONA_STRING) score += is(value->as.s, "flat") ? .5 : 0;
    if (value->kind == DODONA_BOOL) score += value->as.i ? 0 : .2;
  }
  return score;
}

/* Every seventh trial fails, in the longer host in a way to come. */
static void append_trial(uint64_t trial, const dodona_proposal* proposal) {
  const size_t size = proposal->assignments.size * sizeof(dodona_assignment);
  const dodona_assignment_span values = {give(proposal->assignments.data, size),
                                         proposal->assignments.size};
  append(DODONA_EVENT_PROPOSED, trial,
         GIVE(dodona_proposed_event, BEYOND(.repeat_of = DODONA_NO_TRIAL, ).assignments = values,
              .budget = proposal->budget, .start_step = proposal->start_step,
              .resume_of = proposal->resume_of, .tag = proposal->tag, .seen = 0,
              .enqueued = UINT64_MAX));
  append(DODONA_EVENT_STARTED, trial,
         GIVE(dodona_started_event, BEYOND(.start_step = UINT64_MAX, ).attempt = 0));
  append_unknown();
  dodona_metric metric = {str("loss"), 0, 0};
  const uint64_t end = proposal->budget ? proposal->budget : STEPS;
  for (uint64_t step = proposal->start_step + 1; step <= end; ++step) {
    metric.value = score_of(values.data, values.size) + 1 / (double)step;
    append(DODONA_EVENT_REPORTED, trial,
           GIVE(dodona_reported_event, .step = step, .metrics = {give(&metric, sizeof metric), 1},
                .objectives = {give(&metric.value, sizeof metric.value), 1},
                .verdict = DODONA_CONTINUE));
  }
  const int fails = trial % 7 == 6;
  append(DODONA_EVENT_FINISHED, trial,
         GIVE(dodona_finished_event,
              BEYOND(.outcome = fails ? BROKEN_HOW : DODONA_OUTCOME_OK, .seconds = NAN, ).state =
                  fails ? BROKEN : DODONA_COMPLETED,
              .assignments = values, .metrics = {give(&metric, sizeof metric), fails ? 0 : 1},
              .objectives = {give(&metric.value, sizeof metric.value), fails ? 0 : 1},
              .best_step = fails ? 0 : end, .message = str(fails ? "it broke" : "")));
}

/* ---- oracles --------------------------------------------------------------------------------- */

static uint64_t asked;

static dodona_status push(void* impl, const dodona_proposal* proposal, uint64_t* trial,
                          dodona_error* why) {
  (void)impl, (void)why;
  printf("trial %llu:", (unsigned long long)asked);
  for (uint64_t i = 0; i < proposal->assignments.size; ++i) {
    printf(" %u =", proposal->assignments.data[i].param);
    print_value(&proposal->assignments.data[i].value);
  }
  printf(" steps %llu to %llu of %lld %.*s\n", (unsigned long long)proposal->start_step,
         (unsigned long long)proposal->budget, (long long)proposal->resume_of,
         (int)proposal->note.size, proposal->note.data);
  append_trial(asked, proposal);
  *trial = asked;
  return DODONA_OK;
}

static const dodona_proposal* fixed_proposal(void) {
  static dodona_assignment values[4];
  values[0] = (dodona_assignment){0, 0, number(.5 + (double)asked / 20)};
  values[1] = (dodona_assignment){1, 0, number(.1)};
  values[2] = (dodona_assignment){2, 0, whole(5)};
  values[3] = (dodona_assignment){3, 0, text("flat")};
  return GIVE(dodona_proposal, .assignments = {values, 4}, .resume_of = DODONA_NO_TRIAL);
}

static uint64_t seen;

static void observe(const dodona_oracle_vtable* table, void* self, uint64_t end) {
  expect(table->observe(self, events + seen, end - seen, error), "observe");
  seen = end;
}

/* Shows each report that is not yet seen, after all that was before it. */
static void judge(const dodona_oracle_vtable* table, void* self) {
  for (uint64_t i = seen; i < event_count; ++i) {
    if (events[i]->type != DODONA_EVENT_REPORTED) continue;
    observe(table, self, i);
    dodona_verdict verdict = 0;
    expect(table->judge(self, events[i], &verdict, error), "judge");
    printf("verdict %d\n", verdict);
  }
}

/* A stopper judges trials that the host makes up. */
static void drive_oracle(const dodona_host* host, const dodona_study* study,
                         const dodona_options* options) {
  const dodona_oracle_vtable* table = plugin->vtable;
  void* self = NULL;
  expect(table->create(host, study, options, &self, error), "create");
  expect(table->set_space(self, make_space(), error), "set_space");
  append_beginning();
  const dodona_proposal_sink* sink = GIVE(dodona_proposal_sink, .push = push);
  dodona_status status = DODONA_OK;
  for (asked = 0; asked < TRIALS && status == DODONA_OK; ++asked) {
    observe(table, self, event_count);
    if (DODONA_HAS(table, dodona_oracle_vtable, propose)) {
      status = table->propose(self, GIVE(dodona_request, .trial = asked), sink, error);
    } else {
      append_trial(asked, fixed_proposal());
    }
    if (DODONA_HAS(table, dodona_oracle_vtable, judge)) judge(table, self);
  }
  if (status != DODONA_OK && status != DODONA_E_EXHAUSTED) expect(status, "propose");
  printf("%llu trials\n", (unsigned long long)asked);
  table->destroy(self);
}

/* ---- sinks ----------------------------------------------------------------------------------- */

static void drive_sink(const dodona_host* host, const dodona_study* study,
                       const dodona_options* options) {
  const dodona_sink_vtable* table = plugin->vtable;
  void* self = NULL;
  expect(table->create(host, study, options, &self, error), "create");
  const dodona_space* space = make_space();
  if (DODONA_HAS(table, dodona_sink_vtable, set_space)) {
    expect(table->set_space(self, space, error), "set_space");
  }
  append_beginning();
  for (asked = 0; asked < TRIALS; ++asked) append_trial(asked, fixed_proposal());
  append(DODONA_EVENT_NOTED, 3,
         GIVE(dodona_noted_event, .key = str("colour"), .value = str("red")));
  append(DODONA_EVENT_STOPPED, DODONA_NO_TRIAL, GIVE(dodona_stopped_event, .reason = str("done")));
  for (; seen < event_count; seen += 10) {
    const uint64_t count = event_count - seen < 10 ? event_count - seen : 10;
    expect(table->consume(self, events + seen, count, error), "consume");
  }
  expect(table->flush(self, error), "flush");
  table->destroy(self);
}

/* ---- hypermodels ----------------------------------------------------------------------------- */

static struct {
  char name[32];
  dodona_value value;
} defined[DEFINED_MAX];
static uint64_t defined_count;

static dodona_status hp_get(dodona_hp* hp, dodona_str name, dodona_value* out, dodona_error* why) {
  (void)hp;
  for (uint64_t i = 0; i < defined_count; ++i) {
    if (!is(name, defined[i].name)) continue;
    *out = defined[i].value;
    return DODONA_OK;
  }
  return refuse(why, "no such hyperparameter");
}

static dodona_status hp_param(dodona_hp* hp, const dodona_param* param, dodona_value* out,
                              dodona_error* why) {
  if (hp_get(hp, param->name, out, NULL) == DODONA_OK) return DODONA_OK;
  if (defined_count == DEFINED_MAX || param->name.size >= sizeof defined[0].name) {
    return refuse(why, "too much");
  }
  const int listed = param->type == DODONA_PARAM_CHOICE || param->type == DODONA_PARAM_FIXED;
  *out = param->type == DODONA_PARAM_FLOAT ? number((3 * param->low.as.d + param->high.as.d) / 4)
         : param->type == DODONA_PARAM_INT ? param->low
         : listed                          ? param->choices[param->choice_count - 1]
                                           : (dodona_value){DODONA_BOOL, 0, {.i = 1}};
  if (out->kind == DODONA_STRING) {
    out->as.s.data = give(out->as.s.data, out->as.s.size);
  }
  memcpy(defined[defined_count].name, param->name.data, param->name.size);
  defined[defined_count++].value = *out;
  printf("param %.*s", (int)param->name.size, param->name.data);
  print_value(out);
  putchar('\n');
  return DODONA_OK;
}

static dodona_status hp_enter(dodona_hp* hp, const dodona_condition* condition, uint32_t* active,
                              dodona_error* why) {
  dodona_value value;
  const dodona_status status = hp_get(hp, condition->parent, &value, why);
  *active = 0;
  for (uint64_t i = 0; status == DODONA_OK && i < condition->count; ++i) {
    const dodona_value* wanted = &condition->values[i];
    const int same = wanted->kind == DODONA_STRING
                         ? wanted->as.s.size == value.as.s.size &&
                               memcmp(wanted->as.s.data, value.as.s.data, value.as.s.size) == 0
                         : wanted->as.i == value.as.i;
    if (same) *active = 1;
  }
  return status;
}

static dodona_status hp_leave(dodona_hp* hp, dodona_error* why) {
  (void)hp, (void)why;
  return DODONA_OK;
}

static dodona_status hp_each(dodona_hp* hp,
                             void (*visit)(void* ctx, dodona_str name, dodona_value value),
                             void* ctx, dodona_error* why) {
  (void)hp, (void)why;
  for (uint64_t i = 0; i < defined_count; ++i) visit(ctx, str(defined[i].name), defined[i].value);
  return DODONA_OK;
}

static void print_metrics(dodona_metric_span metrics) {
  for (uint64_t i = 0; i < metrics.size; ++i) {
    const dodona_metric* each = &metrics.data[i];
    printf(" %.*s %a", (int)each->name.size, each->name.data, each->value);
  }
  putchar('\n');
}

static dodona_status trial_report(dodona_trial* trial, uint64_t step, dodona_metric_span metrics,
                                  dodona_reply* reply, dodona_error* why) {
  (void)trial, (void)why;
  printf("report %llu:", (unsigned long long)step);
  print_metrics(metrics);
  reply->verdict = DODONA_CONTINUE;
  return DODONA_OK;
}

static dodona_status trial_finish(dodona_trial* trial, dodona_metric_span metrics,
                                  dodona_error* why) {
  (void)trial, (void)why;
  printf("finish:");
  print_metrics(metrics);
  return DODONA_OK;
}

static uint32_t trial_cancelled(const dodona_trial* trial) {
  (void)trial;
  return 0;
}

static dodona_status trial_saved(dodona_trial* trial, dodona_error* why) {
  (void)trial;
  return refuse(why, "nothing was asked for");
}

static dodona_status trial_make_directory(dodona_trial* trial, dodona_error* why) {
  (void)trial, (void)why;
  return DODONA_OK;
}

static dodona_status trial_note(dodona_trial* trial, dodona_str key, dodona_str value,
                                dodona_error* why) {
  (void)trial, (void)why;
  printf("note %.*s %.*s\n", (int)key.size, key.data, (int)value.size, value.data);
  return DODONA_OK;
}

static dodona_hp* make_hp(uint32_t discovering) {
  defined_count = 0;
  for (char** each = given; *each; ++each) { /* NAME@: a hyperparameter of the study file */
    const char* end = strchr(*each, '@');
    if (!end) continue;
    memcpy(defined[defined_count].name, *each, (size_t)(end - *each));
    defined[defined_count++].value = number(.25);
  }
  return GIVE(dodona_hp, .discovering = discovering, .param = hp_param, .get = hp_get,
              .enter = hp_enter, .leave = hp_leave, .each = hp_each);
}

static void drive_hypermodel(const dodona_host* host, const dodona_study* study,
                             const dodona_options* options) {
  const dodona_hypermodel_vtable* table = plugin->vtable;
  void* self = NULL;
  expect(table->create(host, study, options, &self, error), "create");
  if (table->declare) expect(table->declare(self, make_hp(1), error), "declare");
  for (uint64_t id = 0; id < 3; ++id) {
    printf("trial %llu\n", (unsigned long long)id);
    dodona_trial* trial =
        GIVE(dodona_trial, .threads = 1, .id = id, .seed = 100 + id, .budget = STEPS,
             .directory = study->directory, .hp = make_hp(0), .report = trial_report,
             .finish = trial_finish, .cancelled = trial_cancelled, .saved = trial_saved,
             .make_directory = trial_make_directory, .note = trial_note);
    if (table->run) {
      expect(table->run(self, trial, error), "run");
      continue;
    }
    void* model = NULL;
    expect(table->build(self, trial->hp, trial, &model, error), "build");
    expect(table->fit(self, model, trial, error), "fit");
    if (DODONA_HAS(table, dodona_hypermodel_vtable, evaluate)) {
      expect(table->evaluate(self, model, trial, error), "evaluate");
    }
    table->release(self, model);
  }
  table->destroy(self);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static const dodona_module* load(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* symbol = library ? dlsym(library, DODONA_ENTRY_SYMBOL) : NULL;
  if (!symbol) quit(dlerror(), NULL);
  const dodona_module* (*entry)(void);
  memcpy(&entry, &symbol, sizeof entry);
  return entry();
}

int main(int argc, char** argv) {
  if (argc < 3) quit("usage: host PLUGIN.so NAME [PATH=TEXT | PATH:SIZE | NAME@]...", NULL);
  const dodona_module* module = load(argv[1]);
  for (uint64_t i = 0; i < module->count; ++i) {
    if (strcmp(module->descriptors[i]->name, argv[2]) == 0) plugin = module->descriptors[i];
  }
  if (!plugin) quit("no such plugin", NULL);
  given = argv + 3;
  error = GIVE(dodona_error, .message = error_text, .capacity = sizeof error_text);
  const dodona_host* host =
      GIVE(dodona_host, .abi_minor = DODONA_ABI_MINOR, .name = str("small"), .version = str("1"),
           .log = host_log, .get_extension = host_extension, .cancelled = host_cancelled,
           .parallel_for = host_loop);
  const dodona_options* options =
      GIVE(dodona_options, .json = str("{}"), .get = options_get, .size = options_size);
  const dodona_objective* objectives[] = {
      GIVE(dodona_objective, .direction = DODONA_MINIMIZE, .name = str("loss"))};
  const dodona_study* study =
      GIVE(dodona_study, .parallel_trials = 1, .seed = 7, .directory = str("."),
           .objectives = objectives, .objective_count = 1, .max_trials = TRIALS, .max_steps = 9);
  if (strcmp(plugin->role, DODONA_ROLE_ORACLE) == 0) drive_oracle(host, study, options);
  if (strcmp(plugin->role, DODONA_ROLE_SINK) == 0) drive_sink(host, study, options);
  if (strcmp(plugin->role, DODONA_ROLE_HYPERMODEL) == 0) drive_hypermodel(host, study, options);
  return 0;
}
