// SPDX-License-Identifier: Apache-2.0
#include "common/search/output_warp.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::common {
namespace {

using Eigen::VectorXd;

TEST(OutputWarp, KeepsOrderAndStandardises) {
  VectorXd y(7);
  y << 3, 1, 2, 1e9, 5, 1e300, 4;
  const VectorXd z = warp_objectives(y);
  for (Eigen::Index i = 0; i < 7; ++i) {
    for (Eigen::Index j = 0; j < 7; ++j) EXPECT_EQ(y[i] < y[j], z[i] < z[j]);
  }
  EXPECT_NEAR(z.mean(), 0, 1e-12);
  EXPECT_NEAR(z.squaredNorm() / 7, 1, 1e-12);
  EXPECT_LT(z.maxCoeff(), 3);  // the outliers are drawn in
}

TEST(OutputWarp, MissingAndInfiniteValuesAreTheExtremes) {
  VectorXd y(6);
  y << 3, NAN, 2, -INFINITY, 5, INFINITY;
  const VectorXd z = warp_objectives(y);
  EXPECT_EQ(z[1], z[4]);
  EXPECT_EQ(z[5], z[4]);
  EXPECT_EQ(z[3], z[2]);
}

TEST(OutputWarp, LeadsBackToObjectives) {
  VectorXd y(7);
  y << 3, 1, 2, 1e9, 5, NAN, 4;
  const OutputWarp warp(y);
  const VectorXd z = warp.targets();
  for (const Eigen::Index i : {0, 1, 2, 3, 4, 6}) {
    EXPECT_NEAR(warp.objective_at(z[i]), y[i], 1e-9 * y[i]) << i;
  }
  double last = -INFINITY;
  for (double target = z.minCoeff() - 1; target < z.maxCoeff() + 1; target += 0.01) {
    EXPECT_GE(warp.objective_at(target), last);
    last = warp.objective_at(target);
  }
  EXPECT_EQ(last, 1e9);
  EXPECT_LT(warp.objective_at(z.minCoeff() - 1), 1);  // better than all that is known
  EXPECT_EQ(OutputWarp(VectorXd::Constant(3, 7)).objective_at(0.5), 7);
}

TEST(OutputWarp, NothingToTellApartIsZero) {
  EXPECT_EQ(warp_objectives(VectorXd::Constant(3, 7)), VectorXd::Zero(3));
  EXPECT_EQ(warp_objectives(VectorXd::Constant(3, NAN)), VectorXd::Zero(3));
  EXPECT_EQ(warp_objectives(VectorXd()).size(), 0);
}

}  // namespace
}  // namespace dodona::common
