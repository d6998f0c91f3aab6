// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel that cannot be executed in either form.
// Diagnostic: a hypermodel needs: run(dodona::Trial&), or a type Model with build and fit
#include <dodona/plugin.hpp>

struct Idle {
  void declare(dodona::HyperParameters& hp) { hp.boolean("b"); }
#ifdef CONTROL
  void run(dodona::Trial&) {}
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Idle>({.id = "a.b", .name = "b", .description = ""}))
