/* SPDX-License-Identifier: Apache-2.0
 *
 * Services of the host, the options of a plugin, and the study that it is created for.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_HOST_H
#define DODONA_ABI_HOST_H

#include <dodona/abi/scalars.h>

DODONA_C_BEGIN

typedef struct dodona_host dodona_host;
/* GROWABLE. The host keeps it alive as long as the object that was created with it: until destroy
 * returns. A plugin's own threads may use it until then. */
struct dodona_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  void* impl;
  dodona_str name;
  dodona_str version;
  /* [any] Writes a line to the application's log, one at a time. Cannot fail: a line that cannot
   * be written is lost. */
  void(DODONA_CALL* log)(const dodona_host*, dodona_level, dodona_str message) DODONA_NOEXCEPT;
  /* [any] The table of an optional feature by its versioned id, or NULL; see extensions.h. The
   * table is valid as long as the host. */
  const void*(DODONA_CALL* get_extension)(const dodona_host*, const char* id)DODONA_NOEXCEPT;
  /* [any] 1 once the study is stopping. Long work should then return DODONA_E_CANCELLED. */
  uint32_t(DODONA_CALL* cancelled)(const dodona_host*) DODONA_NOEXCEPT;
  /* [any] Calls body(ctx, begin, end) on the study's threads, for chunks of `grain` that cover
   * 0..count, and returns when all are done. The chunks depend on count and grain alone: a
   * reduction per chunk gives the same bits on any number of threads. The body may call
   * parallel_for again, and no [trial] or [study] function. After a status of the body other than
   * DODONA_OK no further chunk begins, and the loop answers the first such status. */
  dodona_status(DODONA_CALL* parallel_for)(
      const dodona_host*, uint64_t count, uint64_t grain,
      dodona_status(DODONA_CALL* body)(void* ctx, uint64_t begin, uint64_t end) DODONA_NOEXCEPT,
      void* ctx, dodona_error*) DODONA_NOEXCEPT;
};
#define DODONA_HOST_SIZE_MIN DODONA_SIZE_TO(dodona_host, parallel_for)

typedef struct dodona_options dodona_options;
/* GROWABLE. Options of one plugin. The host has checked them and filled in the defaults. They and
 * the strings that they answer are valid until create returns. */
struct dodona_options {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  dodona_str json; /* all options as one JSON object */
  /* [any] Reads the scalar at a path such as "data", "layers[0]" or "augment.rotate".
   * No scalar there: DODONA_E_INVALID. */
  dodona_status(DODONA_CALL* get)(const dodona_options*, dodona_str path, dodona_value* out,
                                  dodona_error*) DODONA_NOEXCEPT;
  /* [any] Reads the length of the list or object at a path. Neither there: DODONA_E_INVALID. */
  dodona_status(DODONA_CALL* size)(const dodona_options*, dodona_str path, uint64_t* out,
                                   dodona_error*) DODONA_NOEXCEPT;
};
#define DODONA_OPTIONS_SIZE_MIN DODONA_SIZE_TO(dodona_options, size)

/* GROWABLE */
typedef struct dodona_objective {
  uint32_t struct_size;
  dodona_direction direction; /* as the user said it; objectives in events are signed already */
  dodona_str name;
} dodona_objective;
#define DODONA_OBJECTIVE_SIZE_MIN DODONA_SIZE_TO(dodona_objective, name)

/* GROWABLE. Bounds of a metric, included; infinite where there is none. */
typedef struct dodona_limit {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str metric;
  double low;
  double high;
} dodona_limit;
#define DODONA_LIMIT_SIZE_MIN DODONA_SIZE_TO(dodona_limit, high)

/* GROWABLE. For a number that bounds the search, 0 means: no bound. Valid until create returns.
 * max_trials counts the trials of the whole study, max_seconds the time of one search. max_steps is
 * the largest budget of a trial. parallel_trials is the number of trials that may run at a time.
 * There are several objectives for plugins with DODONA_FLAG_OBJECTIVES alone. */
typedef struct dodona_study {
  uint32_t struct_size;
  uint32_t parallel_trials;
  uint64_t seed;
  dodona_str directory; /* the project's; empty if the study writes nothing */
  const dodona_objective* const* objectives;
  uint64_t objective_count;
  uint64_t max_trials;
  uint64_t max_steps;
  double max_seconds;
  uint8_t id[16]; /* random; tells studies apart wherever they lie */
  const dodona_limit* const* limits;
  uint64_t limit_count;
} dodona_study;
#define DODONA_STUDY_SIZE_MIN DODONA_SIZE_TO(dodona_study, max_seconds)

DODONA_C_END
#endif
