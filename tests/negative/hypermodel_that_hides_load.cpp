// SPDX-License-Identifier: Apache-2.0
//
// A function that only the class itself can call is never called.
// Diagnostic: load of a hypermodel is: void load(Model&, std::string_view directory)
#include <dodona/plugin.hpp>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  void load(Model&, std::string_view) {}
#else

 private:
  void load(Model&, std::string_view) {}

 public:
#endif
  void save(Model&, std::string_view) {}
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
