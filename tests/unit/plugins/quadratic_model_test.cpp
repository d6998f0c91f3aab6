// SPDX-License-Identifier: Apache-2.0
#include "common/search/quadratic_model.hpp"

#include "common/search/sobol.hpp"

#include <gtest/gtest.h>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd sobol_points(Index n, Index d) {
  MatrixXd points(n, d);
  const Sobol sobol(static_cast<std::size_t>(d), 5);
  std::vector<double> u(static_cast<std::size_t>(d));
  for (Index i = 0; i < n; ++i) {
    sobol.point(static_cast<std::uint32_t>(i), u);
    points.row(i) = VectorXd::Map(u.data(), d).transpose();
  }
  return points;
}

// A tilted bowl around `centre`.
VectorXd bowl(const MatrixXd& points, double centre) {
  VectorXd y(points.rows());
  for (Index i = 0; i < y.size(); ++i) {
    const VectorXd s = points.row(i).transpose().array() - centre;
    y[i] = 100 + s.squaredNorm() + 3 * s.sum() * s.sum();
  }
  return y;
}

TEST(QuadraticModel, FindsTheMinimumOfAQuadraticAtOnce) {
  const MatrixXd points = sobol_points(30, 3);
  const auto step = quadratic_step(points, bowl(points, 0.45), 0.5);
  ASSERT_TRUE(step.has_value());
  EXPECT_LT((step->x.array() - 0.45).abs().maxCoeff(), 1e-4);
  EXPECT_NEAR(step->predicted, 100, 1e-5);
  EXPECT_FALSE(step->at_edge);
}

TEST(QuadraticModel, KeepsToTheTrustRegionAndTheCube) {
  const MatrixXd points = sobol_points(30, 3);
  const VectorXd y = bowl(points, -0.4).array().pow(8);  // no quadratic
  Index best = 0;
  y.minCoeff(&best);
  const auto step = quadratic_step(points, y, 0.05);
  ASSERT_TRUE(step.has_value());
  EXPECT_LE((step->x - points.row(best).transpose()).cwiseAbs().maxCoeff(), 0.05 + 1e-12);
  EXPECT_GE(step->x.minCoeff(), 0);
  EXPECT_TRUE(step->at_edge);
}

TEST(QuadraticModel, NeedsAFewPoints) {
  const MatrixXd points = sobol_points(4, 3);
  EXPECT_FALSE(quadratic_step(points, bowl(points, 0.5), 0.2).has_value());
  const MatrixXd more = sobol_points(6, 3);
  EXPECT_TRUE(quadratic_step(more, bowl(more, 0.5), 0.2).has_value());
}

TEST(QuadraticModel, TheBottomOfABowlIsSeenThroughRipples) {
  const MatrixXd points = sobol_points(60, 3);
  VectorXd y(points.rows());
  for (Index i = 0; i < y.size(); ++i) {
    const VectorXd s = points.row(i).transpose().array() - 0.6;
    y[i] = s.squaredNorm() + 0.02 * (40 * s.array()).sin().sum();
  }
  const auto bottom = bowl_bottom(points, y);
  ASSERT_TRUE(bottom.has_value());
  EXPECT_LT((bottom->array() - 0.6).abs().maxCoeff(), 0.1);
}

TEST(QuadraticModel, AHillOrAPlainHasNoBottom) {
  const MatrixXd points = sobol_points(40, 2);
  const VectorXd hill = -(points.array() - 0.5).square().rowwise().sum();
  EXPECT_FALSE(bowl_bottom(points, hill).has_value());
  EXPECT_FALSE(bowl_bottom(points, VectorXd::Ones(40)).has_value());
  EXPECT_FALSE(bowl_bottom(points.topRows(5), hill.head(5)).has_value());
}

TEST(QuadraticModel, TrustsAQuadraticThatAllPointsObeyAsFarAsTheyReach) {
  const MatrixXd points = sobol_points(30, 3);
  const VectorXd y = bowl(points, 0.45);
  const auto step = quadratic_step(points, y, 1e-4);  // however small the trust region is
  ASSERT_TRUE(step.has_value());
  EXPECT_TRUE(step->whole);
  EXPECT_FALSE(step->at_edge);
  EXPECT_LT((step->x.array() - 0.45).abs().maxCoeff(), 1e-6);
  VectorXd rippled = y;
  for (Index i = 0; i < rippled.size(); ++i) rippled[i] += i % 2 == 0 ? 0.1 : -0.1;
  const auto careful = quadratic_step(points, rippled, 1e-4);
  ASSERT_TRUE(careful.has_value());
  EXPECT_FALSE(careful->whole);
  Index best = 0;
  rippled.minCoeff(&best);
  EXPECT_LE((careful->x - points.row(best).transpose()).cwiseAbs().maxCoeff(), 1e-4 + 1e-12);
}

TEST(QuadraticModel, FindsABottomWhereAllPointsAgreeInADimension) {
  MatrixXd points = sobol_points(40, 3);
  points.col(1).setZero();
  const auto bottom = bowl_bottom(points, bowl(points, 0.4));
  ASSERT_TRUE(bottom.has_value());
  EXPECT_TRUE(bottom->allFinite());
  EXPECT_EQ((*bottom)[1], 0);
}

}  // namespace
}  // namespace dodona::common
