// SPDX-License-Identifier: Apache-2.0
//
// Tune anything that takes parameters and has a value: here the shape of a tin can of one litre
// that needs the least metal.
#include <dodona/dodona.hpp>

#include <cstdio>
#include <numbers>

int main() {
  dodona::Tuner tuner({.oracle = {"bayesian"}, .max_trials = 30, .seed = 1, .store = "memory"});
  tuner.search([](dodona::HyperParameters& hp) {
    const double radius = hp.real("radius", {.min = 1, .max = 20});  // cm
    const double height = 1000.0 / (std::numbers::pi * radius * radius);
    return 2 * std::numbers::pi * radius * (radius + height);  // cm^2
  });
  std::printf("radius %.2f cm\n", tuner.best_hyperparameters().real("radius"));
}
