// SPDX-License-Identifier: Apache-2.0
//
// Log expected improvement at a Gaussian process, and its maximum over a mixed space.
//
// Source:  arXiv 2310.20708 (log_improvement in normal.hpp).
// Threads: const functions from any thread.
#pragma once

#include "common/features.hpp"
#include "common/gaussian_process.hpp"

#include <dodona/space.hpp>

#include <Eigen/Core>

namespace dodona::common {

class Acquisition {
 public:
  Acquisition(const GaussianProcess& gp, double best) : gp_(&gp), best_(best) {}

  double at(double mean, double variance) const;
  double at(const PointRow& x) const;
  // With the slope in the numeric features.
  double at(const PointRow& x, Eigen::VectorXd& slope) const;

  const GaussianProcess& gp() const { return *gp_; }

 private:
  const GaussianProcess* gp_;
  double best_;
};

// A legal point, its features and its acquisition.
struct Climb {
  Point point;
  Eigen::VectorXd row;
  double value = 0;
};

// Climbs from `start` to a local maximum: continuous features by L-BFGS in units of length scales,
// the others one after another through all their values, in turns. At most `evaluations` of the
// model in each climb. Or the continuous ones alone.
Climb climb(const Acquisition& acquisition, const Space& space, const Features& features,
            const Point& start, int evaluations, bool only_continuous = false);

}  // namespace dodona::common
