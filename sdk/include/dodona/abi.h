/* SPDX-License-Identifier: Apache-2.0
 *
 * dodona/abi.h: the whole binary contract between the kernel and a plugin.
 *
 * C11, freestanding headers only.
 *
 * Rules
 *  1. A plugin exports one C function, dodona_module_v0, that returns a constant table. Epoch 0 is
 *     still moving: every change raises DODONA_ABI_MINOR, and host and plugin must have the same.
 *  2. FROZEN structs never change; they may be embedded, passed by value and stand in arrays.
 *  3. GROWABLE structs start with `struct_size`, the size up to the last member that the filler
 *     knows. They grow only at their end, are passed by pointer, and arrays of them are arrays of
 *     pointers. A reader accepts a longer struct than it knows and ignores the tail. An optional
 *     member is read through DODONA_HAS.
 *  4. Integers have fixed widths, enumerations are constants and never types, truth values are
 *     uint32_t. Zero is never a meaningful constant, except DODONA_OK and a mask without flags.
 *  5. The caller owns every argument. An argument is valid until the call returns: copy to keep.
 *     Strings that the host answers live until the plugin function that asked for them returns.
 *     Neither side frees the other's memory; variable output goes through a push callback.
 *  6. Every callback that can fail returns a dodona_status and writes a text into the caller's
 *     dodona_error. DODONA_E_WAIT, DODONA_E_EXHAUSTED and DODONA_E_CANCELLED are answers, not
 *     failures; an unknown code counts as DODONA_E_FAILED.
 *  7. No C++ exception, longjmp or exit leaves a function declared here, in either direction.
 *  8. Objectives that the kernel hands out are signed: smaller is better.
 *
 * Thread tags
 *   [any]    any thread, concurrently.
 *   [study]  one call at a time per object; the thread may change from call to call.
 *   [trial]  one call at a time per trial; trials run concurrently.
 *
 * Text is UTF-8 with a size and not NUL-terminated, except in the constant tables of a module.
 */
#ifndef DODONA_ABI_H
#define DODONA_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define DODONA_NOEXCEPT noexcept
extern "C" {
#else
#define DODONA_NOEXCEPT
#endif

#define DODONA_EXPORT __attribute__((visibility("default")))

#define DODONA_ABI_EPOCH 0u /* part of the entry symbol's name */
#define DODONA_ABI_MINOR 4u /* raised by every change of this file's layouts */

/* The size of `type` up to and including `last`, whatever padding follows it. */
#define DODONA_SIZE_TO(type, last) ((uint32_t)(offsetof(type, last) + sizeof(((type*)0)->last)))
/* True if the filler of *p knew `field` and filled it. */
#define DODONA_HAS(p, type, field) ((p)->struct_size >= DODONA_SIZE_TO(type, field) && (p)->field)

#define DODONA_NO_TRIAL UINT64_MAX

/* ---- scalars --------------------------------------------------------------------------------- */

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
 * `capacity` bytes to `message` and their number to `size`. */
typedef struct dodona_error {
  uint32_t struct_size;
  dodona_status code;
  char* message;
  uint64_t capacity;
  uint64_t size;
} dodona_error;

/* ---- search space ---------------------------------------------------------------------------- */

/* FROZEN. A condition holds while the active hyperparameter `parent` has one of the values. */
typedef struct dodona_condition {
  dodona_str parent;
  const dodona_value* any_of;
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

/* GROWABLE */
typedef struct dodona_space {
  uint32_t struct_size;
  uint32_t revision; /* every added hyperparameter raises it */
  const dodona_param* const* params;
  uint64_t count;
} dodona_space;

/* ---- services of the host -------------------------------------------------------------------- */

typedef struct dodona_host dodona_host;
/* GROWABLE. The host keeps it alive as long as the object that was created with it. */
struct dodona_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  void* impl;
  dodona_str name;
  dodona_str version;
  /* [any] */
  void (*log)(const dodona_host*, dodona_level, dodona_str message);
  /* [any] The table of an optional feature by its versioned id ("dodona.NAME/1"), or NULL. */
  const void* (*get_extension)(const dodona_host*, const char* id);
  /* [any] 1 once the study is stopping. Long work should then return DODONA_E_CANCELLED. */
  uint32_t (*cancelled)(const dodona_host*);
  /* [any] Calls body(ctx, begin, end) on the study's threads, for chunks of `grain` that cover
   * 0..count, and returns when all are done. The chunks depend on count and grain alone: a
   * reduction per chunk gives the same bits on any number of threads. The body must not throw. */
  void (*parallel_for)(const dodona_host*, uint64_t count, uint64_t grain,
                       void (*body)(void* ctx, uint64_t begin, uint64_t end), void* ctx);
};

typedef struct dodona_options dodona_options;
/* GROWABLE. Options of one plugin. The host has checked them and filled in the defaults. */
struct dodona_options {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  dodona_str json; /* all options as one JSON object */
  /* [any] Reads the scalar at a path such as "data", "layers[0]" or "augment.rotate".
   * No scalar there: DODONA_E_INVALID. */
  dodona_status (*get)(const dodona_options*, dodona_str path, dodona_value* out, dodona_error*);
  /* [any] Reads the length of the list or object at a path. Neither there: DODONA_E_INVALID. */
  dodona_status (*size)(const dodona_options*, dodona_str path, uint64_t* out, dodona_error*);
};

/* GROWABLE */
typedef struct dodona_objective {
  uint32_t struct_size;
  dodona_direction direction; /* as the user said it; objectives in events are signed already */
  dodona_str name;
} dodona_objective;

/* GROWABLE. A limit of 0 means: no limit. */
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
} dodona_study;

