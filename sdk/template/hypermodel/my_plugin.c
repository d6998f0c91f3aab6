/* SPDX-License-Identifier: Apache-2.0 */
/* The hypermodel my_plugin, in C11: it trains and scores for given values of hyperparameters.
 *
 * The questions of `ask` describe the space. One object serves all trials, and `run` is called by
 * several threads at once. <dodona/abi.h> says when each slot is called, and what it may do.
 */
#include <dodona/abi.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
  uint64_t steps; /* of a trial without a budget */
} hypermodel;

static dodona_status fail(dodona_error* error, dodona_status code, const char* text) {
  if (error != NULL) {
    const uint64_t size = strlen(text);
    error->code = code;
    error->size = size < error->capacity ? size : error->capacity;
    memcpy(error->message, text, (size_t)error->size);
  }
  return code;
}

static dodona_str text_of(const char* text) {
  const dodona_str out = {text, strlen(text)};
  return out;
}

static dodona_status create(const dodona_host* host, const dodona_study* study,
                            const dodona_options* options, void** self, dodona_error* error) {
  (void)host, (void)study;
  dodona_value steps;
  const dodona_status status = options->get(options, text_of("steps"), &steps, error);
  if (status != DODONA_OK) return status;
  hypermodel* made = calloc(1, sizeof *made);
  if (made == NULL) return fail(error, DODONA_E_NO_MEMORY, "out of memory");
  made->steps = (uint64_t)steps.as.i;
  *self = made;
  return DODONA_OK;
}

static void destroy(void* self) {
  free(self);
}

/* ---- the hyperparameters --------------------------------------------------------------------- */

static dodona_status ask_real(dodona_hp* hp, const char* name, double low, double high,
                              dodona_sampling sampling, double* out, dodona_error* error) {
  dodona_param param;
  memset(&param, 0, sizeof param);
  param.struct_size = sizeof param;
  param.type = DODONA_PARAM_FLOAT;
  param.name = text_of(name);
  param.sampling = sampling;
  param.low.kind = param.high.kind = DODONA_DOUBLE;
  param.low.as.d = low;
  param.high.as.d = high;
  dodona_value value;
  const dodona_status status = hp->param(hp, &param, &value, error);
  if (status == DODONA_OK) *out = value.as.d;
  return status;
}

static dodona_status ask_boolean(dodona_hp* hp, const char* name, int* out, dodona_error* error) {
  dodona_param param;
  memset(&param, 0, sizeof param);
  param.struct_size = sizeof param;
  param.type = DODONA_PARAM_BOOLEAN;
  param.name = text_of(name);
  param.sampling = DODONA_LINEAR;
  dodona_value value;
  const dodona_status status = hp->param(hp, &param, &value, error);
  if (status == DODONA_OK) *out = value.as.i != 0;
  return status;
}

typedef struct {
  double rate;
  double friction; /* asked for only with momentum */
} values;

static dodona_status ask(dodona_hp* hp, values* out, dodona_error* error) {
  dodona_status status = ask_real(hp, "rate", 1e-3, 0.5, DODONA_LOG, &out->rate, error);
  if (status != DODONA_OK) return status;
  int momentum = 0;
  status = ask_boolean(hp, "momentum", &momentum, error);
  if (status != DODONA_OK) return status;
  out->friction = 1;
  dodona_value yes;
  memset(&yes, 0, sizeof yes);
  yes.kind = DODONA_BOOL;
  yes.as.i = 1;
  dodona_condition condition;
  memset(&condition, 0, sizeof condition);
  condition.parent = text_of("momentum");
  condition.op = DODONA_WHEN_EQUAL;
  condition.values = &yes;
  condition.count = 1;
  uint32_t active = 0;
  status = hp->enter(hp, &condition, &active, error);
  if (status != DODONA_OK) return status;
  if (active) status = ask_real(hp, "friction", 0.05, 1, DODONA_LINEAR, &out->friction, error);
  const dodona_status left = hp->leave(hp, error);
  return status != DODONA_OK ? status : left;
}

static dodona_status declare(void* self, dodona_hp* hp, dodona_error* error) {
  (void)self;
  values unused;
  return ask(hp, &unused, error);
}

/* ---- training -------------------------------------------------------------------------------- */

/* FILL IN: the model. This one rolls down the valley position^2. */
static dodona_status run(void* self, dodona_trial* trial, dodona_error* error) {
  const hypermodel* it = self;
  values now;
  dodona_status status = ask(trial->hp, &now, error);
  if (status != DODONA_OK) return status;
  double position = 1, speed = 0;
  const uint64_t end = trial->budget > 0 ? trial->budget : it->steps;
  for (uint64_t step = 1; step <= end; ++step) {
    speed = (1 - now.friction) * speed - now.rate * 2 * position;
    position += speed;
    if (step <= trial->start_step) continue; /* done before: this model is quick to do it again */
    dodona_metric loss;
    memset(&loss, 0, sizeof loss);
    loss.name = text_of("loss");
    loss.value = position * position;
    const dodona_metric_span metrics = {&loss, 1};
    /* The reply ends at the verdict, which says that this function cannot save. */
    dodona_reply reply;
    memset(&reply, 0, sizeof reply);
    reply.struct_size = DODONA_SIZE_TO(dodona_reply, verdict);
    status = trial->report(trial, step, metrics, &reply, error);
    if (status != DODONA_OK) return status;
    if (reply.verdict != DODONA_CONTINUE) return fail(error, DODONA_E_CANCELLED, "cancelled");
  }
  return DODONA_OK;
}

static dodona_status metrics(void* self,
                             void (*push)(void* ctx, dodona_str name, dodona_direction direction),
                             void* ctx, dodona_error* error) {
  (void)self, (void)error;
  push(ctx, text_of("loss"), DODONA_MINIMIZE);
  return DODONA_OK;
}

static const dodona_hypermodel_vtable table = {
    .struct_size = sizeof table,
    .create = create,
    .destroy = destroy,
    .declare = declare,
    .run = run,
    .metrics = metrics,
};

static const dodona_option steps = {
    .struct_size = sizeof steps,
    .kind = DODONA_INT,
    .name = "steps",
    .help = "of a trial without a budget; more train longer",
    .initial = {.kind = DODONA_INT, .as.i = 20},
    .low = {.kind = DODONA_INT, .as.i = 1},
    .high = {.kind = DODONA_INT, .as.i = 10000},
};

static const dodona_option* const options[] = {&steps};

static const dodona_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .role = DODONA_ROLE_HYPERMODEL,
    .id = "org.example.my_plugin",
    .name = "my_plugin",
    .version = "0.1.0",
    .license = "Apache-2.0",
    .description = "FILL IN: what it does",
    .options = options,
    .option_count = 1,
    .vtable = &table,
};

static const dodona_descriptor* const descriptors[] = {&descriptor};

static const dodona_module module = {
    .struct_size = sizeof module,
    .abi_epoch = DODONA_ABI_EPOCH,
    .minor_built = DODONA_ABI_MINOR,
    .minor_needed = DODONA_ABI_BREAK,
    .build = __VERSION__,
    .descriptors = descriptors,
    .count = 1,
};

const dodona_module* dodona_module_v0(void) {
  return &module;
}
