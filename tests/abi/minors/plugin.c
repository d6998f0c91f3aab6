/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of each role in plain C. Tests build it with copies of the contract that know less
 * (SHORTER) or more (LONGER) than the host, and expect the same search from all of them.
 *
 * A struct that the host fills has a guard behind it, and a tail of 0xA5 in the longer copy. A slot
 * fails if the host wrote there, or if the host says that it knows the tail.
 */
#include <dodona/abi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A5 UINT64_C(0xA5A5A5A5A5A5A5A5)
#ifdef LONGER
#define TAIL .future = {A5, A5, A5, A5},
#define TAIL_OF(it) (it).future[0] == A5 && (it).future[3] == A5
#define KNOWS_TAIL(p, type) DODONA_KNOWS(p, type, future)
#else
#define TAIL
#define TAIL_OF(it) ((void)(it), 1)
#define KNOWS_TAIL(p, type) ((void)(p), 0)
#endif
#ifdef SHORTER
#define BEYOND(...)
#else
#define BEYOND(...) __VA_ARGS__
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef NEEDED
#define NEEDED DODONA_ABI_BREAK
#endif

enum { PARAMS_MAX = 8, CHOICES_MAX = 8, TRIALS_MAX = 64, TEXT_MAX = 16 };

static dodona_str str(const char* text) {
  return (dodona_str){text, strlen(text)};
}

static dodona_status fail(dodona_error* error, const char* text) {
  if (error) {
    uint64_t size = strlen(text);
    error->code = DODONA_E_FAILED;
    error->size = size < error->capacity ? size : error->capacity;
    memcpy(error->message, text, error->size);
  }
  return DODONA_E_FAILED;
}

/* ---- oracle ---------------------------------------------------------------------------------- */

struct param {
  dodona_param_type type;
  dodona_value low, high;
  uint64_t choice_count;
  char choices[CHOICES_MAX][TEXT_MAX];
};

/* Walks around the best trial; a function of study, space and events. */
struct oracle {
  uint64_t seed, count;
  struct param params[PARAMS_MAX];
  double units[TRIALS_MAX][PARAMS_MAX]; /* of each trial, in [0, 1] */
  double best;
  uint64_t best_trial;
};

static dodona_status oracle_create(const dodona_host* host, const dodona_study* study,
                                   const dodona_options* options, void** self,
                                   dodona_error* error) {
  if (KNOWS_TAIL(host, dodona_host) || KNOWS_TAIL(study, dodona_study) ||
      KNOWS_TAIL(options, dodona_options)) {
    return fail(error, "the host knows what no host knows");
  }
  struct oracle* oracle = calloc(1, sizeof *oracle);
  if (!oracle) return DODONA_E_NO_MEMORY;
  oracle->seed = study->seed;
  oracle->best_trial = DODONA_NO_TRIAL;
  *self = oracle;
  return DODONA_OK;
}

static void destroy(void* self) {
  free(self);
}

static dodona_status oracle_set_space(void* self, const dodona_space* space, dodona_error* error) {
  struct oracle* oracle = self;
  if (space->count > PARAMS_MAX) return fail(error, "too many hyperparameters");
  oracle->count = space->count;
  for (uint64_t i = 0; i < space->count; ++i) {
    const dodona_param* in = space->params[i];
    struct param* out = &oracle->params[i];
    *out = (struct param){in->type, in->low, in->high, in->choice_count, {""}};
    for (uint64_t c = 0; in->type == DODONA_PARAM_CHOICE && c < in->choice_count; ++c) {
      memcpy(out->choices[c], in->choices[c].as.s.data, in->choices[c].as.s.size);
    }
  }
  return DODONA_OK;
}

static double unit_of(const struct param* param, const dodona_value* value) {
  if (param->type == DODONA_PARAM_FLOAT) {
    return (value->as.d - param->low.as.d) / (param->high.as.d - param->low.as.d);
  }
  if (param->type == DODONA_PARAM_INT) {
    return ((double)(value->as.i - param->low.as.i) + .5) /
           (double)(param->high.as.i - param->low.as.i + 1);
  }
  for (uint64_t c = 0; c < param->choice_count; ++c) {
    if (strncmp(param->choices[c], value->as.s.data, value->as.s.size) == 0) {
      return ((double)c + .5) / (double)param->choice_count;
    }
  }
  return 0;
}

