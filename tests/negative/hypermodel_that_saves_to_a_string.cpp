// SPDX-License-Identifier: Apache-2.0
//
// A save that takes another type than the kernel gives would never be called.
// Diagnostic: save of a hypermodel is: void save(Model&, std::string_view directory)
#include <dodona/plugin.hpp>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  void save(Model&, std::string_view) {}
#else
  void save(Model&, const std::string&) {}
#endif
  void load(Model&, std::string_view) {}
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
