// SPDX-License-Identifier: Apache-2.0
//
// The settings of a training, and the hyperparameters that plugins ask for them.
//
// A plugin asks for settings beyond its space as constants (`hp.fixed`). An entry of the study
// file's `space` may replace a constant by a range.
#pragma once

#include "common/train/network.hpp"

#include <dodona/error.hpp>
#include <dodona/hyperparameters.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dodona::train {

enum class Optimizer { kAdam = 1, kSgd = 2, kRmsprop = 3 };

// The learning rate of an epoch, as a share of the first one. Constant: always 1. Exponential: 0.91
// times the rate before, a tenth after 24 epochs. Cosine: half a wave from 1 to 0.01 in `epochs` of
// the plugin's options, and constant from there. The rate depends on the epoch alone, never on a
// budget: a trial that goes on from a checkpoint has the curve of an uninterrupted one.
enum class Schedule { kConstant = 1, kExponential = 2, kCosine = 3 };
double rate_factor(Schedule schedule, std::uint64_t epoch, std::uint64_t epochs);

enum class Transform { kRotate = 1, kTranslateX = 2, kTranslateY = 3, kContrast = 4 };

// Random changes of the training images, after KerasTuner's HyperImageAugment. A sample is rotated
// by up to `factor` of a full turn, moved by up to `factor` of its width or height, or its contrast
// is changed by up to `factor`, either way. Points from outside the image are those of its mirror
// image.
struct Augmentation {
  struct Step {
    Transform transform;
    double factor;
  };
  std::vector<Step> steps{};
  // Number of layers. In each of them each sample goes through one step, drawn from all.
  std::int64_t layers = 0;
  bool random = false;  // true: `layers` counts; false: all steps, one after another
};

struct TrainingSettings {
  Optimizer optimizer = Optimizer::kAdam;
  double momentum = 0;  // for sgd
  double learning_rate = 0;
  Schedule schedule = Schedule::kConstant;
  std::int64_t batch_size = 0;
  bool shuffle = true;
  // True: subtract the mean and divide by the deviation of the training part. False: divide pixels
  // by 255, and leave tables as they are.
  bool normalize = true;
  std::int64_t crop = 0;  // side of the square of an image that is used; 0: the whole image
  Augmentation augmentation{};
};

// Ranges and combination of the factors: the options of augmentation of an image model.
struct AugmentOptions {
  enum class Mode { kNone = 1, kRandom = 2, kAll = 3 };
  Mode mode = Mode::kNone;
  double rotate = 0;  // upper ends; 0 is off
  double translate_x = 0;
  double translate_y = 0;
  double contrast = 0;
  std::int64_t layers = 0;
};

// Asks for augment_layers, factor_rotate, factor_translate_x, factor_translate_y and
// factor_contrast, if the options have them on.
Augmentation ask_augmentation(HyperParameters& hp, const AugmentOptions& options);

// The value of a hyperparameter's word.
//
// Errors: Error{DODONA_E_INVALID} with the known words: a study file may have others.
template <class Word, std::size_t kCount>
Word named(const char* hyperparameter, const std::string& name,
           const std::array<std::pair<const char*, Word>, kCount>& words) {
  std::string list;
  for (const auto& [word, meaning] : words) {
    if (name == word) return meaning;
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  throw Error(DODONA_E_INVALID, std::string("hyperparameter \"") + hyperparameter + "\": \"" +
                                    name + "\" is none of " + list);
}

Optimizer optimizer_named(const std::string& name);
Schedule schedule_named(const std::string& name);
Activation activation_named(const std::string& name);
Pool pool_named(const std::string& name);

// Asks for normalize, shuffle and schedule as constants.
void ask_constants(HyperParameters& hp, TrainingSettings& settings);

// Returns the value of a hyperparameter that counts parts of a network.
//
// Errors:  Error{kInvalid} with the bound for a value outside `low` to `high`, which a range in the
//          study file may allow: no network has so many, and another one would be trained.
std::int64_t checked_count(const std::string& name, std::int64_t value, std::int64_t low,
                           std::int64_t high);

}  // namespace dodona::train
