// SPDX-License-Identifier: Apache-2.0
#include "common/search/acquisition.hpp"

#include "common/search/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Twelve points of sin(3 x) + y^2 with noise of variance 0.04.
GaussianProcess process() {
  VectorXd theta(4);
  theta << std::log(0.4), std::log(0.8), std::log(1.5), std::log(0.04);
  MatrixXd points(12, 2);
  for (Index i = 0; i < 12; ++i) {
    points(i, 0) = std::fmod(0.5 + 0.618033988749895 * static_cast<double>(i), 1.0);
    points(i, 1) = std::fmod(0.5 + 0.754877666246693 * static_cast<double>(i), 1.0);
  }
  GaussianProcess gp({2, 0}, theta, points);
  gp.set_targets((3 * points.col(0)).array().sin() + points.col(1).array().square());
  return gp;
}

TEST(Acquisition, IsAugmentedByWhatOneMoreTrialTeaches) {
  const GaussianProcess gp = process();
  const double best = 0.2, mean = 0.4, noise = 0.04;
  const Acquisition exact(gp, best), noisy(gp, best, noise);
  for (const double variance : {1e-6, 1e-3, 0.04, 1.0}) {
    const double sigma = std::sqrt(variance);
    const double improvement = log_improvement((best - mean) / sigma) + std::log(sigma);
    const double share = 1 - std::sqrt(noise / (noise + variance));
    EXPECT_NEAR(exact.at(mean, variance), improvement, 1e-4 * std::abs(improvement));
    EXPECT_NEAR(noisy.at(mean, variance), improvement + std::log(share),
                1e-4 * std::abs(improvement));
  }
}

TEST(Acquisition, SlopesAreThoseOfFiniteDifferences) {
  const GaussianProcess gp = process();
  for (const double noise : {0.0, 0.04}) {
    const Acquisition acquisition(gp, 0.1, noise);
    for (const double at : {0.15, 0.45, 0.85}) {
      VectorXd x(2), slope;
      x << at, 1 - at;
      acquisition.at(x, slope);
      for (Index i = 0; i < 2; ++i) {
        VectorXd above = x, below = x;
        above[i] += 1e-6;
        below[i] -= 1e-6;
        const double expected = (acquisition.at(above) - acquisition.at(below)) / 2e-6;
        EXPECT_NEAR(slope[i], expected, 1e-5 * (1 + std::abs(expected))) << noise << ' ' << at;
      }
    }
  }
}

}  // namespace
}  // namespace dodona::common
