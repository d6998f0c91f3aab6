/* SPDX-License-Identifier: Apache-2.0
 *
 * The entries of a study's log.
 * A part of dodona/abi.h, which states the rules.
 *
 * Order
 *   created comes first, and configured before the first trial. A search ends with stopped, unless
 *   it failed or its process died; another one may follow.
 *   A definition joins by space_grown before the first event that uses it.
 *   proposed begins a trial; ids count from 0 without gaps. Then come, for each of its executions,
 *   started and any number of filled and reported, with rising steps. finished ends it.
 *   After an interruption or for a retry an execution is started again.
 *   enqueued comes before the proposed that answers it. noted may come at any time. lost may come
 *   between started and finished: the trial waits for another runner, which starts it again.
 *
 * Events of different trials are mixed. The clock of unix_nanos may go backwards.
 *
 * Objectives stand in the study's order: smaller is better, NaN where the metrics do not give one.
 * There may be none at all, where the metrics never had them. Excesses stand in the order of the
 * study's limits and say by how much one is not kept, as a share of its bound: of the larger one of
 * two, of 1 where that is 0. An excess is 0 or less where the limit is kept, and NaN where the metric
 * is not known.
 */
#ifndef DODONA_ABI_EVENTS_H
#define DODONA_ABI_EVENTS_H

#include <dodona/abi/space.h>

DODONA_C_BEGIN

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
  DODONA_EVENT_STOPPED = 12,
  DODONA_EVENT_LOST = 13
};

/* GROWABLE. One entry of a study's log. A reader ignores types that it does not know. The event,
 * its body and all that they point to are valid until the slot that got it returns. */
typedef struct dodona_event {
  uint32_t struct_size;
  dodona_event_type type;
  uint64_t sequence; /* from 0, without gaps */
  uint64_t trial;    /* or DODONA_NO_TRIAL */
  int64_t unix_nanos;
  const void* body; /* dodona_TYPE_event */
} dodona_event;
#define DODONA_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_event, body)

/* GROWABLE. The study began. */
typedef struct dodona_created_event {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t seed;
  dodona_str version;   /* of the kernel that created the study */
  uint8_t study_id[16]; /* that of dodona_study */
} dodona_created_event;
#define DODONA_CREATED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_created_event, version)

/* GROWABLE. The build of a plugin that the study uses from here on. */
typedef struct dodona_plugin_identity {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str role;
  dodona_str id;
  dodona_str version;
  dodona_str build_id; /* lower-case hexadecimal; empty for a part of the application */
} dodona_plugin_identity;
#define DODONA_PLUGIN_IDENTITY_SIZE_MIN DODONA_SIZE_TO(dodona_plugin_identity, build_id)

/* GROWABLE. The study document that holds from here on. It comes again when a study goes on under
 * another one. */
typedef struct dodona_configured_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str document; /* JSON */
  const dodona_plugin_identity* const* plugins;
  uint64_t plugin_count;
} dodona_configured_event;
#define DODONA_CONFIGURED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_configured_event, document)

/* GROWABLE. The hyperparameters from index `first` on joined the space, and the constraints the
 * ones that it had. */
typedef struct dodona_space_grown_event {
  uint32_t struct_size;
  uint32_t first;
  const dodona_param* const* params;
  uint64_t count;
  dodona_str_span constraints;
} dodona_space_grown_event;
#define DODONA_SPACE_GROWN_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_space_grown_event, count)

/* GROWABLE. The user wants a trial with these values. Some may be left out. */
typedef struct dodona_enqueued_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment_span assignments;
} dodona_enqueued_event;
#define DODONA_ENQUEUED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_enqueued_event, assignments)

/* GROWABLE. The result of a trial of another study. It counts in no limit and is never the best.
 * Once more the same trial of the same source: the space grew, and this event, with values for it,
 * stands for the earlier one. */
