// SPDX-License-Identifier: Apache-2.0
//
// A sink that cannot make durable what it consumed.
// Diagnostic: a sink needs: void flush()
#include <dodona/plugin.hpp>

struct Leaky {
  void consume(const dodona_event&) {}
#ifdef CONTROL
  void flush() {}
#endif
};

DODONA_PLUGIN(dodona::sink<Leaky>({.id = "a.b", .name = "b", .description = ""}))
