// SPDX-License-Identifier: Apache-2.0
//
// Return one number: it is the objective without a name, and Dodona minimises it.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdio>

int main() {
  const moons::Points train = moons::points(400, 1), validation = moons::points(200, 2);
  dodona::Tuner tuner({.max_trials = 8, .seed = 1, .store = "memory"});
  tuner.search([&](dodona::HyperParameters& hp) {
    moons::Network net(1, static_cast<std::size_t>(hp.integer("units", {.min = 2, .max = 16})), 1);
    for (int epoch = 0; epoch < 10; ++epoch) net.train(train, 0.1);
    return net.scores(validation).loss;
  });
  std::printf("best %.3f with %d units\n", *tuner.best(1).front().score,
              static_cast<int>(tuner.best_hyperparameters().integer("units")));
}
