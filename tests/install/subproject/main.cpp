// SPDX-License-Identifier: Apache-2.0
//
// Finds the oracle in the build tree of dodona, of which it knows no path.
#include <dodona/dodona.hpp>

#include <cstdio>

int main() {
  dodona::TunerOptions options;
  options.study.objective = {"loss", dodona::Direction::kMin};
  options.study.oracle.plugin = "random";
  options.study.max_trials = 20;
  options.study.seed = 1;
  options.study.store = "memory";
  dodona::Tuner tuner(options);
  tuner.search([](dodona::HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}); });
  std::printf("best x %.3f\n", tuner.best_hyperparameters().real("x"));
}
