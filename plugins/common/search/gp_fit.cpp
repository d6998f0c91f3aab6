// SPDX-License-Identifier: Apache-2.0
#include "common/search/gp_fit.hpp"

#include "common/search/lbfgs.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace dodona::common {

namespace {

using Eigen::Index;
using Eigen::Lower;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kLengthVariance = 3.0;
constexpr double kNoiseMean = -4.0;
constexpr double kMixMean = -1.0;
// Noise is believed if it raises the log posterior by more than this: it is one more variable.
constexpr double kNoiseEvidence = 2.0;

double length_mean(const FeatureShape& shape) {
  const auto p = static_cast<double>(std::max<Index>(1, shape.numeric));
  return std::numbers::sqrt2 + 0.5 * std::log(p);
}
double rate_mean(const FeatureShape& shape) {
  const auto c = static_cast<double>(std::max<Index>(1, shape.categorical));
  return -0.5 * std::log(c);
}

// Adds the log density of N(mean, variance) at theta[i], up to a constant.
double normal_prior(const VectorXd& theta, Index i, double mean, double variance,
                    VectorXd& gradient) {
  const double off = theta[i] - mean;
  gradient[i] -= off / variance;
  return -off * off / (2 * variance);
}

double log_prior(const FeatureShape& shape, const VectorXd& theta, bool noisy, VectorXd& gradient) {
  double sum = 0;
  for (Index d = 0; d < shape.numeric; ++d) {
    sum += normal_prior(theta, d, length_mean(shape), kLengthVariance, gradient) - theta[d];
    gradient[d] -= 1;
  }
  for (Index d = shape.numeric; d < shape.size(); ++d) {
    sum += normal_prior(theta, d, rate_mean(shape), 2.0, gradient);
  }
  sum += normal_prior(theta, shape.signal(), 0, 1, gradient);
  if (noisy) sum += normal_prior(theta, shape.noise(), kNoiseMean, 1, gradient);
  if (shape.mixed()) sum += normal_prior(theta, shape.mix(), kMixMean, 2.0, gradient);
  return sum;
}

// L^-1 in place, by halves: [A 0; B C]^-1 = [A^-1 0; -C^-1 B A^-1 C^-1].
void invert_lower(Eigen::Ref<MatrixXd> lower) {
  const Index n = lower.rows();
  if (n <= 32) {
    MatrixXd inverse = MatrixXd::Identity(n, n);
    lower.triangularView<Lower>().solveInPlace(inverse);
    lower.triangularView<Lower>() = inverse;
    return;
  }
  const Index half = n / 2;
  auto low = lower.bottomLeftCorner(n - half, half);
  lower.bottomRightCorner(n - half, n - half).triangularView<Lower>().solveInPlace(low);
  lower.topLeftCorner(half, half).triangularView<Lower>().solveInPlace<Eigen::OnTheRight>(low);
  low *= -1;
  invert_lower(lower.topLeftCorner(half, half));
  invert_lower(lower.bottomRightCorner(n - half, n - half));
}

}  // namespace

