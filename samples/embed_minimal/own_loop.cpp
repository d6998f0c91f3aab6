// SPDX-License-Identifier: Apache-2.0
//
// An application that runs the trials itself: it asks for values, and tells what came of them.
#include <dodona/dodona.hpp>

#include <cstdio>

int main() {
  dodona::Tuner tuner({.objective = {"loss", dodona::Direction::kMin},
                       .max_trials = 50,
                       .seed = 1,
                       .store = "memory"});
  while (dodona::AskedTrial trial = tuner.ask()) {
    const double x = trial.real("x", {.min = -1, .max = 1});
    tuner.tell(trial, {{"loss", x * x}});
  }
  std::printf("best x %.3f\n", tuner.best_hyperparameters().real("x"));
}
