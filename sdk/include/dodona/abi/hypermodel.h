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
/* GROWABLE. Answers values to a model. The model's questions describe the space. In a trial it is
 * valid as long as the trial's handle, else until declare returns. DODONA_E_INVALID and
 * DODONA_E_SPACE_CONFLICT leave the space and the open scopes as they were. */
struct dodona_hp {
  uint32_t struct_size;
  uint32_t discovering; /* 1: the values are examples, and no training follows */
  void* impl;
  /* [trial] Defines a hyperparameter in the open scopes and answers its value. Its conditions come
   * from the scopes; those of the definition are ignored. Another definition of the same name and
   * conditions: DODONA_E_SPACE_CONFLICT. An impossible definition, or a scope that is not active:
   * DODONA_E_INVALID. In a running trial it may call the oracle's fill, on this thread. */
  dodona_status(DODONA_CALL* param)(dodona_hp*, const dodona_param*, dodona_value* out,
                                    dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Answers the value of a hyperparameter that was defined before. Inactive or unknown:
   * DODONA_E_INVALID. */
  dodona_status(DODONA_CALL* get)(dodona_hp*, dodona_str name, dodona_value* out,
                                  dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Opens a scope. Each successful call needs a later call of leave. The model asks for
   * nothing inside a scope that is not active. An unknown parent, or a value that the parent cannot
   * have: DODONA_E_INVALID. An operator that the host does not take: DODONA_E_UNSUPPORTED; this
   * version takes EQUAL and IN. No scope is open after an error. */
  dodona_status(DODONA_CALL* enter)(dodona_hp*, const dodona_condition*, uint32_t* active,
                                    dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Closes the innermost open scope. A call too many: DODONA_E_PLUGIN, and the trial, or the
   * declaration, fails with it whatever the model does. */
  dodona_status(DODONA_CALL* leave)(dodona_hp*, dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Calls `visit` for every hyperparameter of the space, in its order. A model that takes
   * any space needs it. A value of kind 0: not active in this trial. While discovering: the
   * hyperparameters of the study file, with their defaults. A name is valid until visit returns. */
  dodona_status(DODONA_CALL* each)(dodona_hp*,
                                   void(DODONA_CALL* visit)(void* ctx, dodona_str name,
                                                            dodona_value value) DODONA_NOEXCEPT,
                                   void* ctx, dodona_error*) DODONA_NOEXCEPT;
  /* [trial] optional. Adds a constraint to the space: an expression over hyperparameters that the
   * values of every trial must keep. DODONA_E_INVALID for one that cannot be read.
   * DODONA_E_INFEASIBLE if the trial's own values break it: the model should end with that code.
   * NULL: this host has no constraints. */
  dodona_status(DODONA_CALL* require)(dodona_hp*, dodona_str expression,
                                      dodona_error*) DODONA_NOEXCEPT;
};
#define DODONA_HP_SIZE_MIN DODONA_SIZE_TO(dodona_hp, each)

/* GROWABLE. The host fills the members up to the caller's struct_size. */
typedef struct dodona_reply {
  uint32_t struct_size;
  dodona_verdict verdict;
  /* 1: a `run` function should write its whole state to `directory`, then call `saved` of the
     trial. A function that cannot save ends its struct before this member. */
  uint32_t save_now;
  uint32_t reserved;
  dodona_str directory; /* an empty directory; valid until the next report */
} dodona_reply;
#define DODONA_REPLY_SIZE_MIN DODONA_SIZE_TO(dodona_reply, verdict)

/* GROWABLE. Limits of one execution, for a hypermodel with DODONA_FLAG_LIMITS. 0: no limit. */
typedef struct dodona_trial_limits {
  uint32_t struct_size;
  uint32_t reserved;
  double seconds;       /* over all starts of the execution */
  double step_seconds;  /* between two reports, and before the first one */
  double spent_seconds; /* in earlier starts of the execution */
  uint64_t memory_mb;   /* resident, of all its processes together */
  uint64_t output_mb;   /* on standard output and standard error together */
} dodona_trial_limits;
#define DODONA_TRIAL_LIMITS_SIZE_MIN DODONA_SIZE_TO(dodona_trial_limits, output_mb)

typedef struct dodona_trial dodona_trial;
/* GROWABLE. One execution of a trial. The handle is valid until release returns, or until run
 * returns. A later call of its functions, or of its hp's, answers DODONA_E_STATE and changes
 * nothing; `cancelled` then answers 1. */
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
  int64_t deadline_unix_nanos; /* when running trials will be told to stop; 0: never */
  dodona_hp* hp;
  /* [trial] Reports metrics at a step; steps increase. It calls judge of oracle and stopper, and
   * may call the hypermodel's save, on this thread. After a verdict other than CONTINUE the model
   * should return DODONA_E_CANCELLED. A step that does not increase, or a name that stands twice:
   * DODONA_E_INVALID. After finish: DODONA_E_STATE. Nothing is logged then. The status of a save
   * that fails is answered too, unless only an interruption needs it; the report is logged then. */
  dodona_status(DODONA_CALL* report)(dodona_trial*, uint64_t step, dodona_metric_span,
                                     dodona_reply*, dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Gives the final metrics, once. If they hold the objective, it is the score; else the
   * best step decides. A second call: DODONA_E_STATE. */
  dodona_status(DODONA_CALL* finish)(dodona_trial*, dodona_metric_span,
                                     dodona_error*) DODONA_NOEXCEPT;
  /* [any] 1 once the trial must stop. The model should then return DODONA_E_CANCELLED. */
  uint32_t(DODONA_CALL* cancelled)(const dodona_trial*) DODONA_NOEXCEPT;
  /* [trial] Says that the save which the last reply asked for is complete. Returns once it is on
   * the disk and has taken the place of the former one, which stays where the disk refuses; people
   * are warned then. Nothing asked for: DODONA_E_STATE. */
  dodona_status(DODONA_CALL* saved)(dodona_trial*, dodona_error*) DODONA_NOEXCEPT;
  /* [any] Makes `directory` unless it exists or the study writes nothing. The kernel does not do
   * so for every trial, as making one costs more than a short trial. */
  dodona_status(DODONA_CALL* make_directory)(dodona_trial*, dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Keeps a remark with the trial. A later remark of the same key replaces it. */
  dodona_status(DODONA_CALL* note)(dodona_trial*, dodona_str key, dodona_str value,
                                   dodona_error*) DODONA_NOEXCEPT;
  uint32_t all_data; /* 1: a last training, which holds no data back for validation */
  uint32_t reserved;
  const dodona_trial_limits* limits; /* that the hypermodel keeps, or NULL: there are none */
  /* [trial] Says that a limit is reached, by its outcome: TIME, SILENCE, MEMORY or OUTPUT, else
   * DODONA_E_INVALID. From then on `cancelled` answers 1, and a report STOP_TRIAL. If the model ends
   * with DODONA_E_CANCELLED, the trial is stopped and keeps its result. If it had to be killed and
   * ends with another error, the trial fails with the outcome. Without limits: DODONA_E_STATE. */
  dodona_status(DODONA_CALL* limit_reached)(dodona_trial*, dodona_outcome,
                                            dodona_error*) DODONA_NOEXCEPT;
};
#define DODONA_TRIAL_SIZE_MIN DODONA_SIZE_TO(dodona_trial, note)

/* GROWABLE. Either `run`, or `build`, `fit` and `release`. A status other than DODONA_OK from a
 * [trial] slot ends the attempt. DODONA_E_CANCELLED: the trial was told to stop. DODONA_E_INVALID:
 * its values are wrong, and a retry is useless; so it is with DODONA_E_INFEASIBLE. Any other: a
 * failure, which may be retried. */
typedef struct dodona_hypermodel_vtable {
  uint32_t struct_size;
  uint32_t reserved;
  /* [study] Called once, before all others. After a failure destroy is not called. */
  dodona_status(DODONA_CALL* create)(const dodona_host*, const dodona_study*, const dodona_options*,
                                     void** self, dodona_error*) DODONA_NOEXCEPT;
  /* [study] Called last, once all models are released. The host's services end with it. */
  void(DODONA_CALL* destroy)(void* self) DODONA_NOEXCEPT;
  /* [study] optional. Asks for every hyperparameter, at little cost. Called many times before the
   * first trial, each time with other values. After a failure the search does not begin. */
  dodona_status(DODONA_CALL* declare)(void* self, dodona_hp*, dodona_error*) DODONA_NOEXCEPT;
  /* [trial] The one-function form: trains and scores. It frees all that it made. */
  dodona_status(DODONA_CALL* run)(void* self, dodona_trial*, dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Asks for hyperparameters and makes the model that the later slots get. Only after
   * DODONA_OK is there a model, and release follows. */
  dodona_status(DODONA_CALL* build)(void* self, dodona_hp*, dodona_trial*, void** model,
                                    dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Trains the model and reports after each step. Called after build and load. */
  dodona_status(DODONA_CALL* fit)(void* self, void* model, dodona_trial*,
                                  dodona_error*) DODONA_NOEXCEPT;
  /* [trial] Frees the model. Called once for each, also after a failure of another slot. */
  void(DODONA_CALL* release)(void* self, void* model) DODONA_NOEXCEPT;
  /* [trial] optional. Gives final metrics through trial->finish. Called if fit succeeded. */
  dodona_status(DODONA_CALL* evaluate)(void* self, void* model, dodona_trial*,
                                       dodona_error*) DODONA_NOEXCEPT;
  /* [trial] optional, with load. Writes the model's whole state into an empty directory. The host
   * may call it from within report, on the same thread: a model that reports is consistent. It may
   * also call it after evaluate. No function of the trial may be called from within. */
  dodona_status(DODONA_CALL* save)(void* self, void* model, dodona_str directory,
                                   dodona_error*) DODONA_NOEXCEPT;
  /* [trial] optional, with save. Reads the state of a saved model, after build and before fit. The
   * state may be that of a model with other values of the same hyperparameters. If an application
   * asks for a model that is kept, fit is not called. */
  dodona_status(DODONA_CALL* load)(void* self, void* model, dodona_str directory,
                                   dodona_error*) DODONA_NOEXCEPT;
  /* [study] optional. Calls `push` for each metric that the model reports, with the direction in
   * which it is better, or 0. The host asks before the first trial, and refuses an objective that
   * is not among them. Names are copied. */
  dodona_status(DODONA_CALL* metrics)(void* self,
                                      void(DODONA_CALL* push)(void* ctx, dodona_str name,
                                                              dodona_direction direction)
                                          DODONA_NOEXCEPT,
                                      void* ctx, dodona_error*) DODONA_NOEXCEPT;
  /* [any] optional. The table of an optional feature of the object by its versioned id, or NULL;
   * see extensions.h. The table is valid as long as the object. */
  const void*(DODONA_CALL* get_extension)(void* self, const char* id)DODONA_NOEXCEPT;
} dodona_hypermodel_vtable;
#define DODONA_HYPERMODEL_VTABLE_SIZE_MIN DODONA_SIZE_TO(dodona_hypermodel_vtable, destroy)

DODONA_C_END
#endif
