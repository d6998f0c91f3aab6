// SPDX-License-Identifier: Apache-2.0
//
// The settings of a training, and the hyperparameters that plugins ask for them.
//
// A plugin asks for settings beyond its space as constants (`hp.fixed`). An entry of the study
// file's `space` may replace a constant by a range.
#pragma once

#include <dodona/error.hpp>
#include <dodona/hyperparameters.hpp>
#include <dodona/train/network.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dodona::train {

enum class Optimizer { kAdam = 1, kSgd = 2, kRmsprop = 3, kAdamw = 4 };

// The course of the learning rate, as a share of the hyperparameter.
//   Constant:    always 1.
//   Exponential: 0.91 times the rate of the epoch before, a tenth after 24 epochs.
//   Cosine:      half a wave from 1 to 0.01, epoch by epoch.
//   One cycle:   batch by batch half a wave from 1/25 to 1 in the first 0.3 of the epochs, then half
//                a wave down to 4e-6. Momentum stays as it is.
//   Plateau:     1 until the loss of the validation part (without one, of the training part) has not
//                been better for `plateau_epochs`. Then, and each time that this happens again,
//                `plateau_factor` of the rate before. The trainer keeps count.
// Cosine and one cycle take `epochs` of the plugin's options, and are constant from there. No rate
// depends on a budget: a trial that goes on from a checkpoint has the curve of an uninterrupted one.
//
// Source: Smith & Topin (2017), arXiv:1708.07120, with the constants of PyTorch's OneCycleLR.
enum class Schedule { kConstant = 1, kExponential = 2, kCosine = 3, kOneCycle = 4, kPlateau = 5 };

// A batch: the number of epochs before its own, and the part of its epoch that is done with it.
struct Progress {
  std::uint64_t epoch = 0;
  double part = 1;  // above 0, at most 1
};
double rate_factor(Schedule schedule, Progress batch, std::uint64_t epochs);

// The share of the learning rate while training warms up: it grows from batch to batch, in a
// straight line to 1 at the end of `epochs`. Goyal et al. (2017), arXiv:1706.02677, section 2.2.
double warmup_factor(Progress batch, std::int64_t epochs);

enum class Transform { kRotate = 1, kTranslateX = 2, kTranslateY = 3, kContrast = 4 };

// Random changes of the training images, after KerasTuner's HyperImageAugment. A sample is rotated
// by up to `factor` of a full turn, moved by up to `factor` of its width or height, or its contrast
// is changed by up to `factor`, either way. Points from outside the image are those of its mirror
// image.
struct Augmentation {
  // One change, and how strong it is at most.
  struct Step {
    Transform transform;
    double factor;
  };
  std::vector<Step> steps{};
  // Number of layers. In each of them each sample goes through one step, drawn from all.
  std::int64_t layers = 0;
  bool random = false;  // true: `layers` counts; false: all steps, one after another
};

// All that a training needs beside a network and data.
struct TrainingSettings {
  Optimizer optimizer = Optimizer::kAdam;
  double momentum = 0;  // for sgd
  double learning_rate = 0;
  Schedule schedule = Schedule::kConstant;
  std::int64_t warmup_epochs = 0;
  std::int64_t plateau_epochs = 3;  // for the schedule plateau, as is the factor
  double plateau_factor = 0.1;
  // With adamw a share of the weights that each step takes off them, times the learning rate. With
  // other optimizers this times the weights is added to their gradients.
  double weight_decay = 0;
  // Before a step all gradients together are made as short as clip_norm, and then each number is
  // brought into -clip_value to clip_value; 0: not.
  double clip_norm = 0;
  double clip_value = 0;
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

// Asks for normalize, shuffle, schedule and those of ask_step_constants() as constants.
void ask_constants(HyperParameters& hp, TrainingSettings& settings);
// Asks for warmup_epochs, plateau_epochs, plateau_factor, weight_decay, clip_norm and clip_value as
// constants.
void ask_step_constants(HyperParameters& hp, TrainingSettings& settings);

// Returns the value of a hyperparameter that counts parts of a network.
//
// Errors:  Error{kInvalid} with the bound for a value outside `low` to `high`, which a range in the
//          study file may allow: no network has so many, and another one would be trained.
std::int64_t checked_count(const std::string& name, std::int64_t value, std::int64_t low,
                           std::int64_t high);

}  // namespace dodona::train
