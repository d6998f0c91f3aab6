// SPDX-License-Identifier: Apache-2.0
//
// Tunes a function inside an application, through the library alone.
#include <dodona/dodona.hpp>

#include <cstdio>

int main() {
  dodona::Tuner tuner({.objective = {"loss", dodona::Direction::kMin},
                       .max_trials = 200,
                       .seed = 1,
                       .store = "memory"});
  tuner.search([](dodona::HyperParameters& hp) {
    const double x = hp.real("x", {.min = -1, .max = 1});
    const bool lifted = hp.boolean("lifted");
    return x * x + (lifted ? 1 : 0);
  });
  const dodona::Values best = tuner.best_hyperparameters();
  std::printf("best x %.3f, lifted %s\n", best.real("x"), best.boolean("lifted") ? "yes" : "no");
}
