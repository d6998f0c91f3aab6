// SPDX-License-Identifier: Apache-2.0
//
// Predictions that are returned would be dropped.
// Diagnostic: predict of a hypermodel is
#include <dodona/plugin.hpp>

#include <vector>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  void predict(Model&, dodona::Trial&, std::string_view, dodona::Rows& out) {
    out.columns({"value"});
  }
#else
  std::vector<double> predict(Model&, std::string_view) {
    return {};
  }
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
