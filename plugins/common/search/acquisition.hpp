// SPDX-License-Identifier: Apache-2.0
//
// The worth of a trial at a point, in logarithms: the utility of its objectives, and for each limit
// the probability that it is kept. And the maximum of that over a mixed space.
//
// Source:  Gardner et al. (2014), ICML, 937-945 (the product). The utilities have theirs.
// Threads: const functions from any thread.
#pragma once

#include "common/search/features.hpp"
#include "common/search/gaussian_process.hpp"
#include "common/search/utility.hpp"

#include <dodona/space.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace dodona::common {

class Acquisition {
 public:
  // Of the processes the first `objectives` are those of objectives, the others those of limits,
  // which are kept where a value is at most 0. Without a utility the limits alone count. The
  // processes outlive the acquisition.
  Acquisition(std::vector<const GaussianProcess*> gps, std::size_t objectives,
              std::shared_ptr<const Utility> utility)
      : gps_(std::move(gps)), objectives_(objectives), utility_(std::move(utility)) {}

  // For posteriors of all processes.
  double at(Posteriors posteriors) const;
  double at(const PointRow& x) const;
  // At each row of a matrix at once, for a part of the cost. Bits depend on the number of rows.
  Eigen::VectorXd at_rows(const PointRows& rows) const;
  // With the slope in the numeric features.
  double at(const PointRow& x, Eigen::VectorXd& slope) const;

  // The logarithm of the probability that all limits are kept.
  double log_probability(Posteriors posteriors) const;
  std::vector<GaussianProcess::Posterior> posteriors(const PointRow& x) const;

  const std::vector<const GaussianProcess*>& gps() const { return gps_; }
  bool has_utility() const { return utility_ != nullptr; }
  std::size_t limits() const { return gps_.size() - objectives_; }
  // The same processes with another utility.
  Acquisition with(std::shared_ptr<const Utility> utility) const {
    return {gps_, objectives_, std::move(utility)};
  }
  // The squares of the processes' sizes: what an evaluation costs.
  double cost() const;
  // True beyond some 450 points, pending ones included: a maximum is sought with half the effort.
  bool large() const;
  // The length scales at which the sharpest process changes, at most 1.
  Eigen::VectorXd lengths() const;

 private:
  std::vector<const GaussianProcess*> gps_;
  std::size_t objectives_;
  std::shared_ptr<const Utility> utility_;
};

// A legal point that breaks no constraint, its features and its acquisition.
struct Climb {
  Point point;
  Eigen::VectorXd row;
  double value = 0;
};

// Climbs from `start` to a local maximum: continuous features by L-BFGS in units of length scales,
// the others one after another through all their values, in turns. At most `evaluations` of the
// model in each climb; 0: it stays. Or the continuous ones alone. Where a climb ends beyond a
// constraint, it is cut off before. `start` breaks none.
Climb climb(const Acquisition& acquisition, const Space& space, const Features& features,
            const Point& start, int evaluations, bool only_continuous = false);

}  // namespace dodona::common
