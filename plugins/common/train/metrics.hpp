// SPDX-License-Identifier: Apache-2.0
//
// What is measured while a network is trained and validated.
//
// A metric of one's own is a class with `reset`, `add` and `value`, given to the trainer by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dodona::train {

// Some samples: what the network answered and what would have been right.
//
// Shapes: outputs[samples][width]; classes[samples] with width = number of classes, or
//         numbers[samples] with width 1, the other one empty.
struct Scored {
  std::span<const float> outputs;  // of classes: before softmax
  std::size_t width = 1;
  std::span<const std::int64_t> classes{};
  std::span<const float> numbers{};

  std::size_t samples() const { return outputs.size() / width; }
  std::span<const float> row(std::size_t i) const { return outputs.subspan(i * width, width); }
};

class Metric {
 public:
  virtual ~Metric() = default;
  virtual void reset() = 0;
  virtual void add(const Scored& batch) = 0;
  // Over all that was added since the last reset.
  virtual double value() const = 0;
};

struct NamedMetric {
  std::string name;  // reported as it is, and with val_ before it
  std::function<std::unique_ptr<Metric>()> make;
};

// Share of samples whose class is among the k largest outputs; of equal outputs the first counts.
// k = 1 is the accuracy.
class TopKAccuracy final : public Metric {
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

// Mean of the absolute (power 1) or squared (power 2) differences.
class MeanError final : public Metric {
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

// Area under the curve of the true over the false positives, exactly: the share of pairs of a
// sample of a class and one of another class in which the first has the larger probability, equal
// ones counting half. The mean over the classes that have such pairs; NaN without any. Of two
// classes, that of the second.
//
// Cost: keeps the probabilities of all samples, and sorts them.
class Auc final : public Metric {
 public:
  void reset() override;
  void add(const Scored& batch) override;
  double value() const override;

 private:
  std::size_t width_ = 0;
  std::vector<float> probabilities_;
  std::vector<std::int64_t> classes_;
};

// accuracy, top_K_accuracy with any K such as top_5_accuracy, and auc for classes;
// mean_squared_error and mean_absolute_error for numbers.
//
// Errors: Error{kInvalid} for any other name, and for one of the other kind of targets.
NamedMetric metric_named(const std::string& name, bool classes);

}  // namespace dodona::train
