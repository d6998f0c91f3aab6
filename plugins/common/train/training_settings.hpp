// SPDX-License-Identifier: Apache-2.0
//
// How a network is trained: what hyperparameters say about it, and how plugins ask for that.
//
// What a plugin's space does not hold it asks for as a constant (`hp.fixed`), which an entry of the
// study file's `space` may replace by a range.
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

// The learning rate of an epoch, as a part of the first one: always 1; a tenth after 24 epochs
// (0.91 times the last one); or half a wave of the cosine, from 1 to 0.01 in `epochs` of the
// plugin's options and constant from there. It depends on the epoch alone, never on a budget, so
// that going on from a checkpoint gives the uninterrupted curve.
enum class Schedule { kConstant = 1, kExponential = 2, kCosine = 3 };
double rate_factor(Schedule schedule, std::uint64_t epoch, std::uint64_t epochs);

enum class Transform { kRotate = 1, kTranslateX = 2, kTranslateY = 3, kContrast = 4 };

// Random changes of the images that are trained on, after KerasTuner's HyperImageAugment. A sample
// is rotated by up to `factor` of a full turn, moved by up to `factor` of its width or height, or
// its contrast changed by up to `factor`, either way; what comes in from outside is the image
// mirrored.
struct Augmentation {
  struct Step {
    Transform transform;
    double factor;
  };
  std::vector<Step> steps{};
  // 0: all steps, one after another. Else so many layers, in each of which each sample goes through
  // one step drawn from all.
  std::int64_t layers = 0;
  bool random = false;  // whether `layers` counts; with 0 of them nothing is changed
};

struct Settings {
  Optimizer optimizer = Optimizer::kAdam;
  double momentum = 0;  // of sgd
  double learning_rate = 0;
  Schedule schedule = Schedule::kConstant;
  std::int64_t batch_size = 0;
  bool shuffle = true;
  // Subtract the mean and divide by the deviation of the training part; else pixels are divided by
  // 255, and tables stay as they are.
  bool normalize = true;
  std::int64_t crop = 0;  // side of the part of an image that is used; 0: all of it
  Augmentation augmentation{};
};

// Ranges of the factors, and how they are combined; what the option block of an image model says.
struct AugmentOptions {
  enum class Mode { kNone = 1, kRandom = 2, kAll = 3 };
  Mode mode = Mode::kNone;
  double rotate = 0;  // upper ends; 0 is off
  double translate_x = 0;
  double translate_y = 0;
  double contrast = 0;
  std::int64_t layers = 0;
};

// Asks for augment_layers and factor_rotate, factor_translate_x, factor_translate_y and
// factor_contrast, as far as the options say so.
Augmentation ask_augmentation(HyperParameters& hp, const AugmentOptions& options);

// What a word of a hyperparameter stands for.
//
// Errors: Error{kInvalid} that names the words that would be right; a study file can bring others.
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
void ask_constants(HyperParameters& hp, Settings& settings);

}  // namespace dodona::train
