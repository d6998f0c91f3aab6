// SPDX-License-Identifier: Apache-2.0
//
// Tune the model architecture: the number of layers and units, and a rate that only some models
// have. Asking for a value describes the space.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdio>

int main() {
  const moons::Points train = moons::points(400, 1), validation = moons::points(200, 2);

  dodona::Tuner tuner({.objective = {"val_loss", dodona::Direction::kMin},
                       .max_trials = 15,
                       .seed = 1,
                       .store = "memory"});
  tuner.search([&](dodona::Trial& trial) {
    dodona::HyperParameters hp = trial.hp();
    const auto layers = hp.integer("layers", {.min = 1, .max = 3});
    const auto units = hp.integer("units", {.min = 2, .max = 16, .step = 2});
    double rate = 0.05;
    if (hp.boolean("tune_rate", {.initial = true})) {
      // A plain `if` would do. The scope tells oracles that `rate` matters under this condition
      // alone.
      if (auto scope = hp.when("tune_rate", true)) {
        rate = hp.real("rate", {.min = 1e-3, .max = 0.3, .sampling = dodona::Sampling::kLog});
      }
    }
    moons::Network net(static_cast<std::size_t>(layers), static_cast<std::size_t>(units),
                       trial.seed());
    for (std::uint64_t epoch = 1; epoch <= 15; ++epoch) {
      net.train(train, rate);
      const moons::Scores scores = net.scores(validation);
      trial.report(epoch, {{"val_loss", scores.loss}, {"val_accuracy", scores.accuracy}});
    }
  });

  for (const dodona::HyperParameter& parameter : tuner.space()) {
    std::printf("%s (%s)\n", parameter.name.c_str(), parameter.type.c_str());
  }
  const dodona::Result best = tuner.best(1).front();
  std::printf("best val_loss %.3f at epoch %d of trial %d: %d layers of %d units\n", *best.score,
              static_cast<int>(best.best_step), static_cast<int>(best.trial),
              static_cast<int>(best.values.integer("layers")),
              static_cast<int>(best.values.integer("units")));
}