typedef struct dodona_imported_event {
  uint32_t struct_size;
  dodona_trial_state state;
  dodona_assignment_span assignments;
  dodona_metric_span metrics;
  dodona_number_span objectives;
  dodona_str source;
  uint64_t source_trial; /* in the source, or DODONA_NO_TRIAL */
  dodona_number_span excesses;
} dodona_imported_event;
#define DODONA_IMPORTED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_imported_event, source_trial)

/* GROWABLE. A remark on a trial, by the user or the model. */
typedef struct dodona_noted_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str key;
  dodona_str value;
} dodona_noted_event;
#define DODONA_NOTED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_noted_event, value)

/* GROWABLE. A trial exists from here on. */
typedef struct dodona_proposed_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment_span assignments; /* active hyperparameters only */
  uint64_t budget;                    /* step at which the trial must end; 0: none */
  uint64_t start_step;                /* steps that an earlier trial has done for this one */
  uint64_t resume_of; /* the trial from whose last checkpoint it goes on, or DODONA_NO_TRIAL */
  uint64_t tag;       /* the oracle's own mark */
  uint64_t seen;      /* its oracle had observed the events with sequences below this; with a
                       * lag, the trials with ids below this */
  uint64_t enqueued;  /* sequence of the enqueued event that it answers; UINT64_MAX: none */
  dodona_str note;    /* JSON, or empty */
  uint64_t repeat_of; /* the trial whose values it has once more, or DODONA_NO_TRIAL */
} dodona_proposed_event;
#define DODONA_PROPOSED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_proposed_event, note)

/* GROWABLE. An execution began, or began again. If `start_step` is 0, UINT64_MAX or the proposal's
 * own, it begins anew: all its earlier reports are void. Otherwise it goes on from there: its
 * reports beyond that step are void. The reports of later executions are void in either case, and
 * all reports of an earlier attempt. */
typedef struct dodona_started_event {
  uint32_t struct_size;
  uint32_t execution;
  uint32_t attempt;
  uint32_t reserved;
  uint64_t start_step; /* steps that are done; UINT64_MAX: those of the proposal */
  dodona_str runner;   /* the name of the one that executes it; empty: this process */
} dodona_started_event;
#define DODONA_STARTED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_started_event, attempt)

/* GROWABLE. A running trial asked for a new hyperparameter, which got this value. */
typedef struct dodona_filled_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment assignment;
} dodona_filled_event;
#define DODONA_FILLED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_filled_event, assignment)

/* GROWABLE. A trial reported metrics at a step, and the kernel answered with the verdict. */
typedef struct dodona_reported_event {
  uint32_t struct_size;
  uint32_t execution;
  uint64_t step;
  dodona_metric_span metrics;
  dodona_number_span objectives;
  dodona_verdict verdict;
  uint32_t reserved;
  dodona_number_span excesses;
} dodona_reported_event;
#define DODONA_REPORTED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_reported_event, reserved)

/* GROWABLE. A trial ended for good. Of its trial nothing but a remark follows. */
typedef struct dodona_finished_event {
  uint32_t struct_size;
  dodona_trial_state state;
  dodona_assignment_span assignments; /* of the hyperparameters that the trial asked for */
  dodona_metric_span metrics;         /* the final ones of the model, else those of the best step */
  dodona_number_span objectives;
  uint64_t best_step;
  dodona_str message;
  dodona_number_span excesses;
  dodona_outcome outcome;
  uint32_t reserved;
  double seconds;                /* that its last attempt took; NaN: nobody measured */
  dodona_number_span executions; /* the first objective of each; empty if there was one */
} dodona_finished_event;
#define DODONA_FINISHED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_finished_event, message)

/* GROWABLE. A search ended. */
typedef struct dodona_stopped_event {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_str reason;
} dodona_stopped_event;
#define DODONA_STOPPED_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_stopped_event, reason)

/* GROWABLE. The runner of an execution was lost. All reports stand until the trial is started
 * again. */
typedef struct dodona_lost_event {
  uint32_t struct_size;
  uint32_t execution;
  dodona_str why;
} dodona_lost_event;
#define DODONA_LOST_EVENT_SIZE_MIN DODONA_SIZE_TO(dodona_lost_event, why)

DODONA_C_END
#endif
