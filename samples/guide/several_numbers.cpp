// SPDX-License-Identifier: Apache-2.0
//
// Return several metrics by name; the objective is one of them, and all are kept.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdio>
#include <map>
#include <string>

int main() {
  const moons::Points train = moons::points(400, 1), validation = moons::points(200, 2);
  dodona::Tuner tuner({.objective = {"accuracy", dodona::Direction::kMax},
                       .max_trials = 8,
                       .seed = 1,
                       .store = "memory"});
  tuner.search([&](dodona::HyperParameters& hp) {
    moons::Network net(1, static_cast<std::size_t>(hp.integer("units", {.min = 2, .max = 16})), 1);
    for (int epoch = 0; epoch < 10; ++epoch) net.train(train, 0.1);
    const moons::Scores scores = net.scores(validation);
    return std::map<std::string, double>{
        {"accuracy", scores.accuracy}, {"loss", scores.loss}, {"f1", scores.f1}};
  });
  const dodona::Result best = tuner.best(1).front();
  for (const auto& [name, value] : best.metrics) {
    std::printf("%s %.3f\n", name.c_str(), value);
  }
}
