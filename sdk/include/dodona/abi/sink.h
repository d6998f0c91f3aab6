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

DODONA_C_END
#endif
