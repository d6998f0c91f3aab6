// SPDX-License-Identifier: Apache-2.0
//
// A density over mixed features: one kernel an observation, a product over the features, and a
// uniform one as prior.
//
// A continuous feature has a normal kernel cut off at the ends of [0, 1], a number of few values
// the mass of that normal in each value's cell, a category a share for its own value and the rest
// for all. All kernels have one width a feature, so that what a kernel needs is computed when it
// joins.
//
// Source:  Watanabe (2023), "Tree-structured Parzen estimator", arXiv 2304.11127, sections 3 and 4.
// Shapes:  d features; a row holds units of numbers (their cells' middles) and indices of
// categories.
// Threads: const functions from any thread.
// Cost:    a density: n d operations and n exponentials, n kernels, however many values there are.
#pragma once

#include <dodona/random.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dodona::common {

struct Axis {
  std::uint64_t values = 0;  // 0: continuous, or too many to tell apart
  bool categorical = false;
};

class Parzen {
 public:
  Parzen() = default;
  // widths[d] of numbers; of a category the share that all values have from a kernel.
  Parzen(std::vector<Axis> axes, Eigen::VectorXd widths, double prior_weight);

  Eigen::Index size() const { return size_; }
  void add(const Eigen::VectorXd& row, double weight = 1);
  void truncate(Eigen::Index size) { size_ = size; }
  // Leaves the kernel of an observation out until it is told otherwise. For a weight of 1.
  void leave_out(Eigen::Index i, bool out);

  double log_density(const Eigen::VectorXd& row) const;
  Eigen::VectorXd sample(RandomStream& random) const;

 private:
  std::vector<Axis> axes_;
  Eigen::VectorXd widths_;
  Eigen::VectorXd rates_;  // 1 / (2 width^2) of continuous features, 0 of others
  // Of a category, however many values it has: logs of what its own value and each other one get.
  struct Shares {
    double own = 0, other = 0;
  };
  std::vector<Shares> shares_;
  std::vector<Eigen::MatrixXd> tables_;  // log masses [value][centre] of numbers of few values
  double prior_weight_ = 1;
  Eigen::Index size_ = 0;
  Eigen::MatrixXd centres_;        // with room for more
  Eigen::MatrixXd lows_, masses_;  // of the uncut normal: below 0, and within [0, 1]
  Eigen::VectorXd weights_, offsets_;
  std::vector<double> bases_;  // the offsets of kernels with weight 1
  double log_prior_ = 0;       // density of the uniform kernel
};

}  // namespace dodona::common
