/* SPDX-License-Identifier: Apache-2.0
 *
 * The role that proposes trials, judges them, or both.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_ORACLE_H
#define DODONA_ABI_ORACLE_H

#include <dodona/abi/events.h>
#include <dodona/abi/host.h>

DODONA_C_BEGIN

/* GROWABLE. The trial for which propose is asked. Valid until propose returns. */
typedef struct dodona_request {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t trial; /* the id of the next trial; with the study's seed it seeds the proposal */
} dodona_request;
#define DODONA_REQUEST_SIZE_MIN DODONA_SIZE_TO(dodona_request, trial)

/* GROWABLE. The members mean those of dodona_proposed_event. Borrowed until push returns.
 *
 * A proposal with `resume_of` goes on from the last checkpoint of that trial. It gives a value for
 * the same hyperparameters, which may be another value: the model loads the checkpoint under it.
 * A proposal with `repeat_of` has the values of that trial, and gets a seed of its own. */
typedef struct dodona_proposal {
  uint32_t struct_size;
  uint32_t reserved;
  dodona_assignment_span assignments; /* one for each active hyperparameter, in space order */
  uint64_t budget;
  uint64_t start_step;
  uint64_t resume_of; /* or DODONA_NO_TRIAL */
  uint64_t tag;
  dodona_str note;    /* JSON of at most 64 KiB, or empty */
  uint64_t repeat_of; /* or DODONA_NO_TRIAL */
} dodona_proposal;
#define DODONA_PROPOSAL_SIZE_MIN DODONA_SIZE_TO(dodona_proposal, note)

/* GROWABLE. Each call of propose may push one proposal at most. Valid until that call returns. */
typedef struct dodona_proposal_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* impl;
  /* [study] From within propose. Checks the proposal and answers its trial's id. Illegal values:
   * DODONA_E_INVALID. Values that break a constraint: DODONA_E_INFEASIBLE. Another push may follow
   * either. A second proposal: DODONA_E_INVALID, and the first one stands. */
  dodona_status(DODONA_CALL* push)(void* impl, const dodona_proposal*, uint64_t* trial,
                                   dodona_error*) DODONA_NOEXCEPT;
} dodona_proposal_sink;
#define DODONA_PROPOSAL_SINK_SIZE_MIN DODONA_SIZE_TO(dodona_proposal_sink, push)

/* GROWABLE. An oracle is a fold over the log: its state is a function of study, space and events
 * alone. The randomness of a proposal is a function of the study's seed and the trial's id.
 * An oracle without `propose` is a stopper: it only judges. One of the two must be there. A failure
 * of any slot but create ends the search once its running trials have ended. */
typedef struct dodona_oracle_vtable {
  uint32_t struct_size;
  uint32_t reserved;
  /* [study] Called once, before all others. After a failure destroy is not called. */
  dodona_status(DODONA_CALL* create)(const dodona_host*, const dodona_study*, const dodona_options*,
                                     void** self, dodona_error*) DODONA_NOEXCEPT;
  /* [study] Called last. The host's services end with it. */
  void(DODONA_CALL* destroy)(void* self) DODONA_NOEXCEPT;
  /* [study] Called before the first event, and again whenever the space has grown. The space may be
   * empty. It is valid until the next set_space, or destroy, returns. fill may run at the same
   * time. */
  dodona_status(DODONA_CALL* set_space)(void* self, const dodona_space*,
                                        dodona_error*) DODONA_NOEXCEPT;
  /* [study] Gets every event once, in order, in portions of any size; count may be 0. With a lag
   * the order is that of the trials, not of the sequences. Events are not sent again after a
   * failure. */
  dodona_status(DODONA_CALL* observe)(void* self, const dodona_event* const* events, uint64_t count,
                                      dodona_error*) DODONA_NOEXCEPT;
  /* [study] optional. Answers DODONA_OK after a push, else DODONA_E_WAIT or DODONA_E_EXHAUSTED.
   * DODONA_E_CANCELLED counts as DODONA_E_WAIT. To wait while no trial runs is a failure. A
   * proposal may be dropped, and the same trial asked for again. */
  dodona_status(DODONA_CALL* propose)(void* self, const dodona_request*,
                                      const dodona_proposal_sink*, dodona_error*) DODONA_NOEXCEPT;
  /* [study] optional. Decides if a trial goes on after a report, which is not yet in the log.
   * Called from within report, on that trial's thread. observe brings the event later. */
  dodona_status(DODONA_CALL* judge)(void* self, const dodona_event* report, dodona_verdict* out,
                                    dodona_error*) DODONA_NOEXCEPT;
  /* [any] optional, pure. Chooses a value for a hyperparameter that the trial met first, or that an
   * enqueued trial left out. A text must be one of the definition's own choices.
   * DODONA_E_UNSUPPORTED: the host draws the value. After a failure the trial runs again in a later
   * search. */
  dodona_status(DODONA_CALL* fill)(void* self, uint64_t trial, const dodona_param*,
                                   dodona_value* out, dodona_error*) DODONA_NOEXCEPT;
  /* [any] optional. The table of an optional feature of the object by its versioned id, or NULL;
   * see extensions.h. The table is valid as long as the object. */
  const void*(DODONA_CALL* get_extension)(void* self, const char* id)DODONA_NOEXCEPT;
} dodona_oracle_vtable;
#define DODONA_ORACLE_VTABLE_SIZE_MIN DODONA_SIZE_TO(dodona_oracle_vtable, observe)

DODONA_C_END
#endif
