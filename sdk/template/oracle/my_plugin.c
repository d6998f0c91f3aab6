/* SPDX-License-Identifier: Apache-2.0 */
/* The oracle my_plugin, in C11: it proposes the values of trials.
 *
 * Its state is a function of the study, the space and the observed events alone: `observe` changes
 * it, and `propose` does not. The random numbers of a proposal come from the study's seed and the
 * trial. The host's extension dodona.space/1 knows which values are legal. <dodona/abi.h> says when
 * each slot is called, and what it may do.
 */
#include <dodona/abi.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
  const dodona_space_extension* arithmetic;
  uint64_t seed;
  double explore;
  const dodona_space* space;      /* the host's, valid until the next set_space */
  dodona_assignment* assignments; /* of the next proposal: room for one of each hyperparameter */
  double* best;                   /* of the best trial: a place in [0, 1], or -1: not active */
  double best_objective;
  int has_best;
} oracle;

static dodona_status fail(dodona_error* error, dodona_status code, const char* text) {
  if (error != NULL) {
    const uint64_t size = strlen(text);
    error->code = code;
    error->size = size < error->capacity ? size : error->capacity;
    memcpy(error->message, text, (size_t)error->size);
  }
  return code;
}

/* SplitMix64: its whole state is made of the seed and the trial. */
static double next_uniform(uint64_t* state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static dodona_status create(const dodona_host* host, const dodona_study* study,
                            const dodona_options* options, void** self, dodona_error* error) {
  const dodona_space_extension* arithmetic = host->get_extension(host, DODONA_EXTENSION_SPACE);
  if (arithmetic == NULL || arithmetic->struct_size < DODONA_SPACE_EXTENSION_SIZE_MIN) {
    return fail(error, DODONA_E_UNSUPPORTED, "this host does not offer " DODONA_EXTENSION_SPACE);
  }
  dodona_value explore;
  const dodona_str path = {"explore", 7};
  const dodona_status status = options->get(options, path, &explore, error);
  if (status != DODONA_OK) return status;
  oracle* made = calloc(1, sizeof *made);
  if (made == NULL) return fail(error, DODONA_E_NO_MEMORY, "out of memory");
  made->arithmetic = arithmetic;
  made->seed = study->seed;
  made->explore = explore.as.d;
  *self = made;
  return DODONA_OK;
}

static void destroy(void* self) {
  oracle* it = self;
  free(it->assignments);
  free(it->best);
  free(it);
}

static dodona_status set_space(void* self, const dodona_space* space, dodona_error* error) {
  oracle* it = self;
  const uint64_t known = it->space != NULL ? it->space->count : 0;
  /* One more than needed, as room for none may be NULL. */
  dodona_assignment* room = realloc(it->assignments, (space->count + 1) * sizeof *room);
  if (room != NULL) it->assignments = room;
  double* best = realloc(it->best, (space->count + 1) * sizeof *best);
  if (best != NULL) it->best = best;
  if (room == NULL || best == NULL) return fail(error, DODONA_E_NO_MEMORY, "out of memory");
  for (uint64_t i = known; i < space->count; ++i) best[i] = -1;
  it->space = space;
  return DODONA_OK;
}

/* Keeps the best values so far. Smaller objectives are better, whatever the study's direction. */
static dodona_status observe(void* self, const dodona_event* const* events, uint64_t count,
                             dodona_error* error) {
  oracle* it = self;
  for (uint64_t i = 0; i < count; ++i) {
    if (events[i]->type != DODONA_EVENT_FINISHED) continue;
    const dodona_finished_event* finished = events[i]->body;
    if (finished->objectives.size == 0) continue;
    const double objective = finished->objectives.data[0];
    if (objective != objective || (it->has_best && objective >= it->best_objective)) continue;
    it->has_best = 1;
    it->best_objective = objective;
    for (uint64_t j = 0; j < it->space->count; ++j) it->best[j] = -1;
    for (uint64_t j = 0; j < finished->assignments.size; ++j) {
      const dodona_assignment* each = &finished->assignments.data[j];
      const dodona_status status = it->arithmetic->to_unit(
          it->space->params[each->param], &each->value, &it->best[each->param], error);
      if (status != DODONA_OK) return status;
    }
  }
  return DODONA_OK;
}

/* Writes values. FILL IN: a better idea than to draw some anew and to keep the others of the best
 * trial. */
static dodona_status draw(oracle* it, uint64_t* random, dodona_assignment_span* values,
                          dodona_error* error) {
  values->data = it->assignments;
  values->size = 0;
  for (uint32_t i = 0; i < it->space->count; ++i) {
    const double u = next_uniform(random);
    const int draws = next_uniform(random) < it->explore || it->best[i] < 0;
    uint32_t active = 0;
    dodona_status status = it->arithmetic->is_active(it->space, i, *values, &active, error);
    if (status != DODONA_OK) return status;
    if (!active) continue;
    dodona_assignment* next = &it->assignments[values->size++];
    memset(next, 0, sizeof *next);
    next->param = i;
    status = it->arithmetic->from_unit(it->space->params[i], draws ? u : it->best[i], &next->value,
                                       error);
    if (status != DODONA_OK) return status;
  }
  return DODONA_OK;
}

static dodona_status propose(void* self, const dodona_request* request,
                             const dodona_proposal_sink* sink, dodona_error* error) {
  oracle* it = self;
  uint64_t random = it->seed ^ (request->trial * UINT64_C(0xD1342543DE82EF95));
  dodona_proposal proposal;
  memset(&proposal, 0, sizeof proposal);
  proposal.struct_size = sizeof proposal;
  proposal.resume_of = DODONA_NO_TRIAL;
  proposal.repeat_of = DODONA_NO_TRIAL;
  uint32_t feasible = 0; /* 1 once the values keep the constraints of the space */
  for (int draws = 0; draws < 10000 && !feasible; ++draws) {
    dodona_status status = draw(it, &random, &proposal.assignments, error);
    if (status != DODONA_OK) return status;
    status = it->arithmetic->is_feasible(it->space, proposal.assignments, &feasible, error);
    if (status != DODONA_OK) return status;
  }
  uint64_t trial = DODONA_NO_TRIAL;
  return sink->push(sink->impl, &proposal, &trial, error);
}

static const dodona_oracle_vtable table = {
    .struct_size = sizeof table,
    .create = create,
    .destroy = destroy,
    .set_space = set_space,
    .observe = observe,
    .propose = propose,
};

static const dodona_option explore = {
    .struct_size = sizeof explore,
    .kind = DODONA_DOUBLE,
    .name = "explore",
    .help = "the share of values that are drawn anew; more explores, less refines",
    .initial = {.kind = DODONA_DOUBLE, .as.d = 0.5},
    .low = {.kind = DODONA_DOUBLE, .as.d = 0},
    .high = {.kind = DODONA_DOUBLE, .as.d = 1},
};

static const dodona_option* const options[] = {&explore};

static const dodona_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .role = DODONA_ROLE_ORACLE,
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
