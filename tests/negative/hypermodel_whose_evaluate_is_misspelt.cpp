// SPDX-License-Identifier: Apache-2.0
//
// A function of nearly the name and of the same arguments would never be called.
// Diagnostic: the member function evalute is never called
#include <dodona/plugin.hpp>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  void evaluate(Model&, dodona::Trial&) {}
#else
  void evalute(Model&, dodona::Trial&) {}
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
