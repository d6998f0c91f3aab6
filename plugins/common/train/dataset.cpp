// SPDX-License-Identifier: Apache-2.0
#include "common/train/dataset.hpp"

#include "common/data/cifar.hpp"
#include "common/data/idx.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <string>
#include <system_error>
#include <utility>

namespace dodona::train {
namespace {

// Seed of the shuffle that splits.
constexpr std::uint64_t kSplitSeed = 60000;

// 0..count-1 in an order of its own for each count (Fisher & Yates).
std::vector<std::int64_t> shuffled(std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  RandomStream random(kSplitSeed, static_cast<std::uint64_t>(count), Purpose::kTrialSeed);
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
  const std::string kind = parts.images ? " images" : " lines";
  if (parts.training.empty() || (parts.validation.empty() && validation_split > 0))
    throw Error(DODONA_E_INVALID, "validation_split " + text_of(validation_split) + " of " +
                                      std::to_string(parts.count) + kind + " leaves " +
                                      std::to_string(parts.training.size()) + " to train and " +
                                      std::to_string(parts.validation.size()) + " to validate");
  const auto training = static_cast<std::int64_t>(parts.training.size());
  if (train_samples > training)
    throw Error(DODONA_E_INVALID, "train_samples " + std::to_string(train_samples) + " is above " +
                                      std::to_string(training) + ", the" + kind +
                                      " left to train by validation_split " +
                                      text_of(validation_split));
}

// The validation part comes first, so that it is the same whatever is left of the other.
void split(Dataset& parts, double validation_split, std::int64_t train_samples) {
  const std::vector<std::int64_t> order = shuffled(parts.count);
  const auto held_out =
      std::ptrdiff_t{std::llround(static_cast<double>(order.size()) * validation_split)};
  parts.validation.assign(order.begin(), order.begin() + held_out);
  parts.training.assign(order.begin() + held_out, order.end());
  check_sizes(parts, validation_split, train_samples);
  if (train_samples > 0) parts.training.resize(static_cast<std::size_t>(train_samples));
}

double stddev_of(double variance) {
  return variance > 0 ? std::sqrt(variance) : 1;
}

// Sums of integers, so exact, as long as there are fewer than 2^48 pixels.
void measure_pixels(Dataset& parts) {
  const std::size_t plane = std::size_t{parts.images->rows} * parts.images->columns;
  const std::size_t channels = parts.images->channels;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    std::uint64_t sum = 0;
    std::uint64_t squares = 0;
    for (const std::int64_t index : parts.training) {
      const std::uint8_t* pixel = parts.images->pixels.data() +
                                  (static_cast<std::size_t>(index) * channels + channel) * plane;
      for (const std::uint8_t* end = pixel + plane; pixel != end; ++pixel) {
        sum += *pixel;
        squares += std::uint64_t{*pixel} * *pixel;
      }
    }
    const auto count = static_cast<double>(plane * parts.training.size());
    const double mean = static_cast<double>(sum) / count;
    parts.means.push_back(mean);
    parts.stddevs.push_back(stddev_of(static_cast<double>(squares) / count - mean * mean));
  }
}

// Mean and deviation of value(index) over the training part, in two passes, as the numbers may be
// large beside their differences.
template <class Value>
std::pair<double, double> measure(const Dataset& parts, Value&& value) {
  const auto count = static_cast<double>(parts.training.size());
  double sum = 0;
  for (const std::int64_t index : parts.training) sum += value(static_cast<std::size_t>(index));
  const double mean = sum / count;
  double squares = 0;
  for (const std::int64_t index : parts.training) {
    const double difference = value(static_cast<std::size_t>(index)) - mean;
    squares += difference * difference;
  }
  return {mean, stddev_of(squares / count)};
}

}  // namespace

Dataset split_dataset(std::shared_ptr<const common::LabelledImages> images, double validation_split,
                      std::int64_t train_samples) {
  Dataset parts;
  parts.shape = {images->channels, images->rows, images->columns};
  parts.count = images->count;
  parts.classes = images->classes;
  parts.labels.assign(images->labels.begin(), images->labels.end());
  parts.class_names = images->class_names;
  while (parts.class_names.size() < images->classes)
    parts.class_names.push_back(std::to_string(parts.class_names.size()));
  parts.images = std::move(images);
  split(parts, validation_split, train_samples);
  measure_pixels(parts);
  return parts;
}

Dataset split_dataset(std::shared_ptr<const common::CsvTable> table, double validation_split,
                      std::int64_t train_samples) {
  Dataset parts;
  const std::size_t columns = table->columns.size();
  parts.shape.channels = static_cast<std::int64_t>(columns);
  parts.count = static_cast<std::int64_t>(table->rows);
  parts.classes = static_cast<std::int64_t>(table->classes.size());
  parts.class_names = table->classes;
  for (const double value : table->values) parts.features.push_back(static_cast<float>(value));
  for (const double target : table->targets) {
    if (parts.classes > 0) {
      parts.labels.push_back(static_cast<std::int64_t>(target));
    } else {
      parts.numbers.push_back(static_cast<float>(target));
    }
  }
  parts.table = std::move(table);
  split(parts, validation_split, train_samples);
  for (std::size_t column = 0; column < columns; ++column) {
    const auto [mean, stddev] = measure(
        parts, [&](std::size_t row) { return parts.table->values[row * columns + column]; });
    parts.means.push_back(mean);
    parts.stddevs.push_back(stddev);
  }
  if (parts.classes == 0)
    std::tie(parts.number_mean, parts.number_stddev) =
        measure(parts, [&](std::size_t row) { return parts.table->targets[row]; });
  return parts;
}

namespace {

// Where all samples are of one class, every network is right from the start.
Dataset with_classes(Dataset&& parts, const DataOptions& options) {
  const std::vector<std::int64_t>& labels = parts.labels;
  const bool alike = !labels.empty() && std::all_of(labels.begin(), labels.end(),
                                                    [&](std::int64_t l) { return l == labels[0]; });
  if (!alike) return std::move(parts);
  const std::string name =
      parts.table ? "\"" + parts.table->classes.front() + "\"" : std::to_string(labels.front());
  throw Error(DODONA_E_INVALID,
              "\"" + options.data + "\": all samples are of the class " + name +
                  "; two are needed" +
                  (parts.table ? ", or the option \"task\" as \"regression\" for numbers" : ""));
}

}  // namespace

Dataset load_dataset(const DataOptions& options, bool images) {
  std::error_code ignored;
  const auto wrong = [&options](const std::string& what) {
    throw Error(DODONA_E_INVALID, "\"" + options.data + "\"" + what);
  };
  if (std::filesystem::is_regular_file(options.data, ignored)) {
    if (images) wrong(" is a file; a model of images takes a directory of IDX or CIFAR-10 files");
    if (options.label.empty())
      wrong(" is a file, so a table; the option \"label\" must name its label column");
    const auto labels = options.classes ? common::CsvLabels::kClasses : common::CsvLabels::kNumbers;
    return with_classes(
        split_dataset(common::shared_csv(options.data, {.label = options.label, .labels = labels}),
                      options.validation_split, options.train_samples),
        options);
  }
  auto read = common::holds_cifar(options.data) ? common::shared_cifar(options.data)
                                                : common::shared_images(options.data, "train");
  if (!options.label.empty()) wrong(" holds images, so the option \"label\" must be left out");
  if (!options.classes) wrong(" holds images, so the option \"task\" must be \"classification\"");
  return with_classes(
      split_dataset(std::move(read), options.validation_split, options.train_samples), options);
}

}  // namespace dodona::train
