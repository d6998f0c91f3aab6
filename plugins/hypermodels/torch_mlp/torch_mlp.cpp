// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `torch_mlp`: a multi-layer perceptron on images or tables.
#include <dodona/plugin.hpp>
#include <dodona/train/hypermodel.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dodona::train {
namespace {

constexpr std::int64_t kLayersMax = 3;

// Asks for the width of each layer: units_1 exists only if there are two layers or more.
std::vector<std::int64_t> ask_units(HyperParameters& hp) {
  const IntegerRange width{.min = 32, .max = 256, .step = 32, .initial = 128};
  checked_count("layers", hp.integer("layers", {.min = 1, .max = kLayersMax}), 1, kLayersMax);
  std::vector<std::int64_t> units{hp.integer("units_0", width)};
  std::vector<std::int64_t> enough{2, 3};
  static_assert(kLayersMax == 3, "enough lists the numbers of layers from 2 to the largest");
  while (!enough.empty()) {
    const std::string name = "units_" + std::to_string(enough.front() - 1);
    if (auto deep = hp.when("layers", std::span<const std::int64_t>(enough)))
      units.push_back(hp.integer(name, width));
    enough.erase(enough.begin());
  }
  return units;
}

}  // namespace

class TorchMlp : public NetworkModel {
 public:
  explicit TorchMlp(const StudyContext& context) : NetworkModel(context, {.name = "torch_mlp"}) {}

 private:
  // Every scope is entered, active or not: that tells the kernel of the condition.
  TrainingPlan plan(HyperParameters& hp, const Problem& problem) const override {
    TrainingPlan out{Network(problem.shape), {}};
    const std::vector<std::int64_t> units = ask_units(hp);
    const Activation activation = activation_named(hp.choice("activation", {"relu", "tanh"}));
    double dropout_rate = 0;
    hp.boolean("dropout");
    if (auto dropout = hp.when("dropout", true))
      dropout_rate = hp.real("dropout_rate", {.min = 0.1, .max = 0.5, .step = 0.1});
    Network::Id x = Network::input();
    for (const std::int64_t width : units) {
      x = out.network.activation(out.network.dense(x, {.units = width}), activation);
      x = out.network.dropout(x, dropout_rate);
    }
    out.network.dense(x, {.units = problem.outputs});

    TrainingSettings& settings = out.settings;
    settings.optimizer = optimizer_named(hp.choice("optimizer", {"adam", "sgd", "rmsprop"}));
    if (auto sgd = hp.when("optimizer", "sgd"))
      settings.momentum = hp.real("momentum", {.min = 0, .max = 0.95});
    // The upper end is too much for adam and about right for sgd without momentum.
    settings.learning_rate = hp.real(
        "learning_rate", {.min = 1e-4, .max = 1e-1, .sampling = Sampling::kLog, .initial = 1e-3});
    settings.batch_size = hp.choice("batch_size", {64, 128, 256});
    ask_constants(hp, settings);
    return out;
  }
};

}  // namespace dodona::train

DODONA_PLUGIN(dodona::train::table_network_plugin<dodona::train::TorchMlp>(
    {.id = "org.dodona.torch_mlp",
     .name = "torch_mlp",
     .description = "A multi-layer perceptron of LibTorch on images or on tables"}))
