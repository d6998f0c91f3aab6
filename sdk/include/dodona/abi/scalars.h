/* SPDX-License-Identifier: Apache-2.0
 *
 * Status codes, values, metrics and errors, of which all else is made.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_SCALARS_H
#define DODONA_ABI_SCALARS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define DODONA_NOEXCEPT noexcept
#define DODONA_C_BEGIN extern "C" {
#define DODONA_C_END }
#else
#define DODONA_NOEXCEPT
#define DODONA_C_BEGIN
#define DODONA_C_END
#endif

#define DODONA_EXPORT __attribute__((visibility("default")))

#define DODONA_ABI_EPOCH 0u /* part of the entry symbol's name */
#define DODONA_ABI_MINOR 4u /* raised by every change of a layout */

/* The size of `type` up to and including `last`, whatever padding follows it. */
#define DODONA_SIZE_TO(type, last) ((uint32_t)(offsetof(type, last) + sizeof(((type*)0)->last)))
/* True if the filler of *p knew `field` and filled it. */
#define DODONA_HAS(p, type, field) ((p)->struct_size >= DODONA_SIZE_TO(type, field) && (p)->field)

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
  DODONA_E_EXCEPTION = 9, /* a C++ exception stopped at the boundary */
  DODONA_E_WAIT = 10,     /* propose: no proposal before a running trial ends */
  DODONA_E_IO = 11,       /* a file, disk or database failed */
  DODONA_E_PLUGIN = 12    /* a library cannot be loaded or breaks this contract */
};

/* The answer to a report. STOP_TRIAL ends the trial, which keeps its result. STOP_STUDY also ends
 * the search: all running trials are stopped in this way. */
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

typedef int32_t dodona_trial_state;
enum {
  DODONA_WAITING = 1,
  DODONA_RUNNING = 2,
  DODONA_COMPLETED = 3,
  DODONA_STOPPED = 4, /* early, by a verdict */
  DODONA_FAILED = 5,
  DODONA_INVALID = 6 /* objective not finite after all attempts */
};

typedef int32_t dodona_direction;
enum { DODONA_MINIMIZE = 1, DODONA_MAXIMIZE = 2 };

/* FROZEN */
typedef struct dodona_str {
  const char* data;
  uint64_t size;
} dodona_str;

/* FROZEN. A scalar: kinds LIST and OBJECT occur in option tables only. */
typedef struct dodona_value {
  dodona_kind kind;
  int32_t reserved;
  union {
    int64_t i; /* INT; BOOL as 0 or 1 */
    double d;
    dodona_str s;
  } as;
} dodona_value;

/* FROZEN */
typedef struct dodona_metric {
  dodona_str name;
  double value;
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

DODONA_C_END
#endif