/* ---- events of the log ----------------------------------------------------------------------- */

typedef int32_t dodona_event_type;
enum {
  DODONA_EVENT_CREATED = 1,
  DODONA_EVENT_CONFIGURED = 2,
  DODONA_EVENT_SPACE_GROWN = 3,
  DODONA_EVENT_ENQUEUED = 4,
  DODONA_EVENT_IMPORTED = 5,
  DODONA_EVENT_NOTED = 6,
  DODONA_EVENT_PROPOSED = 7,
  DODONA_EVENT_STARTED = 8,
  DODONA_EVENT_FILLED = 9,
  DODONA_EVENT_REPORTED = 10,
  DODONA_EVENT_FINISHED = 11,
  DODONA_EVENT_STOPPED = 12
};

/* GROWABLE. One entry of a study's log. A reader ignores types that it does not know. */
typedef struct dodona_event {
  uint32_t struct_size;
  dodona_event_type type;
  uint64_t sequence; /* from 0, without gaps */
  uint64_t trial;    /* or DODONA_NO_TRIAL */
  int64_t unix_nanos;
  const void* body; /* dodona_TYPE_event */
} dodona_event;

/* GROWABLE. The study began. */
typedef struct dodona_created_event {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t seed;
  dodona_str version; /* of the kernel that created the study */
} dodona_created_event;

/* GROWABLE. The study document that holds from here on. */
typedef struct dodona_configured_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str document; /* JSON */
} dodona_configured_event;

/* GROWABLE. The hyperparameters from index `first` on joined the space. */
typedef struct dodona_space_grown_event {
  uint32_t struct_size;
  uint32_t first;
  const dodona_param* const* params;
  uint64_t count;
} dodona_space_grown_event;

/* GROWABLE. The user wants a trial with these values. Some may be left out. */
typedef struct dodona_enqueued_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment_span assignments;
} dodona_enqueued_event;

/* GROWABLE. The result of a trial of another study. It counts in no limit and is never the best.
 * Once more the same trial of the same source: the space grew, and this event, with values for it,
 * stands for the earlier one. */
typedef struct dodona_imported_event {
  uint32_t struct_size;
  dodona_trial_state state;
  dodona_assignment_span assignments;
  dodona_metric_span metrics;
  double objective; /* NaN: none */
  dodona_str source;
  uint64_t source_trial; /* in the source, or DODONA_NO_TRIAL */
} dodona_imported_event;

