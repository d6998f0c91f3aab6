// SPDX-License-Identifier: Apache-2.0
//
// There is no trial yet when the space is asked for.
// Diagnostic: declare of a hypermodel is: void declare(dodona::HyperParameters&)
#include <dodona/plugin.hpp>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  void declare(dodona::HyperParameters&) {}
#else
  void declare(dodona::Trial&) {}
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
