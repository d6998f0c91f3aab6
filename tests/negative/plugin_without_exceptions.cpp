// SPDX-License-Identifier: Apache-2.0
//
// The C++ layer turns exceptions into codes and codes into exceptions. One line says so.
// Diagnostic: need exceptions: remove -fno-exceptions
// Flags: -fno-exceptions
// Errors: 1
#include <dodona/plugin.hpp>

struct Still {
  void run(dodona::Trial&) {}
};

DODONA_PLUGIN(dodona::hypermodel<Still>({.id = "a.b", .name = "b", .description = "c"}))
