// SPDX-License-Identifier: Apache-2.0
#include "common/search/chebyshev_improvement.hpp"

#include "common/search/assert.hpp"
#include "common/search/normal.hpp"
#include "common/search/sobol.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr Index kDrawsOfMean = 128;
constexpr double kShareOfSum = 0.05;
constexpr double kSoftness = 1e-2;  // of an improvement, in ranges of the front. Not measured

// log log(1 + exp(x)), and its slope.
double log_softplus(double x) {
  if (x < -30) return x;
  return x > 30 ? std::log(x) : std::log(std::log1p(std::exp(x)));
}
double log_softplus_slope(double x) {
  if (x < -30) return 1;
  return 1 / ((1 + std::exp(-x)) * std::exp(log_softplus(x)));
}

}  // namespace

ChebyshevImprovement::ChebyshevImprovement(dodona::PointRows points, RandomStream& random)
    : m_(static_cast<Index>(points.objectives())) {
  DODONA_ASSERT(points.size() > 0 && m_ >= 2);
  const std::vector<std::size_t> ranks = front_ranks(points);
  double sum = 0;
  for (Index k = 0; k < m_; ++k) {
    // Shares of a sum of exponential numbers are uniform over all weights.
    weights_.push_back(-std::log(std::max(random.uniform(), 1e-16)));
    sum += weights_.back();
  }
  for (std::size_t k = 0; k < points.objectives(); ++k) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (ranks[i] != 0) continue;
      low = std::min(low, points[i][k]);
      high = std::max(high, points[i][k]);
    }
    ideal_.push_back(low);
    weights_[k] /= sum * (high > low ? high - low : 1.0);
  }
  best_ = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < points.size(); ++i) best_ = std::min(best_, rolled(points[i]));
  const Sobol sobol(static_cast<std::size_t>(m_), random.bits());
  draws_.resize(m_, kDrawsOfMean);
  for (Index i = 0; i < kDrawsOfMean; ++i) {
    sobol.point(static_cast<std::uint32_t>(i),
                {draws_.col(i).data(), static_cast<std::size_t>(m_)});
  }
  draws_ = draws_.unaryExpr([](double u) { return normal_quantile(u); });
}

double ChebyshevImprovement::rolled(std::span<const double> objectives) const {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (std::size_t k = 0; k < objectives.size(); ++k) {
    const double term = weights_[k] * (objectives[k] - ideal_[k]);
    largest = std::max(largest, term);
    sum += term;
  }
  return largest + kShareOfSum * sum;
}

double ChebyshevImprovement::log_value(Posteriors posteriors) const {
  std::vector<Factors> ignored(posteriors.size());
  return log_value(posteriors, ignored);
}

double ChebyshevImprovement::log_value(Posteriors posteriors, std::span<Factors> factors) const {
  DODONA_ASSERT(static_cast<Index>(posteriors.size()) == m_);
  VectorXd start(m_), step(m_);  // of each objective's term, and by how much a draw moves it
  for (Index k = 0; k < m_; ++k) {
    const auto at = static_cast<std::size_t>(k);
    start[k] = weights_[at] * (posteriors[at].mean - ideal_[at]);
    step[k] = weights_[at] * deviation_of(posteriors[at]);
  }
  const MatrixXd terms = (draws_.array().colwise() * step.array()).colwise() + start.array();
  VectorXd logs(kDrawsOfMean), slopes(kDrawsOfMean);
  std::vector<Index> largest(static_cast<std::size_t>(kDrawsOfMean));
  for (Index i = 0; i < kDrawsOfMean; ++i) {
    const double top = terms.col(i).maxCoeff(&largest[static_cast<std::size_t>(i)]);
    const double x = (best_ - top - kShareOfSum * terms.col(i).sum()) / kSoftness;
    logs[i] = log_softplus(x);
    slopes[i] = log_softplus_slope(x) / kSoftness;
  }
  const double peak = logs.maxCoeff();
  const VectorXd shares = (logs.array() - peak).exp();
  const double sum = shares.sum();
  std::fill(factors.begin(), factors.end(), Factors());
  for (Index i = 0; i < kDrawsOfMean; ++i) {
    const double weight = -shares[i] / sum * slopes[i];
    for (Index k = 0; k < m_; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const bool tops = k == largest[static_cast<std::size_t>(i)];
      const double by_term = weight * (kShareOfSum + (tops ? 1 : 0));
      factors[at].by_mean += by_term * weights_[at];
      factors[at].by_variance += by_term * weights_[at] * draws_(k, i);
    }
  }
  for (std::size_t k = 0; k < factors.size(); ++k) {
    factors[k].by_variance /= 2 * deviation_of(posteriors[k]);
  }
  return peak + std::log(sum / static_cast<double>(kDrawsOfMean)) + std::log(kSoftness);
}

}  // namespace dodona::common
