// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `hyper_xception`: the network of KerasTuner's HyperXception, with its space.
#include "hypermodels/hyper_xception/xception.hpp"

#include <dodona/plugin.hpp>
#include <dodona/train/hypermodel.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace dodona::xception {
namespace {

// Far more than can be trained.
constexpr std::int64_t kDepthMax = 1000;
constexpr std::int64_t kFiltersMax = 1 << 20;

Pooling pooling_named(const std::string& name) {
  return train::named(
      "pooling", name,
      std::array{std::pair{"avg", Pooling::kAverage}, std::pair{"flatten", Pooling::kFlatten},
                 std::pair{"max", Pooling::kMax}});
}

}  // namespace

class HyperXception : public train::NetworkModel {
 public:
  explicit HyperXception(const StudyContext& context)
      : NetworkModel(context, {.name = "hyper_xception", .images = true, .widths = true}) {}

 private:
  train::TrainingPlan plan(HyperParameters& hp, const train::Problem& problem) const override {
    train::TrainingSettings settings;
    settings.augmentation = train::ask_augmentation(hp, problem.augment);
    const train::Shape shape = train::ask_crop(hp, problem, settings);
    Config config;
    config.width = problem.width;
    config.outputs = problem.outputs;
    config.activation = train::activation_named(hp.choice("activation", {"relu", "selu"}));
    config.first_filters = train::checked_count(
        "conv2d_num_filters", hp.choice("conv2d_num_filters", {32, 64, 128}, 64), 1, kFiltersMax);
    config.kernel = hp.choice("kernel_size", {3, 5});
    config.stride = hp.choice("initial_strides", {2});
    config.filters = train::checked_count(
        "sep_num_filters",
        hp.integer("sep_num_filters", {.min = 128, .max = 768, .step = 128, .initial = 256}), 1,
        kFiltersMax);
    config.blocks = train::checked_count(
        "num_residual_blocks",
        hp.integer("num_residual_blocks", {.min = 2, .max = 8, .initial = 4}), 0, kDepthMax);
    config.pooling = pooling_named(hp.choice("pooling", {"avg", "flatten", "max"}));
    config.dense_layers = train::checked_count(
        "num_dense_layers", hp.integer("num_dense_layers", {.min = 1, .max = 3}), 0, kDepthMax);
    config.dropout_rate =
        hp.real("dropout_rate", {.min = 0, .max = 0.6, .step = 0.1, .initial = 0.5});
    config.dense_norm = hp.choice("dense_use_bn", {true, false});
    settings.learning_rate = hp.choice("learning_rate", {1e-3, 1e-4, 1e-5});
    settings.optimizer = train::optimizer_named(hp.fixed("optimizer", "adam"));
    settings.batch_size = hp.fixed("batch_size", 32);
    train::ask_constants(hp, settings);
    return {xception::build(shape, config), settings};
  }
};

}  // namespace dodona::xception

DODONA_PLUGIN(dodona::train::image_network_plugin<dodona::xception::HyperXception>(
    {.id = "org.dodona.hyper_xception",
     .name = "hyper_xception",
     .description = "Separable convolutions with residuals, of LibTorch on images, with the space "
                    "of KerasTuner's HyperXception"},
    dodona::option("width", 1.0,
                   "times the filters of the standard network; 0.25 takes about a sixteenth of the "
                   "time",
                   {.low = 0.01, .high = 8})))
