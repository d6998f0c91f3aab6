// SPDX-License-Identifier: Apache-2.0
#include "common/train/dataset.hpp"

#include "common/data/cifar.hpp"
#include "common/data/groups.hpp"
#include "common/data/idx.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
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
void check_sizes(const Dataset& parts, const SplitOptions& options) {
  const std::string kind = parts.images ? " images" : " lines";
  const bool grouped = parts.table && !parts.table->groups.empty();
  if (parts.training.empty() || (parts.validation.empty() && options.validation_split > 0))
    throw Error(DODONA_E_INVALID, "validation_split " + text_of(options.validation_split) + " of " +
                                      std::to_string(parts.count) + kind +
                                      (grouped ? " in groups" : "") + " leaves " +
                                      std::to_string(parts.training.size()) + " to train and " +
                                      std::to_string(parts.validation.size()) + " to validate");
  const auto training = static_cast<std::int64_t>(parts.training.size());
  if (options.train_samples > training)
    throw Error(DODONA_E_INVALID, "train_samples " + std::to_string(options.train_samples) +
                                      " is above " + std::to_string(training) + ", the" + kind +
                                      " left to train by validation_split " +
                                      text_of(options.validation_split));
}

// True for each sample that is held out. `order` is that of all samples.
std::vector<bool> held_out(const Dataset& parts, const SplitOptions& options,
                           const std::vector<std::int64_t>& order) {
  std::vector<bool> out(order.size());
  const double share = options.validation_split;
  if (share == 0) return out;
  if (parts.table && !parts.table->groups.empty()) {
    RandomStream random(kSplitSeed, static_cast<std::uint64_t>(parts.count), Purpose::kTrialSeed);
    const auto dealt = common::deal_groups(
        parts.table->groups, options.stratify ? parts.labels : std::vector<std::int64_t>(),
        {share, 1 - share}, random);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = dealt[i] == 0;
    return out;
  }
  // The samples of a class that are still to be held out; of one class of all, if not stratified.
  std::map<std::int64_t, std::int64_t> left;
  const auto class_of = [&](std::int64_t sample) {
    return options.stratify ? parts.labels[static_cast<std::size_t>(sample)] : 0;
  };
  for (const std::int64_t sample : order) ++left[class_of(sample)];
  for (auto& [kind, count] : left) count = std::llround(static_cast<double>(count) * share);
  for (const std::int64_t sample : order) {
    std::int64_t& more = left[class_of(sample)];
    out[static_cast<std::size_t>(sample)] = more > 0;
    if (more > 0) --more;
  }
  return out;
}

void split(Dataset& parts, const SplitOptions& options) {
  if (options.stratify && parts.classes == 0)
    throw Error(DODONA_E_INVALID,
                "option \"stratify\": numbers to predict have no classes; it must be false");
  const std::vector<std::int64_t> order = shuffled(parts.count);
  const std::vector<bool> out = held_out(parts, options, order);
  for (const std::int64_t sample : order)
    (out[static_cast<std::size_t>(sample)] ? parts.validation : parts.training).push_back(sample);
  check_sizes(parts, options);
  if (options.train_samples > 0)
    parts.training.resize(static_cast<std::size_t>(options.train_samples));
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

std::vector<float> features_of(const common::CsvTable& table,
                               const common::TableEncoding& encoding) {
  const std::vector<double> inputs = common::encoded(table, encoding);
  return {inputs.begin(), inputs.end()};
}

Dataset split_dataset(std::shared_ptr<const common::LabelledImages> images,
                      const SplitOptions& options) {
  Dataset parts;
  parts.shape = {images->channels, images->rows, images->columns};
  parts.count = images->count;
  parts.classes = images->classes;
  parts.labels.assign(images->labels.begin(), images->labels.end());
  parts.class_names = images->class_names;
  while (parts.class_names.size() < images->classes)
    parts.class_names.push_back(std::to_string(parts.class_names.size()));
  parts.images = std::move(images);
  split(parts, options);
  measure_pixels(parts);
  return parts;
}

Dataset split_dataset(std::shared_ptr<const common::CsvTable> table, const SplitOptions& options,
                      const common::TableEncoding* encoding) {
  Dataset parts;
  parts.count = static_cast<std::int64_t>(table->rows);
  parts.classes = static_cast<std::int64_t>(table->classes.size());
  parts.class_names = table->classes;
  for (const double target : table->targets) {
    if (parts.classes > 0) {
      parts.labels.push_back(static_cast<std::int64_t>(target));
    } else {
      parts.numbers.push_back(static_cast<float>(target));
    }
  }
  parts.table = std::move(table);
  split(parts, options);
  parts.encoding =
      encoding != nullptr ? *encoding : common::fit_encoding(*parts.table, parts.training);
  const std::vector<double> inputs = common::encoded(*parts.table, parts.encoding);
  const std::size_t width = common::inputs_of(parts.encoding);
  parts.shape.channels = static_cast<std::int64_t>(width);
  parts.features.assign(inputs.begin(), inputs.end());
  for (std::size_t input = 0; input < width; ++input) {
    const auto [mean, stddev] =
        measure(parts, [&](std::size_t row) { return inputs[row * width + input]; });
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

Dataset load_dataset(const DataOptions& options, bool images,
                     const common::TableEncoding* encoding) {
  std::error_code ignored;
  const auto wrong = [&options](const std::string& what) {
    throw Error(DODONA_E_INVALID, "\"" + options.data + "\"" + what);
  };
  if (std::filesystem::is_regular_file(options.data, ignored)) {
    if (images) wrong(" is a file; a model of images takes a directory of IDX or CIFAR-10 files");
    if (options.label.empty())
      wrong(" is a file, so a table; the option \"label\" must name its label column");
    const auto table = common::shared_csv(
        options.data,
        {.label = options.label,
         .labels = options.classes ? common::CsvLabels::kClasses : common::CsvLabels::kNumbers,
         .ignore = options.ignore,
         .categories = options.categories,
         .group = options.group});
    return with_classes(split_dataset(table, options.split, encoding), options);
  }
  auto read = common::holds_cifar(options.data) ? common::shared_cifar(options.data)
                                                : common::shared_images(options.data, "train");
  const std::pair<const char*, bool> of_tables[] = {{"label", !options.label.empty()},
                                                    {"ignore", !options.ignore.empty()},
                                                    {"categories", !options.categories.empty()},
                                                    {"group", !options.group.empty()}};
  for (const auto& [name, given] : of_tables) {
    if (given) wrong(std::string(" holds images, so the option \"") + name + "\" must be left out");
  }
  if (!options.classes) wrong(" holds images, so the option \"task\" must be \"classification\"");
  return with_classes(split_dataset(std::move(read), options.split), options);
}

}  // namespace dodona::train
