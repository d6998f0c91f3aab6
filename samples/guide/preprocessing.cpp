// SPDX-License-Identifier: Apache-2.0
//
// Tune the preprocessing of the data: if it is normalised, and the part of each example that is
// used. `get` reads a value a second time.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdio>

class Moons {
 public:
  using Model = moons::Network;

  Model build(dodona::HyperParameters& hp, dodona::Trial& trial) {
    hp.boolean("normalize");
    hp.choice("features", {"both", "first"});
    return {2, 8, trial.seed()};
  }

  void fit(Model& net, dodona::Trial& trial) {
    const moons::Points train = prepared(train_, trial.hp());
    const moons::Points validation = prepared(validation_, trial.hp());
    for (std::uint64_t epoch = 1; epoch <= 15; ++epoch) {
      net.train(train, 0.05);
      trial.report(epoch, {{"val_accuracy", net.scores(validation).accuracy}});
    }
  }

 private:
  static moons::Points prepared(moons::Points points, dodona::HyperParameters hp) {
    for (moons::Point& point : points) {
      if (hp.get<bool>("normalize")) point.y /= 100.0;
      if (hp.get<std::string>("features") == "first") point.y = 0.0;
    }
    return points;
  }

  const moons::Points train_ = moons::points(400, 1, false);
  const moons::Points validation_ = moons::points(200, 2, false);
};

int main() {
  dodona::Tuner tuner({.objective = {"val_accuracy", dodona::Direction::kMax},
                       .max_trials = 4,
                       .seed = 1,
                       .store = "memory"});
  tuner.search(Moons());
  const dodona::Result best = tuner.best(1).front();
  std::printf("best val_accuracy %.3f: %s, features %s\n", *best.score,
              best.values.boolean("normalize") ? "normalised" : "as it is",
              best.values.text("features").c_str());
}
