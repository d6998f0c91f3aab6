// SPDX-License-Identifier: Apache-2.0
#include "common/search/gp_fit.hpp"

#include "common/search/gaussian_process.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd random_points(const FeatureShape& shape, Index n) {
  RandomStream random(1, 2, Purpose::kProposal);
  MatrixXd points(n, shape.size());
  for (Index i = 0; i < n; ++i) {
    for (Index d = 0; d < shape.numeric; ++d) points(i, d) = random.uniform();
    for (Index d = shape.numeric; d < shape.size(); ++d) {
      points(i, d) = static_cast<double>(random.below(3));
    }
    for (Index d = shape.numeric - shape.gated; d < shape.numeric; ++d) {
      if (random.below(3) == 0) points(i, d) = kInactive;
    }
  }
  return points;
}

VectorXd smooth_targets(const MatrixXd& points) {
  VectorXd y = (4 * points.col(0)).array().sin() + points.col(1).array();
  return (y.array() - y.mean()) / std::sqrt((y.array() - y.mean()).square().mean());
}

void expect_gradient(const FeatureShape& shape) {
  const MatrixXd points = random_points(shape, 25);
  const VectorXd y = smooth_targets(points);
  VectorXd theta = default_theta(shape);
  theta.array() += VectorXd::LinSpaced(theta.size(), -0.3, 0.4).array();
  theta[shape.noise()] = -3.5;
  VectorXd gradient, unused;
  log_posterior(shape, points, y, theta, true, gradient);
  for (Index i = 0; i < theta.size(); ++i) {
    VectorXd above = theta, below = theta;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    const double want = (log_posterior(shape, points, y, above, true, unused) -
                         log_posterior(shape, points, y, below, true, unused)) /
                        2e-5;
    EXPECT_NEAR(gradient[i], want, 1e-5 * (1 + std::abs(want))) << i;
  }
}

TEST(GpFit, GradientIsThatOfFiniteDifferences) {
  expect_gradient({3, 0});
  expect_gradient({3, 2});
  expect_gradient({0, 3});
  expect_gradient({3, 1, 1});
}

TEST(GpFit, LikelihoodOfTwoPointsIsTheClosedForm) {
  // Equal targets leave the determinant and the priors alone.
  const FeatureShape shape{1, 0};
  MatrixXd points(2, 1);
  points << 0.2, 0.7;
  VectorXd theta(3), gradient;
  theta << 0.0, 0.0, -2.0;
  const double a = std::sqrt(5.0) * 0.5;
  const double k = (1 + a + a * a / 3) * std::exp(-a), diagonal = 1 + std::exp(-2.0);
  const double determinant = diagonal * diagonal - k * k;
  const double prior = -(std::numbers::sqrt2 * std::numbers::sqrt2) / 6 - 4.0 / 2;
  EXPECT_NEAR(log_posterior(shape, points, VectorXd::Ones(2), theta, true, gradient),
              -0.5 * std::log(determinant) + prior, 1e-12);
}

TEST(GpFit, FindsWhatMattersAndWhetherThereIsNoise) {
  const FeatureShape shape{3, 0};
  const MatrixXd points = random_points(shape, 60);
  VectorXd y = smooth_targets(points);
  const Fit clean = fit_hyperparameters(shape, points, y, {});
  ASSERT_TRUE(clean.succeeded);
  EXPECT_FALSE(clean.noisy);
  EXPECT_LT(clean.theta[0] + 1, clean.theta[2]);  // the third feature does nothing

  RandomStream random(5, 6, Purpose::kProposal);
  for (Index i = 0; i < y.size(); ++i) y[i] += random.uniform() - 0.5;
  const Fit noisy = fit_hyperparameters(shape, points, y, clean.theta);
  ASSERT_TRUE(noisy.succeeded);
  EXPECT_TRUE(noisy.noisy);
  EXPECT_NEAR(std::exp(noisy.theta[shape.noise()] + noisy.theta[shape.signal()]), 1.0 / 12, 0.05);
}

TEST(GpFit, TargetsThatAreAllEqualGiveAUsableModel) {
  const FeatureShape shape{2, 0};
  const MatrixXd points = random_points(shape, 10);
  const Fit fit = fit_hyperparameters(shape, points, VectorXd::Zero(10), {});
  GaussianProcess gp(shape, fit.theta, points);
  gp.set_targets(VectorXd::Zero(10));
  EXPECT_EQ(gp.predict(VectorXd::Constant(2, 0.5)).mean, 0);
}

}  // namespace
}  // namespace dodona::common
