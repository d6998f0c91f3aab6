// SPDX-License-Identifier: Apache-2.0
//
// The space comes as a class of the C++ layer.
// Diagnostic: set_space of a sink is: void set_space(const dodona::Space&)
#include <dodona/plugin.hpp>

struct Sink {
  void consume(const dodona_event&) {}
  void flush() {}
#ifdef CONTROL
  void set_space(const dodona::Space&) {}
#else
  void set_space(const dodona_space&) {}
#endif
};

DODONA_PLUGIN(dodona::sink<Sink>({.id = "a.b", .name = "b", .description = "c"}))
