// SPDX-License-Identifier: Apache-2.0
#include <dodona/train/training_settings.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace dodona::train {
namespace {

constexpr double kExponentialFactor = 0.91;  // a tenth after 24.4 epochs
constexpr double kCosineFloor = 0.01;
constexpr double kCycleStart = 1.0 / 25;
constexpr double kCycleEnd = kCycleStart * 1e-4;
constexpr double kCycleRise = 0.3;  // part of the epochs

// Half a wave between two factors.
double half_wave(double from, double to, double part) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * part)) / 2;
}

// Epochs that are done with the batch.
double reached(Progress batch) {
  return static_cast<double>(batch.epoch) + batch.part;
}

}  // namespace

double rate_factor(Schedule schedule, Progress batch, std::uint64_t epochs) {
  const auto length = static_cast<double>(epochs);
  const auto epoch = static_cast<double>(batch.epoch);
  switch (schedule) {
    case Schedule::kExponential:
      return std::pow(kExponentialFactor, epoch);
    case Schedule::kCosine:
      return half_wave(1, kCosineFloor, std::min(epoch / length, 1.0));
    case Schedule::kOneCycle: {
      const double part = std::min(reached(batch) / length, 1.0);
      return part < kCycleRise ? half_wave(kCycleStart, 1, part / kCycleRise)
                               : half_wave(1, kCycleEnd, (part - kCycleRise) / (1 - kCycleRise));
    }
    case Schedule::kConstant:
    case Schedule::kPlateau:
      break;
  }
  return 1;
}

double warmup_factor(Progress batch, std::int64_t epochs) {
  return epochs > 0 ? std::min(reached(batch) / static_cast<double>(epochs), 1.0) : 1;
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
  return named(
      "optimizer", name,
      std::array{std::pair{"adam", Optimizer::kAdam}, std::pair{"sgd", Optimizer::kSgd},
                 std::pair{"rmsprop", Optimizer::kRmsprop}, std::pair{"adamw", Optimizer::kAdamw}});
}

Schedule schedule_named(const std::string& name) {
  return named("schedule", name,
               std::array{std::pair{"constant", Schedule::kConstant},
                          std::pair{"exponential", Schedule::kExponential},
                          std::pair{"cosine", Schedule::kCosine},
                          std::pair{"one_cycle", Schedule::kOneCycle},
                          std::pair{"plateau", Schedule::kPlateau}});
}

Activation activation_named(const std::string& name) {
  return named(
      "activation", name,
      std::array{std::pair{"relu", Activation::kRelu}, std::pair{"tanh", Activation::kTanh},
                 std::pair{"selu", Activation::kSelu}, std::pair{"swish", Activation::kSwish}});
}

Pool pool_named(const std::string& name) {
  return named("pooling", name,
               std::array{std::pair{"max", Pool::kMax}, std::pair{"avg", Pool::kAverage}});
}

void ask_constants(HyperParameters& hp, TrainingSettings& settings) {
  settings.normalize = hp.fixed("normalize", true);
  settings.shuffle = hp.fixed("shuffle", true);
  settings.schedule = schedule_named(hp.fixed("schedule", "constant"));
  ask_step_constants(hp, settings);
}

void ask_step_constants(HyperParameters& hp, TrainingSettings& settings) {
  settings.warmup_epochs = hp.fixed("warmup_epochs", 0);
  settings.plateau_epochs = hp.fixed("plateau_epochs", 3);
  settings.plateau_factor = hp.fixed("plateau_factor", 0.1);
  settings.weight_decay = hp.fixed("weight_decay", 0.0);
  settings.clip_norm = hp.fixed("clip_norm", 0.0);
  settings.clip_value = hp.fixed("clip_value", 0.0);
}

}  // namespace dodona::train
