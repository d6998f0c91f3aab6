// SPDX-License-Identifier: Apache-2.0
#include "common/search/kernel.hpp"

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include <cmath>

namespace dodona::common {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

const FeatureShape kMixed{2, 2};

MatrixXd mixed_points() {
  MatrixXd points(4, 4);
  points << 0.1, 0.9, 0, 1,  //
      0.4, 0.2, 0, 2,        //
      0.8, 0.5, 1, 1,        //
      0.4, 0.2, 2, 0;
  return points;
}

VectorXd mixed_theta() {
  VectorXd theta(kMixed.theta_size());
  theta << std::log(0.5), std::log(1.5), std::log(0.7), std::log(0.3), std::log(2.0), -3.0, 0.4;
  return theta;
}

TEST(Kernel, IsTheFormulaOfTheHeader) {
  const Kernel kernel(kMixed, mixed_theta());
  const MatrixXd points = mixed_points();
  VectorXd got;
  kernel.covariance(points, points.row(0).transpose(), got);
  const double r = std::sqrt(0.3 * 0.3 / 0.25 + 0.7 * 0.7 / 2.25), a = std::sqrt(5.0) * r;
  const double numeric = (1 + a + a * a / 3) * std::exp(-a);
  const double categorical = std::exp(-0.3);
  const double mix = 1 / (1 + std::exp(-0.4));
  EXPECT_NEAR(got[0], 2, 1e-14);
  EXPECT_NEAR(got[1], 2 * ((1 - mix) * numeric * categorical + mix * (numeric + categorical) / 2),
              1e-14);
}

TEST(Kernel, CategoriesAloneDecayWithEveryMismatch) {
  VectorXd theta(4);
  theta << std::log(0.7), std::log(0.3), 0.0, -3.0;
  const Kernel kernel({0, 2}, theta);
  MatrixXd points(3, 2);
  points << 0, 0, 1, 0, 1, 1;
  VectorXd got;
  kernel.covariance(points, points.row(0).transpose(), got);
  EXPECT_NEAR(got[0], 1, 1e-15);
  EXPECT_NEAR(got[1], std::exp(-0.7), 1e-15);
  EXPECT_NEAR(got[2], std::exp(-1.0), 1e-15);
}

TEST(Kernel, IsPositiveDefinite) {
  const Kernel kernel(kMixed, mixed_theta());
  const MatrixXd points = mixed_points();
  MatrixXd covariance(4, 4);
  VectorXd column;
  for (Eigen::Index j = 0; j < 4; ++j) {
    kernel.covariance(points, points.row(j).transpose(), column);
    covariance.col(j) = column;
  }
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance);
  EXPECT_GT(solver.eigenvalues()[0], 1e-3);
}

// One number that has a condition, as the second of two, and the choice that decides it.
const FeatureShape kGated{2, 1, 1};

VectorXd gated_theta() {
  VectorXd theta(kGated.theta_size());
  theta << std::log(0.5), std::log(0.8), std::log(0.3), std::log(2.0), -3.0, 0.4;
  return theta;
}

MatrixXd gated_points() {
  MatrixXd points(5, 3);
  points << 0.1, 0.9, 0,  //
      0.1, 0.2, 0,        //
      0.1, kInactive, 1,  //
      0.6, kInactive, 1,  //
      0.1, 0.5, 0;
  return points;
}

TEST(Kernel, AnInactiveNumberIsAsFarFromEveryActiveOne) {
  const Kernel kernel(kGated, gated_theta());
  const MatrixXd points = gated_points();
  VectorXd from_inactive, from_active;
  kernel.covariance(points, points.row(2).transpose(), from_inactive);
  EXPECT_EQ(from_inactive[0], from_inactive[1]);
  EXPECT_EQ(from_inactive[0], from_inactive[4]);
  EXPECT_NEAR(from_inactive[2], 2, 1e-15);
  // Only the first number differs.
  const double a = std::sqrt(5.0) * 0.5 / 0.5, numeric = (1 + a + a * a / 3) * std::exp(-a);
  const double mix = 1 / (1 + std::exp(-0.4));
  EXPECT_NEAR(from_inactive[3], 2 * ((1 - mix) * numeric + mix * (numeric + 1) / 2), 1e-14);
  kernel.covariance(points, points.row(0).transpose(), from_active);
  EXPECT_GT(from_active[4], from_active[1]);
  EXPECT_NEAR(from_active[2], from_inactive[0], 1e-15);
}

TEST(Kernel, IsPositiveDefiniteWhereConditionsHoldAndDoNot) {
  const Kernel kernel(kGated, gated_theta());
  const MatrixXd points = gated_points();
  MatrixXd covariance(5, 5);
  VectorXd column;
  for (Eigen::Index j = 0; j < 5; ++j) {
    kernel.covariance(points, points.row(j).transpose(), column);
    covariance.col(j) = column;
  }
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance);
  EXPECT_GT(solver.eigenvalues()[0], 1e-4);
}

void expect_slope_of_differences(const FeatureShape& shape, const VectorXd& theta,
                                 const MatrixXd& points) {
  const Kernel kernel(shape, theta);
  const VectorXd weight = VectorXd::LinSpaced(points.rows(), -1, 2);
  VectorXd x = points.row(1).transpose();  // at a point itself: the kernel is smooth there
  const VectorXd slope = kernel.slope(points, x, weight);
  for (Eigen::Index d = 0; d < 2; ++d) {
    VectorXd above, below;
    VectorXd moved = x;
    moved[d] = x[d] + 1e-6;
    kernel.covariance(points, moved, above);
    moved[d] = x[d] - 1e-6;
    kernel.covariance(points, moved, below);
    EXPECT_NEAR(slope[d], weight.dot(above - below) / 2e-6, 1e-7);
  }
}

TEST(Kernel, SlopeIsThatOfFiniteDifferences) {
  expect_slope_of_differences(kMixed, mixed_theta(), mixed_points());
  expect_slope_of_differences(kGated, gated_theta(), gated_points());
}

}  // namespace
}  // namespace dodona::common