static dodona_value value_at(const struct param* param, double unit) {
  if (param->type == DODONA_PARAM_FLOAT) {
    const double low = param->low.as.d;
    return (dodona_value){DODONA_DOUBLE, 0, {.d = low + (param->high.as.d - low) * unit}};
  }
  if (param->type == DODONA_PARAM_INT) {
    const int64_t count = param->high.as.i - param->low.as.i + 1;
    return (dodona_value){DODONA_INT, 0, {.i = param->low.as.i + (int64_t)((double)count * unit)}};
  }
  const uint64_t choice = (uint64_t)((double)param->choice_count * unit);
  return (dodona_value){DODONA_STRING, 0, {.s = str(param->choices[choice])}};
}

static dodona_status oracle_observe(void* self, const dodona_event* const* events, uint64_t count,
                                    dodona_error* error) {
  struct oracle* oracle = self;
  for (uint64_t i = 0; i < count; ++i) {
    const dodona_event* event = events[i];
    if (KNOWS_TAIL(event, dodona_event)) return fail(error, "an event with a tail");
    if (event->type == DODONA_EVENT_PROPOSED) {
      const dodona_proposed_event* body = event->body;
      for (uint64_t k = 0; k < body->assignments.size; ++k) {
        const dodona_assignment* each = &body->assignments.data[k];
        oracle->units[event->trial % TRIALS_MAX][each->param] =
            unit_of(&oracle->params[each->param], &each->value);
      }
    }
    if (event->type == DODONA_EVENT_FINISHED) {
      const dodona_finished_event* body = event->body;
      if (body->objectives.size == 0 || body->state != DODONA_COMPLETED) continue;
      const double score = body->objectives.data[0];
      if (oracle->best_trial == DODONA_NO_TRIAL || score < oracle->best) {
        oracle->best = score;
        oracle->best_trial = event->trial;
      }
    }
  }
  return DODONA_OK;
}

