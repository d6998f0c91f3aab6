// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `hyper_efficientnet`: the networks of KerasTuner's HyperEfficientNet, with its space.
#include "hypermodels/hyper_efficientnet/efficientnet.hpp"

#include <dodona/plugin.hpp>
#include <dodona/train/hypermodel.hpp>

#include <array>
#include <string>
#include <utility>

namespace dodona::efficientnet {
namespace {

struct Factors {
  double widths;
  double depths;
};

Factors version_named(const std::string& name) {
  return train::named(
      "version", name,
      std::array{std::pair{"B0", Factors{1.0, 1.0}}, std::pair{"B1", Factors{1.0, 1.1}},
                 std::pair{"B2", Factors{1.1, 1.2}}, std::pair{"B3", Factors{1.2, 1.4}},
                 std::pair{"B4", Factors{1.4, 1.8}}, std::pair{"B5", Factors{1.6, 2.2}},
                 std::pair{"B6", Factors{1.8, 2.6}}, std::pair{"B7", Factors{2.0, 3.1}}});
}

}  // namespace

class HyperEfficientnet : public train::NetworkModel {
 public:
  explicit HyperEfficientnet(const StudyContext& context)
      : NetworkModel(context, {.name = "hyper_efficientnet", .images = true, .widths = true}) {}

 private:
  train::TrainingPlan plan(HyperParameters& hp, const train::Problem& problem) const override {
    train::TrainingSettings settings;
    settings.augmentation = train::ask_augmentation(hp, problem.augment);
    const train::Shape shape = train::ask_crop(hp, problem, settings);
    const Factors factors =
        version_named(hp.choice("version", {"B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7"}, "B0"));
    Config config{.widths = factors.widths, .depths = factors.depths};
    config.width = problem.width;
    config.outputs = problem.outputs;
    config.pooling = train::pool_named(hp.choice("pooling", {"avg", "max"}));
    config.dropout_rate =
        hp.real("top_dropout_rate", {.min = 0.2, .max = 0.8, .step = 0.2, .initial = 0.2});
    settings.learning_rate = hp.choice("learning_rate", {0.1, 0.01, 0.001}, 0.01);
    settings.optimizer = train::optimizer_named(hp.fixed("optimizer", "sgd"));
    settings.momentum = hp.fixed("momentum", 0.1);
    settings.batch_size = hp.fixed("batch_size", 32);
    train::ask_constants(hp, settings);
    return {efficientnet::build(shape, config), settings};
  }
};

}  // namespace dodona::efficientnet

DODONA_PLUGIN(dodona::train::image_network_plugin<dodona::efficientnet::HyperEfficientnet>(
    {.id = "org.dodona.hyper_efficientnet",
     .name = "hyper_efficientnet",
     .description = "EfficientNet B0 to B7 of LibTorch on images, with the space of KerasTuner's "
                    "HyperEfficientNet"},
    dodona::option("width", 1.0,
                   "times the filters of the standard network; 0.25 takes about a sixteenth of the "
                   "time. Images keep their size, and those with a side below 64 are not made "
                   "smaller before the first block",
                   {.low = 0.01, .high = 8})))
