// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `hyper_resnet`: the residual networks of KerasTuner's HyperResNet, with its space.
#include "hypermodels/hyper_resnet/resnet.hpp"

#include <dodona/plugin.hpp>
#include <dodona/train/hypermodel.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dodona::resnet {
namespace {

// The strides and widths of KerasTuner's stacks. Its `next` begins with half of ResNeXt's filters,
// and the last stack of `next` keeps the sides.
std::vector<Stack> stacks_of(Version version, std::int64_t conv3_depth, std::int64_t conv4_depth) {
  switch (version) {
    case Version::kV1:
      return {{64, 3, 1}, {128, conv3_depth, 2}, {256, conv4_depth, 2}, {512, 3, 2}};
    case Version::kV2:
      return {{64, 3, 2}, {128, conv3_depth, 2}, {256, conv4_depth, 2}, {512, 3, 1}};
    case Version::kNext:
      break;
  }
  return {{64, 3, 2}, {256, conv3_depth, 2}, {512, conv4_depth, 2}, {1024, 3, 1}};
}

// Of blocks in a stack: far more than can be trained.
constexpr std::int64_t kDepthMax = 1000;

Version version_named(const std::string& name) {
  return train::named("version", name,
                      std::array{std::pair{"v1", Version::kV1}, std::pair{"v2", Version::kV2},
                                 std::pair{"next", Version::kNext}});
}

}  // namespace

class HyperResnet : public train::NetworkModel {
 public:
  explicit HyperResnet(const StudyContext& context)
      : NetworkModel(context, {.name = "hyper_resnet", .images = true, .widths = true}) {}

 private:
  train::TrainingPlan plan(HyperParameters& hp, const train::Problem& problem) const override {
    train::TrainingSettings settings;
    settings.augmentation = train::ask_augmentation(hp, problem.augment);
    const train::Shape shape = train::ask_crop(hp, problem, settings);
    Config config;
    config.width = problem.width;
    config.outputs = problem.outputs;
    config.version = version_named(hp.choice("version", {"v1", "v2", "next"}, "v2"));
    const std::int64_t conv3_depth =
        train::checked_count("conv3_depth", hp.choice("conv3_depth", {4, 8}), 1, kDepthMax);
    const std::int64_t conv4_depth =
        train::checked_count("conv4_depth", hp.choice("conv4_depth", {6, 23, 36}), 1, kDepthMax);
    config.stacks = stacks_of(config.version, conv3_depth, conv4_depth);
    config.pooling = train::pool_named(hp.choice("pooling", {"avg", "max"}));
    settings.optimizer = train::optimizer_named(hp.choice("optimizer", {"adam", "rmsprop", "sgd"}));
    settings.learning_rate = hp.choice("learning_rate", {0.1, 0.01, 0.001}, 0.01);
    settings.batch_size = hp.fixed("batch_size", 32);
    train::ask_constants(hp, settings);
    return {resnet::build(shape, config), settings};
  }
};

}  // namespace dodona::resnet

DODONA_PLUGIN(dodona::train::image_network_plugin<dodona::resnet::HyperResnet>(
    {.id = "org.dodona.hyper_resnet",
     .name = "hyper_resnet",
     .description = "Residual networks of LibTorch on images (v1, v2, next), with the space of "
                    "KerasTuner's HyperResNet"},
    dodona::option("width", 1.0,
                   "times the filters of the standard network; 0.25 takes about a sixteenth of the "
                   "time. Images with a side below 64 are not made smaller before the first block",
                   {.low = 0.01, .high = 8})))
