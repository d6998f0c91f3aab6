// SPDX-License-Identifier: Apache-2.0
//
// Keep your code as it is: a second function asks for the arguments of yours.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdio>

namespace mine {

// Your function. It knows nothing of a tuner.
double train_and_score(int layers, int units, double rate) {
  moons::Network net(static_cast<std::size_t>(layers), static_cast<std::size_t>(units), 1);
  const moons::Points data = moons::points(400, 1);
  for (int epoch = 0; epoch < 10; ++epoch) net.train(data, rate);
  return net.scores(moons::points(200, 2)).loss;
}

}  // namespace mine

int main() {
  dodona::Tuner tuner({.max_trials = 10, .seed = 1, .store = "memory"});
  tuner.search([](dodona::HyperParameters& hp) {
    return mine::train_and_score(
        static_cast<int>(hp.integer("layers", {.min = 1, .max = 2})),
        static_cast<int>(hp.integer("units", {.min = 2, .max = 16})),
        hp.real("rate", {.min = 0.01, .max = 0.3, .sampling = dodona::Sampling::kLog}));
  });
  std::printf("best %.3f\n", *tuner.best(1).front().score);
}
