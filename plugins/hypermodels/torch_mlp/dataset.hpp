// SPDX-License-Identifier: Apache-2.0
//
// The images of a study, split into a training and a validation part.
#pragma once

#include "common/idx.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace dodona::torch_mlp {

// Seed of the shuffle that splits.
constexpr std::uint64_t kSplitSeed = 60000;

// Immutable and shared by all trials.
struct Dataset {
  std::shared_ptr<const common::LabelledImages> images;
  std::vector<std::int64_t> training;    // indices of images
  std::vector<std::int64_t> validation;  // the same, disjoint from those
  double mean = 0;                       // of the pixels of the training part, 0..255
  double stddev = 1;                     // of the same; 1 where they are all alike
};

// The parts depend on the number of images and on the arguments alone, never on a study's seed: the
// scores of all studies of the same data are comparable. `train_samples` keeps so many of the
// training part, 0 all of it; the validation part stays the same.
//
// Errors: throws Error{kInvalid} where a part would be empty, or holds less than train_samples.
Dataset split_dataset(std::shared_ptr<const common::LabelledImages> images, double validation_split,
                      std::int64_t train_samples);

}  // namespace dodona::torch_mlp
