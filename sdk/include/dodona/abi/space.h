/* SPDX-License-Identifier: Apache-2.0
 *
 * Definitions of hyperparameters.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_SPACE_H
#define DODONA_ABI_SPACE_H

#include <dodona/abi/scalars.h>

DODONA_C_BEGIN

typedef int32_t dodona_condition_op;
enum {
  DODONA_WHEN_EQUAL = 1, /* the one value */
  DODONA_WHEN_NOT = 2,   /* none of the values */
  DODONA_WHEN_IN = 3,    /* one of the values */
  DODONA_WHEN_RANGE = 4  /* from the first to the second of two numbers, both included */
};

/* FROZEN. A condition compares the value of the hyperparameter `parent`. It does not hold while that
 * one is not active. */
typedef struct dodona_condition {
  dodona_str parent;
  dodona_condition_op op;
  uint32_t reserved;
  const dodona_value* values;
  uint64_t count;
} dodona_condition;

typedef int32_t dodona_sampling;
enum { DODONA_LINEAR = 1, DODONA_LOG = 2, DODONA_REVERSE_LOG = 3 };

typedef int32_t dodona_param_type;
enum {
  DODONA_PARAM_INT = 1,
  DODONA_PARAM_FLOAT = 2,
  DODONA_PARAM_CHOICE = 3,
  DODONA_PARAM_BOOLEAN = 4,
  DODONA_PARAM_FIXED = 5
};

/* GROWABLE. The definition of one hyperparameter. */
typedef struct dodona_param {
  uint32_t struct_size;
  dodona_param_type type;
  dodona_str name;
  dodona_value low;     /* INT and FLOAT: smallest value */
  dodona_value high;    /* INT and FLOAT: largest value, included */
  dodona_value step;    /* a difference, or the factor of a log sampling; kind 0: none */
  dodona_value initial; /* the default; kind 0: low, the first choice, or false */
  dodona_sampling sampling;
  uint32_t ordered;            /* 1: the order of the choices means something (numbers) */
  const dodona_value* choices; /* CHOICE: all of one kind; FIXED: the one value */
  uint64_t choice_count;
  const dodona_condition* conditions; /* the hyperparameter is active while all of them hold */
  uint64_t condition_count;
} dodona_param;
#define DODONA_PARAM_SIZE_MIN DODONA_SIZE_TO(dodona_param, condition_count)

/* GROWABLE. All definitions of a study, in the order in which they joined, parents first. An index
 * of an assignment is a place in `params`. */
typedef struct dodona_space {
  uint32_t struct_size;
  uint32_t revision; /* every added hyperparameter or constraint raises it */
  const dodona_param* const* params;
  uint64_t count;
  dodona_str_span constraints; /* expressions that all values of a trial keep */
} dodona_space;
#define DODONA_SPACE_SIZE_MIN DODONA_SIZE_TO(dodona_space, count)

DODONA_C_END
#endif
