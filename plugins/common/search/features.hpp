// SPDX-License-Identifier: Apache-2.0
//
// Converts points of a search space to the rows of numbers that a model takes, and back.
//
// A numeric column has to_unit of a number, a categorical one an index. Both have kInactive if a
// condition does not hold. A number without conditions that a trial has not met stands in the
// middle.
//
// Shapes:  p numeric columns, of which the last g have conditions, then c categorical ones.
// Threads: const functions from any thread.
#pragma once

#include "common/search/kernel.hpp"

#include <dodona/space.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dodona::common {

// A number with more values counts as continuous.
inline constexpr std::uint64_t kFewValues = 16;

// True if the order of a hyperparameter's values means nothing.
inline bool is_category(const Param& param) {
  return param.type == ParamType::kBoolean || (param.type == ParamType::kChoice && !param.ordered);
}

class Features {
 public:
  struct Column {
    std::size_t param = 0;
    std::uint64_t values = 0;  // 0: continuous
    bool categorical = false;
  };

  Features() = default;
  explicit Features(const Space& space);

  const FeatureShape& shape() const { return shape_; }
  const std::vector<Column>& columns() const { return columns_; }
  bool conditional() const { return conditional_; }
  bool continuous(Eigen::Index column) const;  // true: too many values to try each
  bool all_continuous() const;
  std::vector<Eigen::Index> few() const;  // the columns that are not continuous

  Eigen::VectorXd of(const Point& point) const;
  Eigen::MatrixXd rows_of(std::span<const Point> points) const;

  // The legal point at a row. Columns of inactive hyperparameters are not read.
  Point at(const Space& space, const PointRow& row) const;

  // The same for a row of the unit cube, in which a category is a part of [0, 1] too.
  Point at_unit(const Space& space, const PointRow& units) const;

 private:
  std::vector<Column> columns_;
  std::vector<Eigen::Index> column_of_;  // by hyperparameter; -1: it has only one value
  const Space* space_ = nullptr;
  FeatureShape shape_;
  bool conditional_ = false;
};

}  // namespace dodona::common
