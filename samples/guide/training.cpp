// SPDX-License-Identifier: Apache-2.0
//
// Tune the training: `fit` asks for hyperparameters too, here the batch size and the order of the
// examples.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdio>

class Moons {
 public:
  using Model = moons::Network;

  Model build(dodona::HyperParameters& hp, dodona::Trial& trial) {
    const auto units = hp.integer("units", {.min = 4, .max = 16, .step = 4});
    return {2, static_cast<std::size_t>(units), trial.seed()};
  }

  void fit(Model& net, dodona::Trial& trial) {
    dodona::HyperParameters hp = trial.hp();
    const auto batch = hp.choice("batch_size", {1, 4, 16});
    const bool shuffle = hp.boolean("shuffle");
    for (std::uint64_t epoch = 1; epoch <= 15; ++epoch) {
      net.train(train_, 0.1, static_cast<std::size_t>(batch), shuffle);
      trial.report(epoch, {{"val_loss", net.scores(validation_).loss}});
    }
  }

 private:
  const moons::Points train_ = moons::points(400, 1), validation_ = moons::points(200, 2);
};

int main() {
  dodona::Tuner tuner({.objective = {"val_loss", dodona::Direction::kMin},
                       .max_trials = 12,
                       .parallel_trials = 2,
                       .seed = 1,
                       .store = "memory"});
  tuner.search(Moons());
  const dodona::Result best = tuner.best(1).front();
  std::printf("best val_loss %.3f: batches of %d, %s\n", *best.score,
              static_cast<int>(best.values.integer("batch_size")),
              best.values.boolean("shuffle") ? "shuffled" : "in order");
}