/* GROWABLE. A remark on a trial, by the user or the model. */
typedef struct dodona_noted_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str key;
  dodona_str value;
} dodona_noted_event;

/* GROWABLE. A trial exists from here on. */
typedef struct dodona_proposed_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment_span assignments; /* active hyperparameters only */
  uint64_t budget;                    /* step at which the trial must end; 0: none */
  uint64_t start_step;                /* steps that an earlier trial has done for this one */
  uint64_t resume_of; /* the trial from whose last checkpoint it goes on, or DODONA_NO_TRIAL */
  uint64_t tag;       /* the oracle's own mark */
  uint64_t seen;      /* its oracle had observed the events with sequences below this */
  uint64_t enqueued;  /* sequence of the enqueued event that it answers; UINT64_MAX: none */
  dodona_str note;    /* JSON, or empty */
} dodona_proposed_event;

/* GROWABLE. An execution began. Metrics of earlier starts of the same execution are void. */
typedef struct dodona_started_event {
  uint32_t struct_size;
  uint32_t execution;
  uint32_t attempt;
  uint32_t reserved;
} dodona_started_event;

/* GROWABLE. A running trial asked for a new hyperparameter, which got this value. */
typedef struct dodona_filled_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment assignment;
} dodona_filled_event;

/* GROWABLE. A trial reported metrics at a step, and the kernel answered with the verdict. */
typedef struct dodona_reported_event {
  uint32_t struct_size;
  uint32_t execution;
  uint64_t step;
  dodona_metric_span metrics;
  double objective; /* NaN: the metrics do not give it */
  dodona_verdict verdict;
  int32_t reserved;
} dodona_reported_event;

/* GROWABLE. A trial ended for good. */
typedef struct dodona_finished_event {
  uint32_t struct_size;
  dodona_trial_state state;
  dodona_assignment_span assignments; /* of the hyperparameters that the trial asked for */
  dodona_metric_span metrics;         /* the final ones of the model, else those of the best step */
  double objective;                   /* NaN: none */
  uint64_t best_step;
  dodona_str message;
} dodona_finished_event;

/* GROWABLE. A search ended. */
typedef struct dodona_stopped_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str reason;
} dodona_stopped_event;

/* ---- role oracle ----------------------------------------------------------------------------- */

/* GROWABLE */
typedef struct dodona_request {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t trial; /* the id of the next trial; with the study's seed it seeds the proposal */
} dodona_request;

/* GROWABLE */
typedef struct dodona_proposal {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment_span assignments; /* one for each active hyperparameter, in space order */
  uint64_t budget;
  uint64_t start_step;
  uint64_t resume_of; /* or DODONA_NO_TRIAL */
  uint64_t tag;
  dodona_str note; /* JSON of at most 64 KiB, or empty */
} dodona_proposal;

/* FROZEN. Each call of propose may push one proposal at most. */
typedef struct dodona_proposal_sink {
  void* impl;
  /* [study] Checks the proposal and answers its trial's id. Illegal values: DODONA_E_INVALID. */
  dodona_status (*push)(void* impl, const dodona_proposal*, uint64_t* trial, dodona_error*);
} dodona_proposal_sink;

/* GROWABLE. An oracle is a fold over the log: its state is a function of study, space and events
 * alone. The randomness of a proposal is a function of the study's seed and the trial's id.
 * An oracle without `propose` is a stopper: it only judges. */
