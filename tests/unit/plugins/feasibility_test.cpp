// SPDX-License-Identifier: Apache-2.0
#include "common/search/feasibility.hpp"

#include "common/search/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::common {
namespace {

using Eigen::VectorXd;

TEST(WarpExcesses, KeepsOrderSidesAndVariance) {
  VectorXd y(8);
  y << -2, -0.1, 0, 0.1, 3, 1e9, INFINITY, -INFINITY;
  const VectorXd z = warp_excesses(y);
  for (Eigen::Index i = 0; i < 5; ++i) {
    EXPECT_LT(z[i], z[i + 1]);
    EXPECT_EQ(z[i] < 0, y[i] < 0);
  }
  EXPECT_EQ(z[2], 0);
  EXPECT_EQ(z[6], z[5]);
  EXPECT_EQ(z[7], z[0]);
  EXPECT_NEAR((z.array() - z.mean()).square().mean(), 1, 1e-12);
  EXPECT_EQ(warp_excesses(VectorXd::Zero(3)), VectorXd::Zero(3));
  EXPECT_TRUE(warp_excesses(VectorXd::Constant(3, 7)).allFinite());
  EXPECT_GT(warp_excesses(VectorXd::Constant(3, 7))[0], 0);
  EXPECT_EQ(warp_excesses(VectorXd()).size(), 0);
}

TEST(ProbabilityKept, IsThatOfTheNormalDistribution) {
  for (const double mean : {-3.0, -0.2, 0.0, 0.5, 2.0}) {
    const GaussianProcess::Posterior posterior{mean, 0.25};
    // The trapezoidal rule over what keeps the limit.
    double sum = 0;
    for (int i = 0; i <= 4000; ++i) {
      const double x = -8.0 + 8.0 * i / 4000;
      const double weight = i == 0 || i == 4000 ? 0.5 : 1.0;
      sum += weight * normal_density((x - mean) / 0.5) / 0.5 * 8 / 4000;
    }
    EXPECT_NEAR(std::exp(log_probability_kept(posterior)), sum, 1e-5);
  }
  EXPECT_NEAR(log_probability_kept({100, 1}), -5005.5, 1);  // no underflow
}

TEST(ProbabilityKept, HasTheSlopesOfFiniteDifferences) {
  for (const double mean : {-4.0, 0.1, 5.0, 60.0}) {
    const GaussianProcess::Posterior at{mean, 0.3};
    const Utility::Factors slopes = slopes_of_kept(at);
    const double by_mean =
        (log_probability_kept({mean + 1e-6, 0.3}) - log_probability_kept({mean - 1e-6, 0.3})) /
        2e-6;
    const double by_variance =
        (log_probability_kept({mean, 0.3 + 1e-7}) - log_probability_kept({mean, 0.3 - 1e-7})) /
        2e-7;
    EXPECT_NEAR(slopes.by_mean, by_mean, 1e-4 * (1 + std::abs(by_mean)));
    EXPECT_NEAR(slopes.by_variance, by_variance, 1e-4 * (1 + std::abs(by_variance)));
  }
}

}  // namespace
}  // namespace dodona::common
