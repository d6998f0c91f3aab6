// SPDX-License-Identifier: Apache-2.0
//
// Metrics of a network, measured while it is trained and validated.
//
// Another metric is a class with `reset`, `add` and `value`, which the trainer gets with its name.
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

class RunningMetric {
 public:
  virtual ~RunningMetric() = default;
  virtual void reset() = 0;
  virtual void add(const Scored& batch) = 0;
  // The metric of all samples that were added since the last reset.
  virtual double value() const = 0;
};

struct NamedMetric {
  std::string name;  // reported under this name, and with val_ before it
  std::function<std::unique_ptr<RunningMetric>()> make;
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

// The metric of a name: accuracy, top_K_accuracy with any K such as top_5_accuracy, and auc for
// classes; mean_squared_error and mean_absolute_error for numbers.
//
// Errors: Error{DODONA_E_INVALID} for any other name, and for a metric of other targets.
NamedMetric metric_named(const std::string& name, bool classes);

}  // namespace dodona::train
