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

// The corners of a simplex and its centre.
MatrixXd simplex(Index d) {
  MatrixXd points = MatrixXd::Constant(d + 1, d, 0.5);
  points.bottomRows(d).diagonal().array() += 0.2;
  return points;
}

TEST(QuadraticModel, IsExactOnALinearFunctionFromASimplexOn) {
  const MatrixXd points = simplex(4);
  VectorXd slope(4);
  slope << 1, -2, 0.5, 3;
  const auto step = quadratic_step(points, 7 + (points * slope).array(), 0.1);
  ASSERT_TRUE(step.has_value());
  EXPECT_NEAR(step->predicted, 7 + step->x.dot(slope), 1e-5);
  const VectorXd best = points.row(2).transpose();
  for (Index i = 0; i < 4; ++i) {
    EXPECT_NEAR(step->x[i], best[i] + (slope[i] > 0 ? -0.1 : 0.1), 1e-6) << i;
  }
  EXPECT_TRUE(step->at_edge);
}

TEST(QuadraticModel, TakesASimplexThatIsFlat) {
  MatrixXd points = simplex(3);
  points.row(3) = points.row(1);  // twice the same, and nothing along the last axis
  VectorXd y(4);
  y << 1, 0, 2, 0;
  const auto step = quadratic_step(points, y, 0.1);
  ASSERT_TRUE(step.has_value());
  EXPECT_TRUE(step->x.allFinite());
  EXPECT_NEAR(step->x[0], 0.8, 1e-6);
  EXPECT_NEAR(step->x[1], 0.4, 1e-6);
  EXPECT_FALSE(quadratic_step(points, VectorXd::Ones(4), 0.1).has_value());  // a plain
}

TEST(QuadraticModel, NeedsAFewPoints) {
  const MatrixXd points = sobol_points(3, 3);
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
