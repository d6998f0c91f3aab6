// SPDX-License-Identifier: Apache-2.0
//
// Specify the objective: a metric that the model reports, built-in or your own, with the direction
// in which it is better; or the sum of several.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdio>

int main() {
  const moons::Points train = moons::points(400, 1), validation = moons::points(200, 2);
  const auto model = [&](dodona::Trial& trial) {
    const auto units = trial.hp().integer("units", {.min = 2, .max = 16});
    moons::Network net(1, static_cast<std::size_t>(units), trial.seed());
    for (std::uint64_t epoch = 1; epoch <= 10; ++epoch) {
      net.train(train, 0.1);
      const moons::Scores scores = net.scores(validation);
      trial.report(epoch, {{"val_loss", scores.loss},
                           {"val_accuracy", scores.accuracy},
                           {"my_f1", scores.f1},
                           {"size", static_cast<double>(units)}});
    }
  };
  const auto best = [&](const dodona::Objective& objective) {
    dodona::Tuner tuner({.objective = objective, .max_trials = 8, .seed = 1, .store = "memory"});
    tuner.search(model);
    return *tuner.best(1).front().score;
  };
  using dodona::Direction;
  std::printf("built-in val_accuracy %.3f\n", best({"val_accuracy", Direction::kMax}));
  std::printf("custom my_f1 %.3f\n", best({"my_f1", Direction::kMax}));
  std::printf(
      "val_loss - my_f1 %.3f\n",
      best(dodona::Objective::sum_of({{"val_loss", Direction::kMin}, {"my_f1", Direction::kMax}})));
}
