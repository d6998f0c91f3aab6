// SPDX-License-Identifier: Apache-2.0
#include "common/train/training_settings.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace dodona::train {
namespace {

constexpr double kExponentialFactor = 0.91;  // a tenth after 24.4 epochs
constexpr double kCosineFloor = 0.01;

}  // namespace

double rate_factor(Schedule schedule, std::uint64_t epoch, std::uint64_t epochs) {
  if (schedule == Schedule::kExponential)
    return std::pow(kExponentialFactor, static_cast<double>(epoch));
  if (schedule == Schedule::kCosine) {
    const double part = static_cast<double>(std::min(epoch, epochs)) / static_cast<double>(epochs);
    return kCosineFloor + (1 - kCosineFloor) * (1 + std::cos(std::numbers::pi * part)) / 2;
  }
  return 1;
}

Augmentation ask_augmentation(HyperParameters& hp, const AugmentOptions& options) {
  using Mode = AugmentOptions::Mode;
  Augmentation out;
  if (options.mode == Mode::kNone) return out;
  const auto ask_factors = [&](std::optional<double> step) {
    const auto ask = [&](Transform transform, const char* name, double most) {
      if (most <= 0) return;
      out.steps.push_back({transform, hp.real(name, {.min = 0, .max = most, .step = step})});
    };
    ask(Transform::kRotate, "factor_rotate", options.rotate);
    ask(Transform::kTranslateX, "factor_translate_x", options.translate_x);
    ask(Transform::kTranslateY, "factor_translate_y", options.translate_y);
    ask(Transform::kContrast, "factor_contrast", options.contrast);
  };
  if (options.mode == Mode::kAll) {
    ask_factors(0.05);
    return out;
  }
  out.random = true;
  out.layers = checked_count("augment_layers",
                             hp.integer("augment_layers", {.min = 0, .max = options.layers}), 0,
                             options.layers);
  std::vector<std::int64_t> some;
  for (std::int64_t layers = 1; layers <= options.layers; ++layers) some.push_back(layers);
  // The factors exist only if a layer uses them.
  if (auto used = hp.when("augment_layers", std::span<const std::int64_t>(some))) ask_factors({});
  return out;
}

std::int64_t checked_count(const std::string& name, std::int64_t value, std::int64_t low,
                           std::int64_t high) {
  if (value >= low && value <= high) return value;
  throw Error(DODONA_E_INVALID, "hyperparameter \"" + name + "\": " + std::to_string(value) +
                                    " is not in " + std::to_string(low) + " to " +
                                    std::to_string(high) + ", whatever the study file allows");
}

Optimizer optimizer_named(const std::string& name) {
  return named("optimizer", name,
               std::array{std::pair{"adam", Optimizer::kAdam}, std::pair{"sgd", Optimizer::kSgd},
                          std::pair{"rmsprop", Optimizer::kRmsprop}});
}

Schedule schedule_named(const std::string& name) {
  return named("schedule", name,
               std::array{std::pair{"constant", Schedule::kConstant},
                          std::pair{"exponential", Schedule::kExponential},
                          std::pair{"cosine", Schedule::kCosine}});
}

Activation activation_named(const std::string& name) {
  return named(
      "activation", name,
      std::array{std::pair{"relu", Activation::kRelu}, std::pair{"tanh", Activation::kTanh},
                 std::pair{"selu", Activation::kSelu}});
}

Pool pool_named(const std::string& name) {
  return named("pooling", name,
               std::array{std::pair{"max", Pool::kMax}, std::pair{"avg", Pool::kAverage}});
}

void ask_constants(HyperParameters& hp, TrainingSettings& settings) {
  settings.normalize = hp.fixed("normalize", true);
  settings.shuffle = hp.fixed("shuffle", true);
  settings.schedule = schedule_named(hp.fixed("schedule", "constant"));
}

}  // namespace dodona::train
