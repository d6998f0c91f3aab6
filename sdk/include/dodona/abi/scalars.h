/* SPDX-License-Identifier: Apache-2.0
 *
 * Status codes, values, metrics and errors, of which all else is made.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_SCALARS_H
#define DODONA_ABI_SCALARS_H

#include <stddef.h>
#include <stdint.h>

/* Part of every function type from C++17 on: a function that may throw does not fit a slot. */
#if defined(__cplusplus) && __cplusplus >= 201703L
#define DODONA_NOEXCEPT noexcept
#else
#define DODONA_NOEXCEPT
#endif

#ifdef __cplusplus
#define DODONA_C_BEGIN extern "C" {
#define DODONA_C_END }
#else
#define DODONA_C_BEGIN
#define DODONA_C_END
#endif

/* The calling convention of every function here, and what exports the entry. */
#ifdef _WIN32
#define DODONA_CALL __cdecl
#define DODONA_EXPORT __declspec(dllexport)
#else
#define DODONA_CALL
#define DODONA_EXPORT __attribute__((visibility("default")))
#endif

#define DODONA_ABI_EPOCH 0u /* part of the entry symbol's name */
#define DODONA_ABI_MINOR 7u /* raised by every change of a layout */
/* Epoch 0 alone: the last minor that changed what was there. A host takes no plugin that was built
 * before it, and a plugin needs a host that is not older. Later epochs have no such minor. */
#define DODONA_ABI_BREAK 5u

/* The size of `type` up to and including `last`, whatever padding follows it. */
#define DODONA_SIZE_TO(type, last) ((uint32_t)(offsetof(type, last) + sizeof(((type*)0)->last)))
/* True if the filler of *p knew `field`. */
#define DODONA_KNOWS(p, type, field) ((p)->struct_size >= DODONA_SIZE_TO(type, field))
/* True if the filler of *p knew `field` and gave it. */
#define DODONA_HAS(p, type, field) (DODONA_KNOWS(p, type, field) && (p)->field)

#define DODONA_NO_TRIAL UINT64_MAX

DODONA_C_BEGIN

typedef int32_t dodona_status;
enum {
  DODONA_OK = 0,
  DODONA_E_FAILED = 1,         /* anything without a code of its own */
  DODONA_E_INVALID = 2,        /* an argument, option or file content is wrong */
  DODONA_E_UNSUPPORTED = 3,    /* the callee does not offer this */
  DODONA_E_CANCELLED = 4,      /* the callee obeyed a request to stop; not a failure */
  DODONA_E_STATE = 5,          /* the object is in use, or in a state that forbids the call */
  DODONA_E_EXHAUSTED = 6,      /* propose: no proposal will ever follow */
  DODONA_E_SPACE_CONFLICT = 7, /* a hyperparameter has two different definitions */
  DODONA_E_NO_MEMORY = 8,
  DODONA_E_EXCEPTION = 9,  /* a C++ exception stopped at the boundary */
  DODONA_E_WAIT = 10,      /* propose: no proposal before a running trial ends */
  DODONA_E_IO = 11,        /* a file, disk or database failed */
  DODONA_E_PLUGIN = 12,    /* a library cannot be loaded or breaks this contract */
  DODONA_E_INFEASIBLE = 13 /* legal values that break a constraint of the study */
};

/* The answer to a report. STOP_TRIAL ends the trial, which keeps its result. STOP_STUDY also ends
 * the search: all running trials are stopped in this way. Every other answer than CONTINUE, known or
 * not, tells the model to stop. */
typedef int32_t dodona_verdict;
enum { DODONA_CONTINUE = 1, DODONA_STOP_TRIAL = 2, DODONA_STOP_STUDY = 3 };

typedef int32_t dodona_level;
enum { DODONA_DEBUG = 10, DODONA_INFO = 20, DODONA_WARN = 30, DODONA_ERROR = 40 };

