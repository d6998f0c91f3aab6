// SPDX-License-Identifier: Apache-2.0
//
// An application may tune an object that it made; the object of a plugin is made by the kernel.
// Diagnostic: a hypermodel of a plugin is made from a dodona::StudyContext or from nothing
#include <dodona/plugin.hpp>

struct Given {
#ifdef CONTROL
  explicit Given(const dodona::StudyContext&) {}
#else
  explicit Given(int) {}
#endif
  void run(dodona::Trial&) {}
};

DODONA_PLUGIN(dodona::hypermodel<Given>({.id = "a.b", .name = "b", .description = ""}))
