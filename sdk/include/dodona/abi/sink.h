/* SPDX-License-Identifier: Apache-2.0
 *
 * The role that receives the log.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_SINK_H
#define DODONA_ABI_SINK_H

#include <dodona/abi/events.h>
#include <dodona/abi/host.h>

DODONA_C_BEGIN

/* GROWABLE. A sink gets every event at least once, in order, on a thread of its own. A failure of a
 * slot but create is logged, and nothing but destroy follows. The next search sends again the
 * events since the last flush. */
typedef struct dodona_sink_vtable {
  uint32_t struct_size;
  uint32_t reserved;
  /* [study] Called once, before all others, on the thread that begins the search. After a failure
   * the search does not begin, and destroy is not called. */
  dodona_status (*create)(const dodona_host*, const dodona_study*, const dodona_options*,
                          void** self, dodona_error*);
  /* [study] Called last. The host's services end with it. */
  void (*destroy)(void* self);
  /* [study] optional. Called before the first event that uses a new hyperparameter. */
  dodona_status (*set_space)(void* self, const dodona_space*, dodona_error*);
  /* [study] Gets the next events, in portions of any size; count may be 0. After a crash some may
   * come again, with the same sequences. */
  dodona_status (*consume)(void* self, const dodona_event* const* events, uint64_t count,
                           dodona_error*);
  /* [study] Makes durable all that was consumed. The host does not send it again afterwards, unless
   * the process crashes at that moment. Called at most once a second, and at the end. */
  dodona_status (*flush)(void* self, dodona_error*);
} dodona_sink_vtable;

DODONA_C_END
#endif
