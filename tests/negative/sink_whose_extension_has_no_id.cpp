// SPDX-License-Identifier: Apache-2.0
//
// One member answers the tables of all features, by their ids.
// Diagnostic: extension of a plugin's class is: const void* extension(std::string_view id)
#include <dodona/plugin.hpp>

struct Sink {
  void consume(const dodona_event&) {}
  void flush() {}
#ifdef CONTROL
  const void* extension(std::string_view) {
    return nullptr;
  }
#else
  const void* extension() {
    return nullptr;
  }
#endif
};

DODONA_PLUGIN(dodona::sink<Sink>({.id = "a.b", .name = "b", .description = "c"}))
