// SPDX-License-Identifier: Apache-2.0
//
// Log expected improvement at a Gaussian process, and its maximum over a mixed space.
//
// With noise it is augmented by the share of the deviation that one more trial would take away, so
// that it ends where there is nothing to learn, however good that is.
//
// Source:  arXiv 2310.20708 (log_improvement in normal.hpp); Huang, Allen, Notz & Zeng (2006),
//          "Global optimization of stochastic black-box systems", equation 10.
// Threads: const functions from any thread.
#pragma once

#include "common/search/features.hpp"
#include "common/search/gaussian_process.hpp"

#include <dodona/space.hpp>

#include <Eigen/Core>

namespace dodona::common {

class Acquisition {
 public:
  // `noise`: variance of what a trial scores; 0: scores are exact.
  Acquisition(const GaussianProcess& gp, double best, double noise = 0)
      : gp_(&gp), best_(best), noise_(noise) {}

  double at(double mean, double variance) const;
  double at(const PointRow& x) const;
  // With the slope in the numeric features.
  double at(const PointRow& x, Eigen::VectorXd& slope) const;

  const GaussianProcess& gp() const { return *gp_; }
  bool noisy() const { return noise_ > 0; }

 private:
  double learned(double variance) const;  // 1 - sqrt(noise / (variance + noise))

  const GaussianProcess* gp_;
  double best_, noise_;
};

// A legal point, its features and its acquisition.
struct Climb {
  Point point;
  Eigen::VectorXd row;
  double value = 0;
};

// Climbs from `start` to a local maximum: continuous features by L-BFGS in units of length scales,
// the others one after another through all their values, in turns. At most `evaluations` of the
// model in each climb; 0: it stays. Or the continuous ones alone.
Climb climb(const Acquisition& acquisition, const Space& space, const Features& features,
            const Point& start, int evaluations, bool only_continuous = false);

}  // namespace dodona::common
