// SPDX-License-Identifier: Apache-2.0
#include <dodona/error.hpp>
#include <dodona/train/metrics.hpp>

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

void Confusion::add(const Scored& batch) {
  for (std::size_t i = 0; i < batch.samples(); ++i) {
    const auto row = batch.row(i);
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    ++counts_[static_cast<std::size_t>(batch.classes[i]) * width_ + static_cast<std::size_t>(best)];
  }
}

std::uint64_t Confusion::samples_of(std::size_t wanted) const {
  std::uint64_t sum = 0;
  for (std::size_t predicted = 0; predicted < width_; ++predicted) sum += count(wanted, predicted);
  return sum;
}

std::uint64_t Confusion::predictions_of(std::size_t predicted) const {
  std::uint64_t sum = 0;
  for (std::size_t wanted = 0; wanted < width_; ++wanted) sum += count(wanted, predicted);
  return sum;
}

namespace {

double share(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

}  // namespace

double Confusion::precision(std::size_t of) const {
  return share(count(of, of), predictions_of(of));
}

double Confusion::recall(std::size_t of) const {
  return share(count(of, of), samples_of(of));
}

double Confusion::f1(std::size_t of) const {
  return share(2 * count(of, of), samples_of(of) + predictions_of(of));
}

void ClassFigure::add(const Scored& batch) {
  if (confusion_.classes() == 0) confusion_ = Confusion(batch.width);
  confusion_.add(batch);
}

double ClassFigure::value() const {
  double sum = 0;
  double count = 0;
  const std::size_t classes = confusion_.classes();
  for (std::size_t k = classes == 2 ? 1 : 0; k < classes; ++k) {
    const bool occurs = confusion_.samples_of(k) + confusion_.predictions_of(k) > 0;
    if (!occurs && classes != 2) continue;
    sum += (confusion_.*figure_)(k);
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

void LogLoss::reset() {
  sum_ = 0;
  all_ = 0;
}

void LogLoss::add(const Scored& batch) {
  for (std::size_t i = 0; i < batch.samples(); ++i) {
    const auto row = batch.row(i);
    const double largest = double{*std::max_element(row.begin(), row.end())};
    double sum = 0;
    for (const float output : row) sum += std::exp(double{output} - largest);
    sum_ += std::log(sum) + largest - double{row[static_cast<std::size_t>(batch.classes[i])]};
  }
  all_ += batch.samples();
}

double LogLoss::value() const {
  return sum_ / static_cast<double>(all_);
}

void R2::reset() {
  errors_ = mean_ = squares_ = all_ = 0;
}

// Source: Welford (1962), Technometrics 4:419-420.
void R2::add(const Scored& batch) {
  for (std::size_t i = 0; i < batch.samples(); ++i) {
    const double number = double{batch.numbers[i]};
    const double error = double{batch.outputs[i]} - number;
    errors_ += error * error;
    ++all_;
    const double before = number - mean_;
    mean_ += before / all_;
    squares_ += before * (number - mean_);
  }
}

double R2::value() const {
  return squares_ > 0 ? 1 - errors_ / squares_ : std::numeric_limits<double>::quiet_NaN();
}

void PercentageError::reset() {
  sum_ = 0;
  all_ = 0;
}

void PercentageError::add(const Scored& batch) {
  constexpr double least = 1e-7;
  for (std::size_t i = 0; i < batch.samples(); ++i) {
    const double number = double{batch.numbers[i]};
    const double error = std::abs(double{batch.outputs[i]} - number);
    sum_ += 100 * error / std::max(std::abs(number), least);
  }
  all_ += batch.samples();
}

double PercentageError::value() const {
  return sum_ / static_cast<double>(all_);
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

namespace {

class MeanFigure final : public RunningMetric {
 public:
  explicit MeanFigure(SampleFigure figure) : figure_(std::move(figure)) {}
  void reset() override {
    sum_ = 0;
    all_ = 0;
  }
  void add(const Scored& batch) override {
    for (std::size_t i = 0; i < batch.samples(); ++i) {
      const double target =
          batch.numbers.empty() ? static_cast<double>(batch.classes[i]) : double{batch.numbers[i]};
      sum_ += figure_(batch.row(i), target);
    }
    all_ += batch.samples();
  }
  double value() const override { return sum_ / static_cast<double>(all_); }

 private:
  SampleFigure figure_;
  double sum_ = 0;
  std::uint64_t all_ = 0;
};

}  // namespace

NamedMetric mean_metric(std::string name, SampleFigure figure, bool more) {
  return {std::move(name),
          [figure = std::move(figure)] { return std::make_unique<MeanFigure>(figure); }, more};
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

namespace {

template <class Metric, class... A>
NamedMetric named_metric(const std::string& name, bool more, A... arguments) {
  return {name, [=] { return std::make_unique<Metric>(arguments...); }, more};
}

}  // namespace

NamedMetric metric_named(const std::string& name, bool classes) {
  if (classes) {
    if (name == "accuracy") return named_metric<TopKAccuracy>(name, true, std::size_t{1});
    if (name == "auc") return named_metric<Auc>(name, true);
    if (name == "precision") return named_metric<ClassFigure>(name, true, &Confusion::precision);
    if (name == "recall") return named_metric<ClassFigure>(name, true, &Confusion::recall);
    if (name == "f1") return named_metric<ClassFigure>(name, true, &Confusion::f1);
    if (name == "log_loss") return named_metric<LogLoss>(name, false);
    if (const auto k = top_k(name)) return named_metric<TopKAccuracy>(name, true, *k);
  } else {
    if (name == "mean_squared_error") return named_metric<MeanError>(name, false, 2);
    if (name == "mean_absolute_error") return named_metric<MeanError>(name, false, 1);
    if (name == "mean_absolute_percentage_error") return named_metric<PercentageError>(name, false);
    if (name == "r2") return named_metric<R2>(name, true);
  }
  throw Error(
      DODONA_E_INVALID,
      "option \"metrics\": \"" + name + "\" is no metric of " +
          (classes ? "classes; those are accuracy, top_K_accuracy with a number for K, precision, "
                     "recall, f1, auc and log_loss"
                   : "numbers; those are mean_squared_error, mean_absolute_error, "
                     "mean_absolute_percentage_error and r2"));
}

}  // namespace dodona::train