typedef int32_t dodona_kind; /* of a value */
enum {
  DODONA_INT = 1,
  DODONA_DOUBLE = 2,
  DODONA_BOOL = 3,
  DODONA_STRING = 4,
  DODONA_LIST = 5,
  DODONA_OBJECT = 6
};

/* A state with the bit FINAL is one in which a trial ends, known or not. */
typedef int32_t dodona_trial_state;
enum {
  DODONA_FINAL = 0x100,
  DODONA_WAITING = 1,
  DODONA_RUNNING = 2,
  DODONA_COMPLETED = 0x103,
  DODONA_STOPPED = 0x104, /* early, by a verdict */
  DODONA_FAILED = 0x105,
  DODONA_INVALID = 0x106 /* objective not finite after all attempts */
};

/* How the last attempt of a trial ended. A reader takes an outcome that it does not know for
 * MODEL_ERROR. */
typedef int32_t dodona_outcome;
enum {
  DODONA_OUTCOME_OK = 1,
  DODONA_OUTCOME_MODEL_ERROR = 2, /* the model answered an error */
  DODONA_OUTCOME_CRASH = 3,       /* a signal ended its process */
  DODONA_OUTCOME_EXIT = 4,        /* its process ended without being asked to */
  DODONA_OUTCOME_TIME = 5,        /* a limit: of the whole execution */
  DODONA_OUTCOME_SILENCE = 6,     /* a limit: between two reports */
  DODONA_OUTCOME_MEMORY = 7,      /* a limit */
  DODONA_OUTCOME_OUTPUT = 8,      /* a limit: of the files that it writes */
  DODONA_OUTCOME_LOST = 9,        /* with its runner, too often */
  DODONA_OUTCOME_INFEASIBLE = 10  /* values that it met on the way break a constraint */
};

typedef int32_t dodona_direction;
enum { DODONA_MINIMIZE = 1, DODONA_MAXIMIZE = 2 };

/* FROZEN */
typedef struct dodona_str {
  const char* data;
  uint64_t size;
} dodona_str;

/* FROZEN */
typedef struct dodona_str_span {
  const dodona_str* data;
  uint64_t size;
} dodona_str_span;

/* FROZEN */
typedef struct dodona_number_span {
  const double* data;
  uint64_t size;
} dodona_number_span;

typedef struct dodona_value dodona_value;

/* FROZEN */
typedef struct dodona_value_span {
  const dodona_value* data;
  uint64_t size;
} dodona_value_span;

/* FROZEN. Kind 0 is no value. The hyperparameters of this version are scalars; a LIST is for types
 * to come. OBJECT occurs as the kind of an option alone. */
struct dodona_value {
  dodona_kind kind;
  int32_t reserved;
  union {
    int64_t i; /* INT; BOOL as 0 or 1 */
    double d;
    dodona_str s;
    dodona_value_span list;
  } as;
};

/* FROZEN */
typedef struct dodona_metric {
  dodona_str name;
  double value;
  uint64_t reserved;
} dodona_metric;

/* FROZEN */
typedef struct dodona_metric_span {
  const dodona_metric* data;
  uint64_t size;
} dodona_metric_span;

/* FROZEN. A value of the hyperparameter at index `param` of the space. A space only grows. */
typedef struct dodona_assignment {
  uint32_t param;
  uint32_t reserved;
  dodona_value value;
} dodona_assignment;

/* FROZEN */
typedef struct dodona_assignment_span {
  const dodona_assignment* data;
  uint64_t size;
} dodona_assignment_span;

/* GROWABLE. The caller allocates it, so that it outlives the callee. The callee writes at most
 * `capacity` bytes to `message` and their number to `size`. After DODONA_OK its contents mean
 * nothing. A caller that wants no text passes NULL. */
typedef struct dodona_error {
  uint32_t struct_size;
  dodona_status code;
  char* message;
  uint64_t capacity;
  uint64_t size;
} dodona_error;
#define DODONA_ERROR_SIZE_MIN DODONA_SIZE_TO(dodona_error, size)

DODONA_C_END
#endif
