// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/torch_mlp/dataset.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <utility>

namespace dodona::torch_mlp {
namespace {

// 0..count-1 in an order of its own for each count (Fisher & Yates).
std::vector<std::int64_t> shuffled(std::uint32_t count) {
  std::vector<std::int64_t> order(count);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  RandomStream random(kSplitSeed, count, Purpose::kTrialSeed);
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

std::string text_of(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

// Bounds that depend on the data, which the option table therefore cannot check.
void check_sizes(const Dataset& parts, double validation_split, std::int64_t train_samples) {
  if (parts.training.empty() || parts.validation.empty())
    throw Error(DODONA_E_INVALID, "validation_split " + text_of(validation_split) + " of " +
                                      std::to_string(parts.images->count) + " images leaves " +
                                      std::to_string(parts.training.size()) + " to train and " +
                                      std::to_string(parts.validation.size()) + " to validate");
  const auto training = static_cast<std::int64_t>(parts.training.size());
  if (train_samples > training)
    throw Error(DODONA_E_INVALID, "train_samples " + std::to_string(train_samples) + " is above " +
                                      std::to_string(training) +
                                      ", the images left to train by validation_split " +
                                      text_of(validation_split));
}

// Sums of integers, so exact, as long as there are fewer than 2^48 pixels.
void measure_pixels(Dataset& parts) {
  const std::size_t each = std::size_t{parts.images->rows} * parts.images->columns;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;
  for (const std::int64_t index : parts.training) {
    const std::uint8_t* pixel =
        parts.images->pixels.data() + static_cast<std::size_t>(index) * each;
    for (const std::uint8_t* end = pixel + each; pixel != end; ++pixel) {
      sum += *pixel;
      squares += std::uint64_t{*pixel} * *pixel;
    }
  }
  const auto count = static_cast<double>(each * parts.training.size());
  parts.mean = static_cast<double>(sum) / count;
  const double variance = static_cast<double>(squares) / count - parts.mean * parts.mean;
  parts.stddev = variance > 0 ? std::sqrt(variance) : 1;
}

}  // namespace

Dataset split_dataset(std::shared_ptr<const common::LabelledImages> images, double validation_split,
                      std::int64_t train_samples) {
  Dataset parts;
  parts.images = std::move(images);
  // The validation part comes first, so that it is the same whatever is left of the other.
  const std::vector<std::int64_t> order = shuffled(parts.images->count);
  const auto held_out =
      std::ptrdiff_t{std::llround(static_cast<double>(order.size()) * validation_split)};
  parts.validation.assign(order.begin(), order.begin() + held_out);
  parts.training.assign(order.begin() + held_out, order.end());
  check_sizes(parts, validation_split, train_samples);
  if (train_samples > 0) parts.training.resize(static_cast<std::size_t>(train_samples));
  measure_pixels(parts);
  return parts;
}

}  // namespace dodona::torch_mlp
