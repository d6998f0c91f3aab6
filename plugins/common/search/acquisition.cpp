// SPDX-License-Identifier: Apache-2.0
#include "common/search/acquisition.hpp"

#include "common/search/assert.hpp"
#include "common/search/lbfgs.hpp"
#include "common/search/normal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

constexpr double kLeastVariance = 1e-12;
constexpr int kRounds = 3;

void take(const Acquisition& acquisition, const Features& features, const Point& point,
          Climb& best) {
  const VectorXd row = features.of(point);
  const double value = acquisition.at(row);
  if (value > best.value || best.row.size() == 0) best = {point, row, value};
}

// Moves the continuous features; whether that gained anything.
bool climb_continuous(const Acquisition& acquisition, const Space& space, const Features& features,
                      int evaluations, Climb& best) {
  const Index p = features.shape().numeric;
  const VectorXd unit = acquisition.gp().kernel().lengths().cwiseMin(1.0);
  VectorXd low = VectorXd::Zero(p), high = VectorXd::Ones(p);
  bool any = false;
  for (Index c = 0; c < p; ++c) {
    const bool free = features.continuous(c) &&
                      best.point.active(features.columns()[static_cast<std::size_t>(c)].param);
    if (!free) low[c] = high[c] = best.row[c];
    any = any || free;
  }
  if (!any) return false;
  VectorXd row = best.row, slope;
  const Smooth loss = [&](const VectorXd& scaled, VectorXd& gradient) {
    row.head(p) = scaled.cwiseProduct(unit);
    const double value = acquisition.at(row, slope);
    gradient = -slope.cwiseProduct(unit);
    return -value;
  };
  const BoxMinimum found =
      minimize_in_box(loss, best.row.head(p).cwiseQuotient(unit), low.cwiseQuotient(unit),
                      high.cwiseQuotient(unit), {evaluations, 1e-3, 1e-7});
  row.head(p) = found.x.cwiseProduct(unit).cwiseMax(0.0).cwiseMin(1.0);
  const double before = best.value;
  take(acquisition, features, features.at(space, row), best);
  return best.value > before;
}

// True where a condition asks which value the hyperparameter has.
bool decides_others(const Space& space, const Param& param) {
  return std::any_of(space.params().begin(), space.params().end(), [&](const Param& each) {
    return std::any_of(each.conditions.begin(), each.conditions.end(),
                       [&](const Condition& c) { return c.parent == param.name; });
  });
}

// Of a column of categories, which values a point of the process has.
std::vector<char> values_met(const GaussianProcess& gp, Index column, std::uint64_t values) {
  std::vector<char> met(values, 0);
  for (Index i = 0; i < gp.size(); ++i) {
    const double code = gp.points()(i, column);
    if (code != kInactive) met[static_cast<std::size_t>(code)] = 1;
  }
  return met;
}

// Tries every value of each feature with few of them, and the neighbours of the others' values. To
// the process all categories that no point has are one: the first of them stands for all.
bool climb_discrete(const Acquisition& acquisition, const Space& space, const Features& features,
                    Climb& best) {
  const double before = best.value;
  for (std::size_t c = 0; c < features.columns().size(); ++c) {
    const Features::Column& column = features.columns()[c];
    if (column.values == 0 || !best.point.active(column.param)) continue;
    const Param& param = space.params()[column.param];
    const std::uint64_t here = index_of(param, best.point[column.param]);
    const bool few = column.categorical || !features.continuous(static_cast<Index>(c));
    const std::uint64_t first = few || here == 0 ? 0 : here - 1;
    const std::uint64_t last = few ? column.values - 1 : std::min(here + 1, column.values - 1);
    VectorXd row = best.row;
    const bool alike = column.categorical && !decides_others(space, param);
    std::vector<char> met;
    if (alike) met = values_met(acquisition.gp(), static_cast<Index>(c), column.values);
    bool unmet_tried = false;
    for (std::uint64_t k = first; k <= last; ++k) {
      if (k == here) continue;
      if (alike && met[k] == 0 && std::exchange(unmet_tried, true)) continue;
      const Cell cell = value_at(param, k);
      row[static_cast<Index>(c)] =
          column.categorical ? static_cast<double>(k) : to_unit(param, cell);
      take(acquisition, features, features.at(space, row), best);
    }
  }
  return best.value > before;
}

}  // namespace

double Acquisition::learned(double variance) const {
  const double all = std::sqrt(variance + noise_);
  return variance / (all * (all + std::sqrt(noise_)));
}

double Acquisition::at(double mean, double variance) const {
  const double sigma = std::sqrt(variance + kLeastVariance);
  const double value = log_improvement((best_ - mean) / sigma) + std::log(sigma);
  return noise_ > 0 ? value + std::log(learned(variance + kLeastVariance)) : value;
}

double Acquisition::at(const PointRow& x) const {
  const auto posterior = gp_->predict(x);
  return at(posterior.mean, posterior.variance);
}

double Acquisition::at(const PointRow& x, VectorXd& slope) const {
  const auto factors = [this](const GaussianProcess::Posterior& posterior) {
    const double sigma = std::sqrt(posterior.variance + kLeastVariance);
    const double z = (best_ - posterior.mean) / sigma;
    const double r = log_improvement_slope(z);
    double by_variance = (1 - r * z) / (2 * sigma * sigma);
    if (noise_ > 0) {
      const double variance = sigma * sigma;
      by_variance += std::sqrt(noise_) / (2 * std::pow(variance + noise_, 1.5) * learned(variance));
    }
    return std::pair(-r / sigma, by_variance);
  };
  const auto posterior = gp_->predict(x, factors, slope);
  return at(posterior.mean, posterior.variance);
}

Climb climb(const Acquisition& acquisition, const Space& space, const Features& features,
            const Point& start, int evaluations, bool only_continuous) {
  DODONA_ASSERT(start.size() == space.size());
  Climb best;
  take(acquisition, features, start, best);
  for (int round = 0; round < kRounds && evaluations > 0; ++round) {
    climb_continuous(acquisition, space, features, evaluations, best);
    if (only_continuous || !climb_discrete(acquisition, space, features, best)) break;
  }
  return best;
}

}  // namespace dodona::common
