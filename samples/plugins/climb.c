/* SPDX-License-Identifier: Apache-2.0
 *
 * Oracle `climb`, in C11: a hill climber that starts anew from the best values so far.
 *
 * It is written from dodona/abi.h alone. The host's extension dodona.space/1 knows which values are
 * legal, so no arithmetic of grids, samplings and conditions stands here. Each hyperparameter is a
 * coordinate in [0, 1].
 *
 * The state is a fold over the log: `observe` alone changes it. The random numbers of a proposal
 * come from the study's seed and the trial's id.
 *
 * Cost: O(n^2) comparisons of names for a proposal of n hyperparameters with conditions.
 */
#include <dodona/abi.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { kFirstTrials = 8 }; /* at random, before there is something to climb from */

typedef struct {
  const dodona_host* host;
  const dodona_space_extension* arithmetic;
  uint64_t seed;
  const dodona_space* space;      /* the host's, valid until the next set_space */
  dodona_assignment* assignments; /* of the next proposal: room for one of each hyperparameter */
  double* best;                   /* a coordinate for each hyperparameter; NaN: not active */
  double best_objective;          /* infinite: none yet */
  double width;                   /* of a step */
} climber;

/* ---- answers --------------------------------------------------------------------------------- */

static dodona_status fail(dodona_error* error, dodona_status code, const char* text) {
  if (error != NULL) {
    uint64_t size = strlen(text);
    if (size > error->capacity) size = error->capacity;
    if (size > 0) memcpy(error->message, text, size);
    error->code = code;
    error->size = size;
  }
  return code;
}

/* ---- random numbers -------------------------------------------------------------------------- */

