/* SPDX-License-Identifier: Apache-2.0
 *
 * The role that describes a search space, and trains.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_HYPERMODEL_H
#define DODONA_ABI_HYPERMODEL_H

#include <dodona/abi/host.h>
#include <dodona/abi/space.h>

DODONA_C_BEGIN

typedef struct dodona_hp dodona_hp;
/* GROWABLE. Answers values to a model. The model's questions describe the space. */
struct dodona_hp {
  uint32_t struct_size;
  uint32_t discovering; /* 1: the values are examples, and no training follows */
  void* impl;
  /* [trial] Defines a hyperparameter in the open scopes and answers its value. Its conditions come
   * from the scopes; those of the definition are ignored. Another definition of the same name and
   * conditions: DODONA_E_SPACE_CONFLICT. */
  dodona_status (*param)(dodona_hp*, const dodona_param*, dodona_value* out, dodona_error*);
  /* [trial] Answers the value of a hyperparameter that was defined before. Inactive or unknown:
   * DODONA_E_INVALID. */
  dodona_status (*get)(dodona_hp*, dodona_str name, dodona_value* out, dodona_error*);
  /* [trial] Opens a scope. Each successful call needs a later call of leave. The model asks for
   * nothing inside a scope that is not active. */
  dodona_status (*enter)(dodona_hp*, const dodona_condition*, uint32_t* active, dodona_error*);
  /* [trial] */
  void (*leave)(dodona_hp*);
  /* [trial] Calls `visit` for every hyperparameter of the space, in its order. A model that takes
   * any space needs it. A value of kind 0: not active in this trial. While discovering: the
   * hyperparameters of the study file, with their defaults. `visit` must not throw. */
  dodona_status (*each)(dodona_hp*, void (*visit)(void* ctx, dodona_str name, dodona_value value),
                        void* ctx, dodona_error*);
};

/* GROWABLE. The host fills the members up to the caller's struct_size. */
typedef struct dodona_reply {
  uint32_t struct_size;
  dodona_verdict verdict;
  /* 1: a `run` function should write its whole state to `directory`, then call `saved` of the
     trial. A function that cannot save ends its struct before this member. */
  uint32_t save_now;
  uint32_t reserved;
  dodona_str directory; /* an empty directory */
} dodona_reply;

typedef struct dodona_trial dodona_trial;
/* GROWABLE. One execution of a trial. The handle is valid until release returns. */
struct dodona_trial {
  uint32_t struct_size;
  uint32_t execution; /* from 0 */
  uint32_t attempt;   /* from 0 */
  uint32_t threads;   /* number of threads that the model may use */
  void* impl;
  uint64_t id;
  uint64_t seed;               /* a function of the study's seed, id, execution and attempt */
  uint64_t start_step;         /* steps already done; the first report is start_step + 1 */
  uint64_t budget;             /* the step at which to end; 0: the model's own choice */
  dodona_str directory;        /* the trial's own; exists once make_directory was called; empty
                                * if the study writes nothing */
  dodona_str resume_directory; /* a checkpoint to load before fit, or empty */
  const dodona_str* devices;   /* slots of this trial while it runs, such as "cuda:0" */
  uint64_t device_count;
  int64_t deadline_unix_nanos; /* 0: none */
  dodona_hp* hp;
  /* [trial] Reports metrics at a step; steps increase. It may call the hypermodel's save. */
  dodona_status (*report)(dodona_trial*, uint64_t step, dodona_metric_span, dodona_reply*,
                          dodona_error*);
  /* [trial] Gives the final metrics. If they name the objective, it is the score; else the best
   * step decides. */
  dodona_status (*finish)(dodona_trial*, dodona_metric_span, dodona_error*);
  /* [any] 1 once the trial must stop. The model should then return DODONA_E_CANCELLED. */
  uint32_t (*cancelled)(const dodona_trial*);
  /* [trial] Says that the save which the last reply asked for is complete. */
  dodona_status (*saved)(dodona_trial*, dodona_error*);
  /* [any] Makes `directory` unless it exists or the study writes nothing. The kernel does not do
   * so for every trial, as making one costs more than a short trial. */
  dodona_status (*make_directory)(dodona_trial*, dodona_error*);
  /* [trial] Keeps a remark with the trial. A later remark of the same key replaces it. */
  dodona_status (*note)(dodona_trial*, dodona_str key, dodona_str value, dodona_error*);
  uint32_t all_data; /* 1: a last training, which holds no data back for validation */
  uint32_t reserved;
};

/* GROWABLE. Either `run`, or `build` and `fit`. */
typedef struct dodona_hypermodel_vtable {
  uint32_t struct_size;
  uint32_t reserved;
  /* [study] */
  dodona_status (*create)(const dodona_host*, const dodona_options*, void** self, dodona_error*);
  /* [study] */
  void (*destroy)(void* self);
  /* [study] optional. Asks for every hyperparameter, at little cost. Called many times. */
  dodona_status (*declare)(void* self, dodona_hp*, dodona_error*);
  /* [trial] The one-function form: trains and scores. */
  dodona_status (*run)(void* self, dodona_trial*, dodona_error*);
  /* [trial] Asks for hyperparameters and makes the model that the later slots get. */
  dodona_status (*build)(void* self, dodona_hp*, dodona_trial*, void** model, dodona_error*);
  /* [trial] Trains the model and reports after each step. */
  dodona_status (*fit)(void* self, void* model, dodona_trial*, dodona_error*);
  /* [trial] optional. Gives final metrics through trial->finish. */
  dodona_status (*evaluate)(void* self, void* model, dodona_trial*, dodona_error*);
  /* [trial] optional, with load. Writes the model's whole state into an existing directory. The
   * host may call it from within report, on the same thread: a model that reports is consistent. */
  dodona_status (*save)(void* self, void* model, dodona_str directory, dodona_error*);
  /* [trial] optional, with save. Reads the state of a saved model, right after build. */
  dodona_status (*load)(void* self, void* model, dodona_str directory, dodona_error*);
  /* [trial] Frees the model. */
  void (*release)(void* self, void* model);
  /* [study] optional. Calls `push` for each metric that the model reports, with the direction in
   * which it is better, or 0. The host asks before the first trial, and refuses an objective that is
   * not among them. `push` must not throw. */
  dodona_status (*metrics)(void* self,
                           void (*push)(void* ctx, dodona_str name, dodona_direction direction),
                           void* ctx, dodona_error*);
} dodona_hypermodel_vtable;

DODONA_C_END
#endif
