// SPDX-License-Identifier: Apache-2.0
//
// A checkpoint that nobody can read.
// Diagnostic: a hypermodel has both save and load, or neither
#include <dodona/plugin.hpp>

struct Forgetful {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
  void save(Model&, std::string_view) {}
#ifdef CONTROL
  void load(Model&, std::string_view) {}
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Forgetful>({.id = "a.b", .name = "b", .description = ""}))
