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

#include <dodona/abi/hypermodel.h>
#include <dodona/abi/space.h>

DODONA_C_BEGIN

/* Offered by the host: dodona_space_extension. */
#define DODONA_EXTENSION_SPACE "dodona.space/1"
/* Offered by an oracle: dodona_surrogate_extension. */
#define DODONA_EXTENSION_SURROGATE "dodona.surrogate/1"
/* Offered by a hypermodel: dodona_evaluate_extension, dodona_predict_extension and
 * dodona_summary_extension. Metrics of a model on given data, its predictions, and its layers. They
 * are asked for outside of a search, for a model that was built, and loaded where it was kept;
 * release follows. The model's trial is that of build. */
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

typedef struct dodona_table dodona_table;
/* GROWABLE. Takes the rows of a table. After a failure the caller writes nothing more to it, and ends
 * with that status. */
struct dodona_table {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  /* [trial] Names the columns, once and before the first row. Names are copied. No name, or one that
   * stands twice: DODONA_E_INVALID. A second call: DODONA_E_STATE. */
  dodona_status(DODONA_CALL* columns)(dodona_table*, const dodona_str* names, uint64_t count,
                                      dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Adds a row: a value for each column, of any kind but LIST and OBJECT. Kind 0: none.
   * Texts are copied. Another count, or a kind that cannot be: DODONA_E_INVALID. Before columns:
   * DODONA_E_STATE. DODONA_E_IO where the host cannot write it. */
  dodona_status(DODONA_CALL* row)(dodona_table*, const dodona_value* cells, uint64_t count,
                                  dodona_error*) DODONA_NOEXCEPT;
};
#define DODONA_TABLE_SIZE_MIN DODONA_SIZE_TO(dodona_table, row)

typedef struct dodona_evaluation dodona_evaluation;
/* GROWABLE. Takes what a model measures on data. */
struct dodona_evaluation {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  /* [trial] Adds a metric, under the name that reports have for it. A name that stands twice, or
   * none: DODONA_E_INVALID. */
  dodona_status(DODONA_CALL* metric)(dodona_evaluation*, dodona_metric,
                                     dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Begins a table of details, such as a confusion matrix. It is valid until the next call of
   * this function, or until the evaluation ends. A name that stands twice, or none:
   * DODONA_E_INVALID. */
  dodona_status(DODONA_CALL* table)(dodona_evaluation*, dodona_str name, dodona_table** out,
                                    dodona_error*) DODONA_NOEXCEPT;
};
#define DODONA_EVALUATION_SIZE_MIN DODONA_SIZE_TO(dodona_evaluation, table)

/* GROWABLE */
typedef struct dodona_evaluate_extension {
  uint32_t struct_size;
  uint32_t reserved;
  /* [trial] Measures a model. `data` names the data as the hypermodel's own options do, or in ways
   * that its documentation has; empty: the data on which trials are scored, so that the metrics are
   * those that a trial reported. Data that do not fit: DODONA_E_INVALID. DODONA_E_CANCELLED once the
   * trial is cancelled. */
  dodona_status(DODONA_CALL* evaluate)(void* self, void* model, dodona_trial*, dodona_str data,
                                       dodona_evaluation*, dodona_error*) DODONA_NOEXCEPT;
} dodona_evaluate_extension;
#define DODONA_EVALUATE_EXTENSION_SIZE_MIN DODONA_SIZE_TO(dodona_evaluate_extension, evaluate)

/* GROWABLE */
typedef struct dodona_predict_extension {
  uint32_t struct_size;
  uint32_t reserved;
  /* [trial] Predicts: a row of the table for each sample of the input, in its order. A classifier
   * has the column `class`, others `value`; further columns, such as probabilities, follow. `input`
   * names data as in evaluate, but never empty and without targets. Data that do not fit:
   * DODONA_E_INVALID. DODONA_E_CANCELLED once the trial is cancelled. */
  dodona_status(DODONA_CALL* predict)(void* self, void* model, dodona_trial*, dodona_str input,
                                      dodona_table*, dodona_error*) DODONA_NOEXCEPT;
} dodona_predict_extension;
#define DODONA_PREDICT_EXTENSION_SIZE_MIN DODONA_SIZE_TO(dodona_predict_extension, predict)

/* GROWABLE. A layer of a network, or any other part of a model. */
typedef struct dodona_layer {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str name;
  dodona_str kind;      /* in a word, such as dense; may be empty */
  const int64_t* shape; /* of its output for one sample */
  uint64_t dimensions;  /* of the shape; 0: not told */
  uint64_t parameters;  /* numbers that the layer holds */
  uint64_t trainable;   /* of them, those that training changes */
} dodona_layer;
#define DODONA_LAYER_SIZE_MIN DODONA_SIZE_TO(dodona_layer, trainable)

/* GROWABLE */
typedef struct dodona_summary_extension {
  uint32_t struct_size;
  uint32_t reserved;
  /* [trial] Calls `push` for each layer, in an order in which each follows its inputs. Names and
   * shapes are copied. The model need not be loaded or trained. */
  dodona_status(DODONA_CALL* layers)(void* self, void* model,
                                     void(DODONA_CALL* push)(void* ctx, const dodona_layer*)
                                         DODONA_NOEXCEPT,
                                     void* ctx, dodona_error*) DODONA_NOEXCEPT;
} dodona_summary_extension;
#define DODONA_SUMMARY_EXTENSION_SIZE_MIN DODONA_SIZE_TO(dodona_summary_extension, layers)

DODONA_C_END
#endif
