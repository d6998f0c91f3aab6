// SPDX-License-Identifier: Apache-2.0
#include "common/train/metrics.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string_view>
#include <system_error>

namespace dodona::train {
namespace {

// The K of top_K_accuracy.
std::optional<std::size_t> top_k(std::string_view name) {
  constexpr std::string_view head = "top_";
  constexpr std::string_view tail = "_accuracy";
  if (name.size() <= head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail))
    return std::nullopt;
  const char* end = name.data() + name.size() - tail.size();
  std::size_t k = 0;
  const auto [read, error] = std::from_chars(name.data() + head.size(), end, k);
  if (error != std::errc() || read != end || k == 0) return std::nullopt;
  return k;
}

// The area under the curve: Mann & Whitney's U over the number of pairs. Each sample has its output
// for a class, and true if it is of the class.
std::optional<double> area(std::vector<std::pair<float, bool>> scored) {
  std::sort(scored.begin(), scored.end());
  double positives = 0;
  double ranks = 0;
  for (std::size_t i = 0; i < scored.size();) {
    std::size_t end = i;
    double equal = 0;
    for (; end < scored.size() && scored[end].first == scored[i].first; ++end)
      equal += scored[end].second ? 1 : 0;
    // Ranks begin at 1. Equal outputs share the mean of their ranks.
    ranks += equal * (static_cast<double>(i + 1) + static_cast<double>(end)) / 2;
    positives += equal;
    i = end;
  }
  const double negatives = static_cast<double>(scored.size()) - positives;
  if (positives == 0 || negatives == 0) return std::nullopt;
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace

void TopKAccuracy::reset() {
  right_ = all_ = 0;
}

void TopKAccuracy::add(const Scored& batch) {
  for (std::size_t i = 0; i < batch.samples(); ++i) {
    const auto row = batch.row(i);
    const auto wanted = static_cast<std::size_t>(batch.classes[i]);
    std::size_t before = 0;
    for (std::size_t at = 0; at < row.size(); ++at) {
      // Every number is above a NaN: a network that answers a NaN is never right.
      if (!(row[at] < row[wanted]) && (at < wanted || row[at] != row[wanted]) && at != wanted)
        ++before;
    }
    right_ += before < k_ ? 1 : 0;
  }
  all_ += batch.samples();
}

double TopKAccuracy::value() const {
  return static_cast<double>(right_) / static_cast<double>(all_);
}

void MeanError::reset() {
  sum_ = 0;
  all_ = 0;
}

void MeanError::add(const Scored& batch) {
  for (std::size_t i = 0; i < batch.samples(); ++i) {
    const double error = double{batch.outputs[i]} - double{batch.numbers[i]};
    sum_ += power_ == 2 ? error * error : std::abs(error);
  }
  all_ += batch.samples();
}

double MeanError::value() const {
  return sum_ / static_cast<double>(all_);
}

void Auc::reset() {
  probabilities_.clear();
  classes_.clear();
}

void Auc::add(const Scored& batch) {
  width_ = batch.width;
  for (std::size_t i = 0; i < batch.samples(); ++i) {
    const auto row = batch.row(i);
    const float largest = *std::max_element(row.begin(), row.end());
    float sum = 0;
    for (const float output : row) sum += std::exp(output - largest);
    for (const float output : row) probabilities_.push_back(std::exp(output - largest) / sum);
  }
  classes_.insert(classes_.end(), batch.classes.begin(), batch.classes.end());
}

double Auc::value() const {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (std::any_of(probabilities_.begin(), probabilities_.end(),
                  [](float p) { return std::isnan(p); }))
    return none;
  double sum = 0;
  double count = 0;
  for (std::size_t k = width_ == 2 ? 1 : 0; k < width_; ++k) {
    std::vector<std::pair<float, bool>> scored;
    for (std::size_t i = 0; i < classes_.size(); ++i)
      scored.emplace_back(probabilities_[i * width_ + k],
                          classes_[i] == static_cast<std::int64_t>(k));
    if (const auto one = area(std::move(scored))) {
      sum += *one;
      ++count;
    }
  }
  return count > 0 ? sum / count : none;
}

NamedMetric metric_named(const std::string& name, bool classes) {
  if (classes) {
    if (name == "accuracy") return {name, [] { return std::make_unique<TopKAccuracy>(1); }};
    if (name == "auc") return {name, [] { return std::make_unique<Auc>(); }};
    if (const auto k = top_k(name))
      return {name, [k = *k] { return std::make_unique<TopKAccuracy>(k); }};
  } else {
    if (name == "mean_squared_error") return {name, [] { return std::make_unique<MeanError>(2); }};
    if (name == "mean_absolute_error") return {name, [] { return std::make_unique<MeanError>(1); }};
  }
  throw Error(DODONA_E_INVALID,
              "option \"metrics\": \"" + name + "\" is no metric of " +
                  (classes ? "classes; those are accuracy, top_K_accuracy with a number for K, and "
                             "auc"
                           : "numbers; those are mean_squared_error and mean_absolute_error"));
}

}  // namespace dodona::train
