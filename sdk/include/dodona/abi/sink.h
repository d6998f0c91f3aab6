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
  dodona_status(DODONA_CALL* create)(const dodona_host*, const dodona_study*, const dodona_options*,
                                     void** self, dodona_error*) DODONA_NOEXCEPT;
  /* [study] Called last. The host's services end with it. */
  void(DODONA_CALL* destroy)(void* self) DODONA_NOEXCEPT;
  /* [study] Gets the next events, in portions of any size; count may be 0. After a crash some may
   * come again, with the same sequences. */
  dodona_status(DODONA_CALL* consume)(void* self, const dodona_event* const* events, uint64_t count,
                                      dodona_error*) DODONA_NOEXCEPT;
  /* [study] Makes durable all that was consumed. The host does not send it again afterwards, unless
   * the process crashes at that moment. Called at most once a second, and at the end. */
  dodona_status(DODONA_CALL* flush)(void* self, dodona_error*) DODONA_NOEXCEPT;
  /* [study] optional. Called before the first event that uses a new hyperparameter. The space is
   * valid until the next set_space, or destroy, returns. */
  dodona_status(DODONA_CALL* set_space)(void* self, const dodona_space*,
                                        dodona_error*) DODONA_NOEXCEPT;
  /* [any] optional. The table of an optional feature of the object by its versioned id, or NULL;
   * see extensions.h. The table is valid as long as the object. */
  const void*(DODONA_CALL* get_extension)(void* self, const char* id)DODONA_NOEXCEPT;
} dodona_sink_vtable;
#define DODONA_SINK_VTABLE_SIZE_MIN DODONA_SIZE_TO(dodona_sink_vtable, flush)

DODONA_C_END
#endif
