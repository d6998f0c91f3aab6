// SPDX-License-Identifier: Apache-2.0
#include "common/search/gaussian_process.hpp"

#include <Eigen/LU>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <utility>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const FeatureShape kShape{2, 0};

VectorXd theta(double log_noise) {
  VectorXd out(4);
  out << std::log(0.4), std::log(0.8), std::log(1.5), log_noise;
  return out;
}

MatrixXd points_of(Index n) {
  MatrixXd points(n, 2);
  for (Index i = 0; i < n; ++i) {
    points(i, 0) = std::fmod(0.5 + 0.618033988749895 * static_cast<double>(i), 1.0);
    points(i, 1) = std::fmod(0.5 + 0.754877666246693 * static_cast<double>(i), 1.0);
  }
  return points;
}

VectorXd targets_at(const MatrixXd& points) {
  return (3 * points.col(0)).array().sin() + points.col(1).array().square();
}

MatrixXd covariance_of(const Kernel& kernel, const MatrixXd& points) {
  MatrixXd out(points.rows(), points.rows());
  VectorXd column;
  for (Index j = 0; j < points.rows(); ++j) {
    kernel.covariance(points, points.row(j).transpose(), column);
    out.col(j) = column;
  }
  return out;
}

TEST(GaussianProcess, PredictsAsTheTextbookSays) {
  const MatrixXd points = points_of(12);
  const VectorXd y = targets_at(points);
  GaussianProcess gp(kShape, theta(std::log(0.01)), points);
  gp.set_targets(y);

  MatrixXd noisy = covariance_of(gp.kernel(), points);
  noisy.diagonal().array() += gp.kernel().noise();
  const MatrixXd inverse = noisy.inverse();
  const VectorXd ones = VectorXd::Ones(12);
  const double mean = ones.dot(inverse * y) / ones.dot(inverse * ones);
  EXPECT_NEAR(gp.mean(), mean, 1e-10);

  const VectorXd x = VectorXd::Constant(2, 0.3);
  VectorXd k;
  gp.kernel().covariance(points, x, k);
  const auto got = gp.predict(x);
  EXPECT_NEAR(got.mean, mean + k.dot(inverse * (y - mean * ones)), 1e-10);
  EXPECT_NEAR(got.variance, 1.5 - k.dot(inverse * k), 1e-10);
  EXPECT_NEAR(gp.fitted()[3], gp.predict(points.row(3).transpose()).mean, 1e-10);
}

TEST(GaussianProcess, GrownByPointsOrByManyIsTheSameAsAtOnce) {
  const MatrixXd points = points_of(40);
  const GaussianProcess whole(kShape, theta(-15), points);
  GaussianProcess grown(kShape, theta(-15), points.topRows(10));
  for (Index i = 10; i < 40; ++i) grown.append(points.row(i).transpose());
  GaussianProcess at_once(kShape, theta(-15), points.topRows(10));
  at_once.append_rows(points.middleRows(10, 0));
  at_once.append_rows(points.bottomRows(30));
  const MatrixXd a = whole.factor(), b = grown.factor(), c = at_once.factor();
  EXPECT_LT((a - b).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_LT((a - c).cwiseAbs().maxCoeff(), 1e-9);
  for (GaussianProcess* each : {&grown, &at_once}) each->set_targets(targets_at(points));
  EXPECT_NEAR(grown.mean(), at_once.mean(), 1e-9);
}

TEST(GaussianProcess, PendingPointsLessenVarianceAlone) {
  const MatrixXd points = points_of(10);
  GaussianProcess gp(kShape, theta(-15), points);
  gp.set_targets(targets_at(points));
  const VectorXd x = VectorXd::Constant(2, 0.77);
  const auto before = gp.predict(x);
  gp.append(x);
  EXPECT_NEAR(gp.predict(x).mean, before.mean, 1e-12);
  EXPECT_LT(gp.predict(x).variance, 1e-4 * before.variance);
  gp.truncate(10);
  EXPECT_EQ(gp.predict(x).variance, before.variance);
}

TEST(GaussianProcess, PredictsRowsAsItPredictsEachOfThem) {
  const MatrixXd points = points_of(30), rows = points_of(45).bottomRows(15);
  GaussianProcess gp(kShape, theta(-10), points.topRows(20));
  for (Index i = 20; i < 30; ++i) gp.append(points.row(i).transpose());  // pending
  gp.set_targets(targets_at(points.topRows(20)));
  const auto posteriors = gp.predict_rows(rows);
  ASSERT_EQ(posteriors.size(), 15U);
  for (Index i = 0; i < 15; ++i) {
    const auto& here = posteriors[static_cast<std::size_t>(i)];
    const auto expected = gp.predict(rows.row(i).transpose());
    EXPECT_NEAR(here.mean, expected.mean, 1e-9);
    EXPECT_NEAR(here.variance, expected.variance, 1e-9);
    EXPECT_NEAR(gp.mean_at(rows.row(i).transpose()), expected.mean, 1e-9);
  }
}

TEST(GaussianProcess, SlopeIsThatOfFiniteDifferences) {
  const MatrixXd points = points_of(9);
  GaussianProcess gp(kShape, theta(-10), points);
  gp.set_targets(targets_at(points));
  const VectorXd x = VectorXd::Constant(2, 0.6);
  const VectorXd slope = gp.slope(x, gp.look(x), 2, -3);
  for (Index d = 0; d < 2; ++d) {
    VectorXd above = x, below = x;
    above[d] += 1e-5;
    below[d] -= 1e-5;
    const auto a = gp.predict(above), b = gp.predict(below);
    const double want = (2 * (a.mean - b.mean) - 3 * (a.variance - b.variance)) / 2e-5;
    EXPECT_NEAR(slope[d], want, 1e-6);
  }
}

TEST(GaussianProcess, SurvivesEqualPoints) {
  const MatrixXd points = MatrixXd::Constant(6, 2, 0.25);
  GaussianProcess gp(kShape, theta(-18), points);
  for (int i = 0; i < 6; ++i) gp.append(VectorXd::Constant(2, 0.25));
  gp.set_targets(VectorXd::LinSpaced(12, 0, 1));
  EXPECT_TRUE(std::isfinite(gp.predict(VectorXd::Constant(2, 0.5)).mean));
}

}  // namespace
}  // namespace dodona::common
