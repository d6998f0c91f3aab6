// SPDX-License-Identifier: Apache-2.0
//
// A number that evaluate returned would be dropped.
// Diagnostic: metrics go to trial.finish
#include <dodona/plugin.hpp>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  void evaluate(Model&, dodona::Trial& trial) {
    trial.finish({{"loss", 1}});
  }
#else
  double evaluate(Model&, dodona::Trial&) {
    return 1;
  }
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