typedef struct dodona_oracle_vtable {
  uint32_t struct_size;
  uint32_t reserved;
  /* [study] */
  dodona_status (*create)(const dodona_host*, const dodona_study*, const dodona_options*,
                          void** self, dodona_error*);
  /* [study] */
  void (*destroy)(void* self);
  /* [study] Called before the first event, and again whenever the space has grown. */
  dodona_status (*set_space)(void* self, const dodona_space*, dodona_error*);
  /* [study] Gets every event once, in order, in portions of any size. */
  dodona_status (*observe)(void* self, const dodona_event* const* events, uint64_t count,
                           dodona_error*);
  /* [study] optional. Answers DODONA_OK after a push, else DODONA_E_WAIT or DODONA_E_EXHAUSTED. */
  dodona_status (*propose)(void* self, const dodona_request*, const dodona_proposal_sink*,
                           dodona_error*);
  /* [study] optional. Decides if a trial goes on after a report, which is not yet in the log. */
  dodona_status (*judge)(void* self, const dodona_event* report, dodona_verdict* out,
                         dodona_error*);
  /* [any] optional, pure. Chooses a value for a hyperparameter that the trial met first. */
  dodona_status (*fill)(void* self, uint64_t trial, const dodona_param*, dodona_value* out,
                        dodona_error*);
} dodona_oracle_vtable;

/* ---- role hypermodel ------------------------------------------------------------------------- */

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

/* ---- role sink ------------------------------------------------------------------------------- */

/* GROWABLE. A sink gets every event at least once, in order, on a thread of its own. */
typedef struct dodona_sink_vtable {
  uint32_t struct_size;
  uint32_t reserved;
  /* [study] */
  dodona_status (*create)(const dodona_host*, const dodona_study*, const dodona_options*,
                          void** self, dodona_error*);
  /* [study] */
  void (*destroy)(void* self);
  /* [study] optional */
  dodona_status (*set_space)(void* self, const dodona_space*, dodona_error*);
  /* [study] */
  dodona_status (*consume)(void* self, const dodona_event* const* events, uint64_t count,
                           dodona_error*);
  /* [study] Makes durable all that was consumed. The host does not send it again afterwards. */
  dodona_status (*flush)(void* self, dodona_error*);
} dodona_sink_vtable;

/* ---- the module ------------------------------------------------------------------------------ */

#define DODONA_ROLE_ORACLE "dodona.oracle/1"
#define DODONA_ROLE_HYPERMODEL "dodona.hypermodel/1"
#define DODONA_ROLE_SINK "dodona.sink/1"

enum {
  DODONA_FLAG_RESUMES = 1 << 0, /* the oracle's proposals may go on from earlier trials */
  DODONA_FLAG_ENDS = 1 << 1     /* the oracle ends by itself: max_trials has no default */
};

/* GROWABLE. One option that a study file may give to a plugin. */
typedef struct dodona_option {
  uint32_t struct_size;
  dodona_kind kind;
  const char* name;
  const char* help;            /* effect, reason to change it, cost */
  dodona_value initial;        /* the default; kind 0: the option must be given */
  dodona_value low;            /* kind 0: no bound */
  dodona_value high;           /* kind 0: no bound */
  const dodona_value* choices; /* or NULL */
  uint64_t choice_count;
  const char* initial_json; /* default of a LIST or OBJECT */
} dodona_option;

/* GROWABLE */
typedef struct dodona_descriptor {
  uint32_t struct_size;
  uint32_t flags;
  const char* role;
  const char* id;   /* reverse-DNS, never reused */
  const char* name; /* the short name that study files use */
  const char* version;
  const char* license;
  const char* description;
  const dodona_option* const* options;
  uint64_t option_count;
  const void* vtable; /* its type follows from the role */
} dodona_descriptor;

/* GROWABLE */
typedef struct dodona_module {
  uint32_t struct_size;
  uint32_t abi_epoch;
  uint32_t abi_minor;
  uint32_t reserved;
  const char* build; /* compiler and library, for bug reports only */
  const dodona_descriptor* const* descriptors;
  uint64_t count;
  /* [any] optional */
  const void* (*get_extension)(const char* id);
} dodona_module;

/* The only exported symbol of a plugin. Pure: no allocation, threads, input or output, and the
 * same pointer every time. */
#define DODONA_ENTRY_SYMBOL "dodona_module_v0"
DODONA_EXPORT const dodona_module* dodona_module_v0(void) DODONA_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
