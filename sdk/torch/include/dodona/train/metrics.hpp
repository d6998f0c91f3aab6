// SPDX-License-Identifier: Apache-2.0
//
// Metrics of a network, measured while it is trained and validated.
//
// Another metric is a function of one sample (mean_metric), or a class with `reset`, `add` and
// `value`. The trainer gets it with its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dodona::train {

// Some samples: the outputs of the network, and the targets.
//
// Shapes: outputs[samples][width]; either classes[samples] and width = number of classes, or
//         numbers[samples] and width 1. The other list is empty.
struct Scored {
  std::span<const float> outputs;  // those of classes are before softmax
  std::size_t width = 1;
  std::span<const std::int64_t> classes{};
  std::span<const float> numbers{};

  std::size_t samples() const { return outputs.size() / width; }
  std::span<const float> row(std::size_t i) const { return outputs.subspan(i * width, width); }
};

// Measures batch by batch. One call at a time.
class RunningMetric {
 public:
  virtual ~RunningMetric() = default;
  virtual void reset() = 0;
  virtual void add(const Scored& batch) = 0;
  // The metric of all samples that were added since the last reset.
  virtual double value() const = 0;
};

// A metric of a trial: one object measures the training part, another one the validation part.
struct NamedMetric {
  std::string name;  // reported under this name, and with val_ before it
  std::function<std::unique_ptr<RunningMetric>()> make;
  bool more = true;  // true: more is better
};

// The share of samples whose class is among the k largest outputs. Of equal outputs the first is
// the larger. k = 1 is the accuracy.
class TopKAccuracy final : public RunningMetric {
 public:
  explicit TopKAccuracy(std::size_t k) : k_(k) {}
  void reset() override;
  void add(const Scored& batch) override;
  double value() const override;

 private:
  std::size_t k_;
  std::uint64_t right_ = 0;
  std::uint64_t all_ = 0;
};

// The number of samples of each class for which each class is predicted: the one of the largest
// output, of equal ones the first.
class Confusion {
 public:
  explicit Confusion(std::size_t classes = 0) : width_(classes), counts_(classes * classes) {}
  void add(const Scored& batch);

  std::size_t classes() const { return width_; }
  std::uint64_t count(std::size_t wanted, std::size_t predicted) const {
    return counts_[wanted * width_ + predicted];
  }
  std::uint64_t samples_of(std::size_t wanted) const;
  std::uint64_t predictions_of(std::size_t predicted) const;
  // The share of the predictions of a class that are right, and the share of its samples that are
  // found; 0 where there are none. The third is the harmonic mean of both.
  double precision(std::size_t of) const;
  double recall(std::size_t of) const;
  double f1(std::size_t of) const;

 private:
  std::size_t width_;
  std::vector<std::uint64_t> counts_;
};

// A figure of each class, averaged over all classes that occur or are predicted. Of two classes only
// the second counts.
class ClassFigure final : public RunningMetric {
 public:
  using Figure = double (Confusion::*)(std::size_t) const;
  explicit ClassFigure(Figure figure) : figure_(figure) {}
  void reset() override { confusion_ = Confusion(); }
  void add(const Scored& batch) override;
  double value() const override;

 private:
  Figure figure_;
  Confusion confusion_;
};

// The mean of -log of the probability of the right class.
class LogLoss final : public RunningMetric {
 public:
  void reset() override;
  void add(const Scored& batch) override;
  double value() const override;

 private:
  double sum_ = 0;
  std::uint64_t all_ = 0;
};

// The share of the variance of the numbers that the outputs explain: 1 is all of it, 0 what their
// mean explains. A NaN where all numbers are equal.
class R2 final : public RunningMetric {
 public:
  void reset() override;
  void add(const Scored& batch) override;
  double value() const override;

 private:
  double errors_ = 0;
  double mean_ = 0;  // of the numbers, with the sum of their squared distances from it
  double squares_ = 0;
  double all_ = 0;
};

// The mean of the absolute differences in percent of the number. A number nearer to 0 than 1e-7
// counts as that.
class PercentageError final : public RunningMetric {
 public:
  void reset() override;
  void add(const Scored& batch) override;
  double value() const override;

 private:
  double sum_ = 0;
  std::uint64_t all_ = 0;
};

// The mean of the absolute (power 1) or squared (power 2) differences.
class MeanError final : public RunningMetric {
 public:
  explicit MeanError(int power) : power_(power) {}
  void reset() override;
  void add(const Scored& batch) override;
  double value() const override;

 private:
  int power_;
  double sum_ = 0;
  std::uint64_t all_ = 0;
};

// The exact area under the curve of true over false positives. For a class it is the share of pairs
// of a sample of the class and another sample in which the first has the larger probability. Pairs
// of equal ones count half. The metric is the mean over all classes with such pairs, a NaN if there
// is none. Of two classes only the second counts.
//
// Cost: keeps the probabilities of all samples, and sorts them.
class Auc final : public RunningMetric {
 public:
  void reset() override;
  void add(const Scored& batch) override;
  double value() const override;

 private:
  std::size_t width_ = 0;
  std::vector<float> probabilities_;
  std::vector<std::int64_t> classes_;
};

// A figure of one sample, from the outputs of the network and the target: the index of its class, or
// its number.
using SampleFigure = std::function<double(std::span<const float> outputs, double target)>;
// The metric that is the mean of a figure over the samples.
NamedMetric mean_metric(std::string name, SampleFigure figure, bool more = true);

// The metric of a name. For classes: accuracy, top_K_accuracy with any K such as top_5_accuracy,
// precision, recall, f1, auc and log_loss. For numbers: mean_squared_error, mean_absolute_error,
// mean_absolute_percentage_error and r2.
//
// Errors: Error{DODONA_E_INVALID} for any other name, and for a metric of other targets.
NamedMetric metric_named(const std::string& name, bool classes);

}  // namespace dodona::train
