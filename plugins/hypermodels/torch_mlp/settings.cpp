// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/torch_mlp/settings.hpp"

#include <span>
#include <string>

namespace dodona::torch_mlp {
namespace {

constexpr std::int64_t kLayersMax = 3;

// One width for each layer that there is: units_1 exists where layers is 2 or 3.
std::vector<std::int64_t> ask_units(HyperParameters& hp) {
  const IntegerRange width{.min = 32, .max = 256, .step = 32, .initial = 128};
  hp.integer("layers", {.min = 1, .max = kLayersMax});
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

Optimizer optimizer_named(const std::string& name) {
  if (name == "sgd") return Optimizer::kSgd;
  return name == "rmsprop" ? Optimizer::kRmsprop : Optimizer::kAdam;
}

}  // namespace

// Each scope is entered whether it holds or not: the entering tells the kernel of the condition.
Settings ask_settings(HyperParameters& hp) {
  Settings out;
  out.units = ask_units(hp);
  const std::string activation = hp.choice("activation", {"relu", "tanh"});
  out.activation = activation == "tanh" ? Activation::kTanh : Activation::kRelu;
  hp.boolean("dropout");
  if (auto dropout = hp.when("dropout", true))
    out.dropout_rate = hp.real("dropout_rate", {.min = 0.1, .max = 0.5, .step = 0.1});
  out.optimizer = optimizer_named(hp.choice("optimizer", {"adam", "sgd", "rmsprop"}));
  if (auto sgd = hp.when("optimizer", "sgd"))
    out.momentum = hp.real("momentum", {.min = 0, .max = 0.95});
  // The upper end is too much for adam and about right for sgd without momentum.
  out.learning_rate = hp.real(
      "learning_rate", {.min = 1e-4, .max = 1e-1, .sampling = Sampling::kLog, .initial = 1e-3});
  out.batch_size = hp.choice("batch_size", {64, 128, 256});
  return out;
}

}  // namespace dodona::torch_mlp