static double next_unit(uint64_t* state) {
  *state += UINT64_C(0x9E3779B97F4A7C15);
  uint64_t x = *state;
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

static dodona_status oracle_propose(void* self, const dodona_request* request,
                                    const dodona_proposal_sink* sink, dodona_error* error) {
  struct oracle* oracle = self;
  uint64_t state = oracle->seed ^ (request->trial * UINT64_C(0xD1B54A32D192ED03));
  dodona_assignment assignments[PARAMS_MAX];
  for (uint64_t i = 0; i < oracle->count; ++i) {
    double unit = next_unit(&state);
    if (oracle->best_trial != DODONA_NO_TRIAL && request->trial % 2 == 1) {
      unit = oracle->units[oracle->best_trial % TRIALS_MAX][i] + (unit - .5) * .2;
      unit = unit < 0 ? 0 : unit > .999 ? .999 : unit;
    }
    assignments[i] = (dodona_assignment){(uint32_t)i, 0, value_at(&oracle->params[i], unit)};
  }
  const dodona_proposal proposal = {.struct_size = sizeof proposal,
                                    .assignments = {assignments, oracle->count},
                                    .resume_of = DODONA_NO_TRIAL,
                                    .note = {"{\"by\": \"walk\"}", 14},
                                    BEYOND(.repeat_of = DODONA_NO_TRIAL, ) TAIL};
  uint64_t trial = 0;
  return sink->push(sink->impl, &proposal, &trial, error);
}

static const dodona_oracle_vtable oracle_table = {.struct_size = sizeof oracle_table,
                                                  .create = oracle_create,
                                                  .destroy = destroy,
                                                  .set_space = oracle_set_space,
                                                  .observe = oracle_observe,
                                                  .propose = oracle_propose,
                                                  TAIL};

/* ---- hypermodel ------------------------------------------------------------------------------ */

struct hill {
  double scale;
};

struct model {
  double x;
  int64_t n;
  int bent;
};

static dodona_status hill_create(const dodona_host* host, const dodona_study* study,
                                 const dodona_options* options, void** self, dodona_error* error) {
  (void)study;
  struct {
    dodona_error it;
    uint64_t guard;
    char text[64];
  } own = {{.struct_size = sizeof(dodona_error), .capacity = sizeof own.text, TAIL}, A5, ""};
  own.it.message = own.text;
  dodona_value value;
  if (options->get(options, str("no_such_option"), &value, &own.it) != DODONA_E_INVALID ||
      own.it.size == 0 || own.guard != A5 || !(TAIL_OF(own.it))) {
    return fail(error, "the host wrote an error otherwise than it was asked to");
  }
  const dodona_status status = options->get(options, str("scale"), &value, error);
  if (status != DODONA_OK) return status;
  if (host->get_extension(host, "com.example.future/1")) return fail(error, "an unknown extension");
  struct hill* hill = malloc(sizeof *hill);
  if (!hill) return DODONA_E_NO_MEMORY;
  hill->scale = value.as.d;
  *self = hill;
  return DODONA_OK;
}

static dodona_status ask(dodona_hp* hp, struct model* model, dodona_error* error) {
  const dodona_value kinds[] = {{DODONA_STRING, 0, {.s = str("flat")}},
                                {DODONA_STRING, 0, {.s = str("bent")}}};
  const dodona_param x = {.struct_size = sizeof x,
                          .type = DODONA_PARAM_FLOAT,
                          .name = str("x"),
                          .low = {DODONA_DOUBLE, 0, {.d = -1}},
                          .high = {DODONA_DOUBLE, 0, {.d = 3}},
                          .sampling = DODONA_LINEAR,
                          TAIL};
  const dodona_param n = {.struct_size = sizeof n,
                          .type = DODONA_PARAM_INT,
                          .name = str("n"),
                          .low = {DODONA_INT, 0, {.i = 1}},
                          .high = {DODONA_INT, 0, {.i = 9}},
                          .sampling = DODONA_LINEAR,
                          TAIL};
  const dodona_param kind = {.struct_size = sizeof kind,
                             .type = DODONA_PARAM_CHOICE,
                             .name = str("kind"),
                             .choices = kinds,
                             .choice_count = 2,
                             TAIL};
  dodona_value value;
  if (KNOWS_TAIL(hp, dodona_hp)) return fail(error, "hp with a tail");
  dodona_status status = hp->param(hp, &x, &value, error);
  if (status != DODONA_OK) return status;
  model->x = value.as.d;
  status = hp->param(hp, &n, &value, error);
  if (status != DODONA_OK) return status;
  model->n = value.as.i;
  status = hp->param(hp, &kind, &value, error);
  if (status != DODONA_OK) return status;
  model->bent = value.as.s.size == 4 && memcmp(value.as.s.data, "bent", 4) == 0;
  return DODONA_OK;
}

static dodona_status hill_declare(void* self, dodona_hp* hp, dodona_error* error) {
  struct model unused;
  (void)self;
  return ask(hp, &unused, error);
}

static dodona_status hill_build(void* self, dodona_hp* hp, dodona_trial* trial, void** model,
                                dodona_error* error) {
  (void)self, (void)trial;
  struct model made;
  const dodona_status status = ask(hp, &made, error);
  if (status != DODONA_OK) return status;
  *model = malloc(sizeof made);
  if (!*model) return DODONA_E_NO_MEMORY;
  memcpy(*model, &made, sizeof made);
  return DODONA_OK;
}

static dodona_status hill_fit(void* self, void* model, dodona_trial* trial, dodona_error* error) {
  const struct hill* hill = self;
  const struct model* in = model;
  if (KNOWS_TAIL(trial, dodona_trial)) return fail(error, "a trial with a tail");
  const double floor = hill->scale * (in->x - 1) * (in->x - 1) + (double)in->n + (in->bent ? 0 : 2);
  dodona_metric metric = {str("loss"), floor, 0};
  for (uint64_t step = trial->start_step + 1; step <= 3; ++step) {
    struct {
      dodona_reply it;
      uint64_t guard;
    } reply = {{.struct_size = sizeof(dodona_reply), TAIL}, A5};
    metric.value = floor + 1 / (double)step;
    const dodona_status status =
        trial->report(trial, step, (dodona_metric_span){&metric, 1}, &reply.it, error);
    if (status != DODONA_OK) return status;
    if (reply.guard != A5 || !(TAIL_OF(reply.it))) return fail(error, "the reply is too long");
    if (reply.it.verdict != DODONA_CONTINUE) return DODONA_E_CANCELLED;
  }
  return trial->finish(trial, (dodona_metric_span){&metric, 1}, error);
}

static void hill_release(void* self, void* model) {
  (void)self;
  free(model);
}

static const dodona_hypermodel_vtable hill_table = {.struct_size = sizeof hill_table,
                                                    .create = hill_create,
                                                    .destroy = destroy,
                                                    .declare = hill_declare,
                                                    .build = hill_build,
                                                    .fit = hill_fit,
                                                    .release = hill_release,
                                                    TAIL};

/* ---- sink ------------------------------------------------------------------------------------ */

static dodona_status diary_create(const dodona_host* host, const dodona_study* study,
                                  const dodona_options* options, void** self, dodona_error* error) {
  (void)host, (void)options;
  char path[4096];
  snprintf(path, sizeof path, "%.*s/diary.txt", (int)study->directory.size, study->directory.data);
  *self = fopen(path, "w");
  return *self ? DODONA_OK : fail(error, "diary.txt cannot be written");
}

static void diary_destroy(void* self) {
  fclose(self);
}

static dodona_status diary_consume(void* self, const dodona_event* const* events, uint64_t count,
                                   dodona_error* error) {
  for (uint64_t i = 0; i < count; ++i) {
    const dodona_event* event = events[i];
    if (KNOWS_TAIL(event, dodona_event)) return fail(error, "an event with a tail");
    fprintf(self, "%llu %d %lld", (unsigned long long)event->sequence, event->type,
            (long long)event->trial);
    if (event->type == DODONA_EVENT_REPORTED) {
      const dodona_reported_event* body = event->body;
      fprintf(self, " %llu %.*s %a %a %d", (unsigned long long)body->step,
              (int)body->metrics.data[0].name.size, body->metrics.data[0].name.data,
              body->metrics.data[0].value, body->objectives.data[0], body->verdict);
    }
    if (event->type == DODONA_EVENT_FINISHED) {
      const dodona_finished_event* body = event->body;
      fprintf(self, " %d %llu %a", body->state, (unsigned long long)body->best_step,
              body->objectives.data[0]);
    }
    fputc('\n', self);
  }
  return DODONA_OK;
}

static dodona_status diary_flush(void* self, dodona_error* error) {
  return fflush(self) == 0 ? DODONA_OK : fail(error, "diary.txt cannot be written");
}

static const dodona_sink_vtable diary_table = {.struct_size = sizeof diary_table,
                                               .create = diary_create,
                                               .destroy = diary_destroy,
                                               .consume = diary_consume,
                                               .flush = diary_flush,
                                               TAIL};

/* ---- module ---------------------------------------------------------------------------------- */

static const dodona_option scale = {.struct_size = sizeof scale,
                                    .kind = DODONA_DOUBLE,
                                    .name = "scale",
                                    .help = "steepness of the hill",
                                    .initial = {DODONA_DOUBLE, 0, {.d = 2}},
                                    .low = {DODONA_DOUBLE, 0, {.d = 0}},
                                    TAIL};
static const dodona_option* const options[] = {&scale};

#define DESCRIPTOR(role_, name_, table_, count_)                                                   \
  {                                                                                                \
    .struct_size = sizeof(dodona_descriptor), .flags = FLAGS, .role = role_,                       \
    .id = "org.example.minors." name_, .name = name_, .version = "1.0.0", .license = "Apache-2.0", \
    .description = "of another minor", .options = options, .option_count = count_,                 \
    .vtable = table_, TAIL                                                                         \
  }

static const dodona_descriptor walk = DESCRIPTOR(DODONA_ROLE_ORACLE, "walk", &oracle_table, 0);
static const dodona_descriptor hill = DESCRIPTOR(DODONA_ROLE_HYPERMODEL, "hill", &hill_table, 1);
static const dodona_descriptor diary = DESCRIPTOR(DODONA_ROLE_SINK, "diary", &diary_table, 0);
#ifdef LONGER
/* A role to come, with a kind of option and a flag to come, and no table that this host knows. */
static const dodona_option crystal = {
    .struct_size = sizeof crystal, .kind = 77, .name = "crystal", .help = "a ball", TAIL};
static const dodona_option* const crystals[] = {&crystal};
static const dodona_descriptor prophet = {.struct_size = sizeof prophet,
                                          .flags = 1u << 30,
                                          .role = "dodona.prophet/1",
                                          .id = "org.example.minors.prophet",
                                          .name = "prophet",
                                          .version = "1.0.0",
                                          .license = "Apache-2.0",
                                          .description = "of a role to come",
                                          .options = crystals,
                                          .option_count = 1,
                                          TAIL};
static const dodona_descriptor* const descriptors[] = {&prophet, &walk, &hill, &diary};
#else
static const dodona_descriptor* const descriptors[] = {&walk, &hill, &diary};
#endif

static const dodona_module module = {.struct_size = sizeof module,
                                     .abi_epoch = DODONA_ABI_EPOCH,
                                     .minor_built = DODONA_ABI_MINOR,
                                     .minor_needed = NEEDED,
                                     .build = "minors",
                                     .descriptors = descriptors,
                                     .count = sizeof descriptors / sizeof *descriptors,
                                     TAIL};

const dodona_module* dodona_module_v0(void) {
  return &module;
}
