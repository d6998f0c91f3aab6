/* SPDX-License-Identifier: Apache-2.0
 *
 * Optional features, by versioned ids. An id never changes; another table has another number.
 * A part of dodona/abi.h, which states the rules.
 *
 * A plugin asks its host, and the host asks an object, through get_extension. An answer of NULL
 * says that the other side does not offer the feature. Ids of third parties begin with a domain of
 * theirs: "com.example.NAME/1".
 */
#ifndef DODONA_ABI_EXTENSIONS_H
#define DODONA_ABI_EXTENSIONS_H

#include <dodona/abi/space.h>

DODONA_C_BEGIN

/* Offered by the host: dodona_space_extension. */
#define DODONA_EXTENSION_SPACE "dodona.space/1"
/* Offered by an oracle: dodona_surrogate_extension. */
#define DODONA_EXTENSION_SURROGATE "dodona.surrogate/1"
/* Reserved. Of a hypermodel: metrics of a model on given data, its predictions, and its layers. */
#define DODONA_EXTENSION_EVALUATE "dodona.evaluate/1"
#define DODONA_EXTENSION_PREDICT "dodona.predict/1"
#define DODONA_EXTENSION_SUMMARY "dodona.summary/1"

/* GROWABLE. The arithmetic of values: what the host itself uses to check and to draw. All functions
 * are pure. Definitions and spaces are those that the host gave. Texts of an answer are those of the
 * definition. A number that is not finite, an index beyond the space, or a definition that cannot
 * be: DODONA_E_INVALID. The output is untouched after an error. */
typedef struct dodona_space_extension {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] 1 if the value is one of the definition's, 0 for any other one, whatever its kind. A float
   * may be a whole number, and may miss a value of its grid by a rounding. */
  dodona_status(DODONA_CALL* is_legal)(const dodona_param*, const dodona_value*, uint32_t* out,
                                       dodona_error*) DODONA_NOEXCEPT;
  /* [any] 1 if the hyperparameter at index `param` is active under the given values, of which those
   * of its parents matter. They stand before it: a loop in the order of the space can decide each
   * hyperparameter by the values that it has set. */
  dodona_status(DODONA_CALL* is_active)(const dodona_space*, uint32_t param, dodona_assignment_span,
                                        uint32_t* out, dodona_error*) DODONA_NOEXCEPT;
  /* [any] 1 if a proposal with these values would be taken: each one legal, one for each active
   * hyperparameter and for no other, in the order of the space, and every constraint kept. */
  dodona_status(DODONA_CALL* is_feasible)(const dodona_space*, dodona_assignment_span,
                                          uint32_t* out, dodona_error*) DODONA_NOEXCEPT;
  /* [any] The value at u in [0, 1], on the scale of the definition's sampling; always legal. Values
   * that can be counted have equal shares of u. A number beyond counts as the nearer end. */
  dodona_status(DODONA_CALL* from_unit)(const dodona_param*, double u, dodona_value* out,
                                        dodona_error*) DODONA_NOEXCEPT;
  /* [any] The middle of the share of [0, 1] from which from_unit makes the value. A value that is not
   * legal: DODONA_E_INVALID. */
  dodona_status(DODONA_CALL* to_unit)(const dodona_param*, const dodona_value*, double* out,
                                      dodona_error*) DODONA_NOEXCEPT;
  /* [any] The legal value nearest to a number, by their difference. A definition whose values are no
   * numbers: DODONA_E_INVALID. */
  dodona_status(DODONA_CALL* nearest)(const dodona_param*, double number, dodona_value* out,
                                      dodona_error*) DODONA_NOEXCEPT;
} dodona_space_extension;
#define DODONA_SPACE_EXTENSION_SIZE_MIN DODONA_SIZE_TO(dodona_space_extension, nearest)

/* FROZEN. The expectation of a model at a point: the mean of what a trial scores there, and the
 * deviation of that mean, of which the noise of a single trial is no part. Units of the objective. */
typedef struct dodona_estimate {
  double mean;
  double deviation;
} dodona_estimate;

/* GROWABLE. The model with which an oracle searches, as far as the events tell that it observed. */
typedef struct dodona_surrogate_extension {
  uint32_t struct_size;
  uint32_t reserved;
  /* [study] Expects the first objective, signed as in events, at each of `count` points of the last
   * space that the oracle was given. `self` is the oracle's object. The answers are functions of
   * study, space and events; a question changes no proposal. No model, for instance as there are
   * too few results: DODONA_E_STATE. Values that are no point of the space: DODONA_E_INVALID. `out`
   * has room for `count` estimates and is unspecified after an error. */
  dodona_status(DODONA_CALL* estimate)(void* self, const dodona_assignment_span* points,
                                       uint64_t count, dodona_estimate* out,
                                       dodona_error*) DODONA_NOEXCEPT;
} dodona_surrogate_extension;
#define DODONA_SURROGATE_EXTENSION_SIZE_MIN DODONA_SIZE_TO(dodona_surrogate_extension, estimate)

DODONA_C_END
#endif