double log_posterior(const FeatureShape& shape, const MatrixXd& points, const VectorXd& y,
                     const VectorXd& theta, bool noisy, VectorXd& gradient) {
  const Index n = points.rows();
  const Kernel kernel(shape, theta);
  gradient = VectorXd::Zero(shape.theta_size());
  MatrixXd covariance = MatrixXd::Zero(n, n);
  VectorXd column;
  for (Index j = 0; j < n; ++j) {
    kernel.covariance(points.bottomRows(n - j), points.row(j).transpose(), column);
    covariance.col(j).tail(n - j) = column;
  }
  covariance.diagonal().array() += kernel.noise();
  Eigen::LLT<Eigen::Ref<MatrixXd>> llt(covariance);
  if (llt.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
  const double half_log_det = covariance.diagonal().array().log().sum();
  covariance.triangularView<Eigen::StrictlyUpper>().setZero();
  invert_lower(covariance);
  const MatrixXd& inverse_factor = covariance;
  const auto triangle = inverse_factor.triangularView<Lower>();
  const VectorXd ones = triangle * VectorXd::Ones(n);
  VectorXd z = triangle * y;
  z -= ones.dot(z) / ones.squaredNorm() * ones;
  const VectorXd alpha = triangle.transpose() * z;

  // dL/dtheta = tr((alpha alpha^T - K^-1) dK) / 2. The lower triangle is enough.
  MatrixXd weight = MatrixXd::Zero(n, n);
  weight.selfadjointView<Lower>().rankUpdate(inverse_factor.transpose(), -1.0);
  weight.selfadjointView<Lower>().rankUpdate(alpha, 1.0);
  const double trace = weight.diagonal().sum();
  weight.diagonal() *= 0.5;
  VectorXd tail;
  for (Index j = 0; j < n; ++j) {
    tail = weight.col(j).tail(n - j);
    kernel.accumulate(points.bottomRows(n - j), points.row(j).transpose(), tail, gradient);
  }
  gradient[shape.signal()] += 0.5 * trace * kernel.noise();
  gradient[shape.noise()] = noisy ? 0.5 * trace * kernel.noise() : 0.0;
  return log_prior(shape, theta, noisy, gradient) - z.squaredNorm() / 2 - half_log_det;
}

VectorXd default_theta(const FeatureShape& shape) {
  VectorXd theta(shape.theta_size());
  // A value near the mode of the prior in l.
  theta.head(shape.numeric).setConstant(length_mean(shape) - 0.5 * kLengthVariance);
  theta.segment(shape.numeric, shape.categorical).setConstant(rate_mean(shape));
  theta[shape.signal()] = 0;
  theta[shape.noise()] = kLogNoiseFloor;
  if (shape.mixed()) theta[shape.mix()] = kMixMean;
  return theta;
}

Fit fit_hyperparameters(const FeatureShape& shape, const MatrixXd& points, const VectorXd& y,
                        const VectorXd& warm) {
  VectorXd low = VectorXd::Constant(shape.theta_size(), std::log(0.025));
  VectorXd high = VectorXd::Constant(shape.theta_size(), std::log(30.0));
  low.segment(shape.numeric, shape.categorical).setConstant(std::log(0.005));
  high.segment(shape.numeric, shape.categorical).setConstant(std::log(10.0));
  low[shape.signal()] = std::log(0.05);
  high[shape.signal()] = std::log(20.0);
  if (shape.mixed()) low[shape.mix()] = -4, high[shape.mix()] = 4;
  const auto n = static_cast<double>(points.rows());
  BoxOptions options;
  options.evaluations_max = static_cast<int>(std::clamp(4e8 / (n * n * n + 1), 4.0, 40.0));

  Fit best{default_theta(shape), -std::numeric_limits<double>::infinity()};
  const auto run = [&](VectorXd start, bool noisy) {
    low[shape.noise()] = noisy ? std::log(1e-6) : kLogNoiseFloor;
    high[shape.noise()] = noisy ? 0.0 : kLogNoiseFloor;
    if (noisy && start[shape.noise()] < -10) start[shape.noise()] = kNoiseMean;
    const Smooth loss = [&](const VectorXd& theta, VectorXd& gradient) {
      const double value = log_posterior(shape, points, y, theta, noisy, gradient);
      gradient = -gradient;
      return -value;
    };
    const BoxMinimum found = minimize_in_box(loss, start, low, high, options);
    const double handicap = noisy ? kNoiseEvidence : 0.0;
    if (!std::isfinite(found.value) || -found.value - handicap <= best.log_posterior) return;
    best = {found.x, -found.value - handicap, noisy, true};
  };
  const bool is_warm = warm.size() == shape.theta_size() && warm.allFinite();
  const bool was_noisy = is_warm && warm[shape.noise()] > kLogNoiseFloor + 1;
  if (is_warm) run(warm, was_noisy);
  if (!is_warm || !best.succeeded || n <= 150) run(default_theta(shape), was_noisy);
  const VectorXd clean = best.theta;
  run(clean, !was_noisy);
  return best;
}

}  // namespace dodona::common
