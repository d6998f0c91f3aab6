// SPDX-License-Identifier: Apache-2.0
//
// A metric has a direction.
// Diagnostic: metrics of a hypermodel is: std::vector<dodona::ReportedMetric> metrics()
#include <dodona/plugin.hpp>

struct Net {
  struct Model {};
  Model build(dodona::HyperParameters&) { return {}; }
  void fit(Model&, dodona::Trial&) {}
#ifdef CONTROL
  std::vector<dodona::ReportedMetric> metrics() {
    return {{"loss", dodona::Better::kLess}};
  }
#else
  std::vector<std::string> metrics() {
    return {"loss"};
  }
#endif
};

DODONA_PLUGIN(dodona::hypermodel<Net>({.id = "a.b", .name = "b", .description = "c"}))
