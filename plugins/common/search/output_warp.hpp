// SPDX-License-Identifier: Apache-2.0
//
// Warps objectives for a Gaussian process: outliers are drawn in, the best are spread out, the mean
// is 0 and the variance 1.
//
// Objectives above the median are replaced by normal scores of their half ranks. Then all are
// mapped to [0, 1] and through log(1 + q / 2) / log 1.5. A missing objective (NaN) counts as the
// worst one, so that the regions of failed trials do not stay attractive. An infinite one counts as
// the extreme.
//
// Source:  Song et al. (2024), "The Vizier Gaussian process bandit algorithm", arXiv 2408.11527,
//          section 3 (output warping).
#pragma once

#include <Eigen/Core>

#include <vector>

namespace dodona::common {

class OutputWarp {
 public:
  explicit OutputWarp(const Eigen::VectorXd& objectives);

  // A target for each objective, in their order.
  const Eigen::VectorXd& targets() const { return targets_; }
  // The objective that has the target: exact up to the median, by the two nearest objectives above
  // it, and never beyond the worst one.
  double objective_at(double target) const;

 private:
  Eigen::VectorXd targets_;
  std::vector<double> sorted_, drawn_;  // the finite objectives, before and after they are drawn in
  double low_ = 0, range_ = 0;          // of the drawn ones
  double mean_ = 0, spread_ = 0;        // of the logarithms; spread 0: all are equal
};

Eigen::VectorXd warp_objectives(const Eigen::VectorXd& objectives);

}  // namespace dodona::common
