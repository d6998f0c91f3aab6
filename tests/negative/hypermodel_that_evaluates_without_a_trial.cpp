// SPDX-License-Identifier: Apache-2.0
//
// Metrics of an evaluation go to the trial.
// Diagnostic: evaluate of a hypermodel is: void evaluate(Model&, dodona::Trial&)
#include <dodona/plugin.hpp>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  void evaluate(Model&, dodona::Trial&) {}
#else
  void evaluate(Model&) {}
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
