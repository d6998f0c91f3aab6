// SPDX-License-Identifier: Apache-2.0
//
// After the search: the layers of the best model, the best models as they were at their best epoch,
// and the best hyperparameters trained anew on all the data. The study lies in runs/moons below the
// working directory.
#include "moons.hpp"

#include <dodona/dodona.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

class Moons {
 public:
  using Model = moons::Network;

  Model build(dodona::HyperParameters& hp, dodona::Trial& trial) {
    const auto units = hp.integer("units", {.min = 2, .max = 16});
    return {2, static_cast<std::size_t>(units), trial.seed()};
  }

  void fit(Model& net, dodona::Trial& trial) {
    moons::Points data = train_;
    if (trial.all_data()) data.insert(data.end(), validation_.begin(), validation_.end());
    const std::uint64_t epochs = trial.budget() > 0 ? trial.budget() : 15;
    for (std::uint64_t epoch = 1; epoch <= epochs; ++epoch) {
      net.train(data, 0.1);
      trial.report(epoch, {{"val_loss", net.scores(validation_).loss}});
    }
  }

  void save(Model& net, std::string_view directory) { net.save(std::string(directory) + "/net"); }
  void load(Model& net, std::string_view directory) { net.load(std::string(directory) + "/net"); }

  // A weight for each input and output, and one more for each output.
  std::vector<dodona::Layer> summary(Model& net) {
    std::vector<dodona::Layer> layers;
    for (const auto& [inputs, outputs] : net.sizes()) {
      const std::uint64_t weights = outputs * (inputs + 1);
      const auto shape = static_cast<std::int64_t>(outputs);
      const std::string name = "dense_" + std::to_string(layers.size() + 1);
      layers.push_back({name, "dense", {shape}, weights, weights});
    }
    return layers;
  }

 private:
  const moons::Points train_ = moons::points(400, 1), validation_ = moons::points(200, 2);
};

int main() {
  const moons::Points test = moons::points(400, 3);
  dodona::Tuner tuner({.objective = {"val_loss", dodona::Direction::kMin},
                       .max_trials = 6,
                       .seed = 1,
                       .directory = "runs",
                       .project_name = "moons"});
  Moons maker;
  tuner.search(maker);
  const dodona::ModelSummary summary = tuner.summary_of(maker);
  for (const dodona::ModelLayer& layer : summary.layers) {
    std::printf("%s: %d outputs\n", layer.name.c_str(), static_cast<int>(layer.shape.at(0)));
  }
  std::printf("parameters: %d\n", static_cast<int>(summary.parameters()));
  for (const auto& net : tuner.best_models(maker, 2)) {
    std::printf("kept: test accuracy %.3f\n", net->scores(test).accuracy);
  }
  const auto final_net = tuner.retrain(maker, {.steps = 20}).model<Moons>();
  std::printf("trained anew: test accuracy %.3f\n", final_net->scores(test).accuracy);
}