/* A generator whose whole state is made of seed and trial (Steele, Lea & Flood 2014, SplitMix). */
static uint64_t next_bits(uint64_t* state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static double next_uniform(uint64_t* state) {
  return (double)(next_bits(state) >> 11) * 0x1p-53;
}

/* ---- the slots ------------------------------------------------------------------------------- */

static dodona_status create(const dodona_host* host, const dodona_study* study,
                            const dodona_options* options, void** self, dodona_error* error) {
  (void)options;
  const dodona_space_extension* arithmetic = host->get_extension(host, DODONA_EXTENSION_SPACE);
  if (arithmetic == NULL || arithmetic->struct_size < DODONA_SPACE_EXTENSION_SIZE_MIN) {
    return fail(error, DODONA_E_UNSUPPORTED, "this host does not offer " DODONA_EXTENSION_SPACE);
  }
  climber* made = calloc(1, sizeof *made);
  if (made == NULL) return fail(error, DODONA_E_NO_MEMORY, "out of memory");
  made->host = host;
  made->arithmetic = arithmetic;
  made->seed = study->seed;
  made->best_objective = INFINITY;
  made->width = 0.3;
  *self = made;
  return DODONA_OK;
}

static void destroy(void* self) {
  climber* it = self;
  free(it->assignments);
  free(it->best);
  free(it);
}

static dodona_status set_space(void* self, const dodona_space* space, dodona_error* error) {
  climber* it = self;
  const uint64_t known = it->space != NULL ? it->space->count : 0;
  /* One more than needed, as room for none may be NULL. */
  dodona_assignment* room = realloc(it->assignments, (space->count + 1) * sizeof *room);
  if (room != NULL) it->assignments = room;
  double* best = realloc(it->best, (space->count + 1) * sizeof *best);
  if (best != NULL) it->best = best;
  if (room == NULL || best == NULL) return fail(error, DODONA_E_NO_MEMORY, "out of memory");
  for (uint64_t i = known; i < space->count; ++i) best[i] = NAN;
  it->space = space;
  return DODONA_OK;
}

/* Takes the values of a better trial. */
static dodona_status climb(climber* it, const dodona_finished_event* finished,
                           dodona_error* error) {
  for (uint64_t i = 0; i < it->space->count; ++i) it->best[i] = NAN;
  for (uint64_t i = 0; i < finished->assignments.size; ++i) {
    const dodona_assignment* each = &finished->assignments.data[i];
    const dodona_status status = it->arithmetic->to_unit(
        it->space->params[each->param], &each->value, &it->best[each->param], error);
    if (status != DODONA_OK) return status;
  }
  return DODONA_OK;
}

static dodona_status observe(void* self, const dodona_event* const* events, uint64_t count,
                             dodona_error* error) {
  climber* it = self;
  for (uint64_t i = 0; i < count; ++i) {
    if (events[i]->type != DODONA_EVENT_FINISHED) continue; /* unknown types too */
    const dodona_finished_event* finished = events[i]->body;
    if (finished->state != DODONA_COMPLETED || finished->objectives.size == 0) continue;
    const double objective = finished->objectives.data[0]; /* smaller is better */
    if (!isfinite(objective)) continue;
    const int better = objective < it->best_objective;
    /* Steps get longer while they succeed, and shorter where they do not. */
    if (isfinite(it->best_objective)) it->width *= better ? 1.5 : 0.93;
    it->width = fmin(0.5, fmax(0.01, it->width));
    if (!better) continue;
    it->best_objective = objective;
    const dodona_status status = climb(it, finished, error);
    if (status != DODONA_OK) return status;
  }
  return DODONA_OK;
}

/* The coordinate of hyperparameter i. Takes three random numbers, whatever comes of them. */
static double next_coordinate(const climber* it, uint64_t i, int climbs, uint64_t* random) {
  const dodona_param* param = it->space->params[i];
  const double moves = next_uniform(random);
  const double first = next_uniform(random);
  const double second = next_uniform(random);
  if (!climbs || isnan(it->best[i])) return first;
  const int is_number =
      param->type == DODONA_PARAM_INT || param->type == DODONA_PARAM_FLOAT || param->ordered;
  if (!is_number) return moves < it->width ? first : it->best[i];
  if (moves < 0.5) return it->best[i];
  const double u = it->best[i] + it->width * (first + second - 1);
  return u < 0 ? -u : u > 1 ? 2 - u : u; /* reflected at the bounds */
}

/* Writes the values of the next point. */
static dodona_status draw(climber* it, int climbs, uint64_t* random, dodona_assignment_span* values,
                          dodona_error* error) {
  values->data = it->assignments;
  values->size = 0;
  for (uint32_t i = 0; i < it->space->count; ++i) {
    const double u = next_coordinate(it, i, climbs, random);
    uint32_t active = 0;
    dodona_status status = it->arithmetic->is_active(it->space, i, *values, &active, error);
    if (status != DODONA_OK) return status;
    if (!active) continue;
    dodona_assignment* next = &it->assignments[values->size++];
    memset(next, 0, sizeof *next);
    next->param = i;
    status = it->arithmetic->from_unit(it->space->params[i], u, &next->value, error);
    if (status != DODONA_OK) return status;
  }
  return DODONA_OK;
}

static dodona_status propose(void* self, const dodona_request* request,
                             const dodona_proposal_sink* sink, dodona_error* error) {
  climber* it = self;
  uint64_t random = it->seed ^ (request->trial * UINT64_C(0xD1342543DE82EF95));
  random = next_bits(&random);
  const int climbs = request->trial >= kFirstTrials && isfinite(it->best_objective);

  dodona_proposal proposal;
  memset(&proposal, 0, sizeof proposal);
  proposal.struct_size = sizeof proposal;
  proposal.resume_of = DODONA_NO_TRIAL;
  proposal.repeat_of = DODONA_NO_TRIAL;
  /* Draws until the constraints are kept. Where no step from the best keeps them, any values may. */
  uint32_t feasible = 0;
  for (int draws = 0; draws < 10000 && !feasible; ++draws) {
    dodona_status status = draw(it, climbs && draws < 100, &random, &proposal.assignments, error);
    if (status != DODONA_OK) return status;
    status = it->arithmetic->is_feasible(it->space, proposal.assignments, &feasible, error);
    if (status != DODONA_OK) return status;
  }
  uint64_t trial = DODONA_NO_TRIAL;
  return sink->push(sink->impl, &proposal, &trial, error);
}

/* ---- the tables ------------------------------------------------------------------------------ */

static const dodona_oracle_vtable kTable = {
    .struct_size = sizeof kTable,
    .create = create,
    .destroy = destroy,
    .set_space = set_space,
    .observe = observe,
    .propose = propose,
};

static const dodona_descriptor kDescriptor = {
    .struct_size = sizeof kDescriptor,
    .role = DODONA_ROLE_ORACLE,
    .id = "org.example.climb",
    .name = "climb",
    .version = "0.1.0",
    .license = "Apache-2.0",
    .description = "a hill climber in C, from the best values so far",
    .vtable = &kTable,
};

static const dodona_descriptor* const kDescriptors[] = {&kDescriptor};

static const dodona_module kModule = {
    .struct_size = sizeof kModule,
    .abi_epoch = DODONA_ABI_EPOCH,
    .minor_built = DODONA_ABI_MINOR,
    .minor_needed = DODONA_ABI_BREAK,
    .build = __VERSION__,
    .descriptors = kDescriptors,
    .count = 1,
};

const dodona_module* dodona_module_v0(void) {
  return &kModule;
}
