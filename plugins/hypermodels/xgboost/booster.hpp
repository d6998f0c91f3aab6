// SPDX-License-Identifier: Apache-2.0
//
// The part of XGBoost's C interface that is needed, with owners and errors.
//
// Errors:  Error{kFailed} with XGBoost's own text; Error{kIo} where a model cannot be read.
// Threads: one object, one thread; different objects side by side.
#pragma once

#include "hypermodels/xgboost/data.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dodona::xgboost {

// Rows of the data, as XGBoost holds them.
class Matrix {
 public:
  // Of one fold: the rows that it holds out, or all others.
  enum class Part : std::uint8_t { kTraining = 1, kHeldOut };
  // Words become the categories of the encoding; one that is none is missing.
  Matrix(const Data& data, std::uint32_t fold, Part part, const common::TableEncoding& encoding);
  void* handle() const { return handle_.get(); }
  // The weights of rows count in what is learned, not in metrics.
  void weigh() const;
  void weigh_alike() const;

 private:
  struct Free {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Free> handle_;
  std::vector<float> weights_;  // of the rows; empty: all alike
};

class Booster {
 public:
  // `validation` may be null.
  Booster(const Matrix& train, const Matrix* validation);

  void set(const std::string& name, const std::string& value);
  // One more tree (one for each class of several), drawn from `seed`.
  void update(std::uint64_t round, std::uint64_t seed, const Matrix& train);
  // Metrics in the order in which `eval_metric` named them: of `train`, then of `validation`, if
  // there is one.
  std::vector<double> evaluate(std::uint64_t round, const Matrix& train, const Matrix* validation);

  // Metrics of one matrix alone, in the same order.
  std::vector<double> evaluate(const Matrix& matrix);
  // Probabilities of the classes, of two that of the second; or numbers.
  //
  // Shapes: [rows][classes] of more than two classes, else [rows].
  std::vector<float> predict(const Matrix& matrix);

  void save(const std::string& path);
  void load(const std::string& path);
  std::uint64_t rounds();

 private:
  struct Free {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Free> handle_;
};

}  // namespace dodona::xgboost
