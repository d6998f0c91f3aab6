// SPDX-License-Identifier: Apache-2.0
#include "common/search/acquisition.hpp"

#include "common/search/assert.hpp"
#include "common/search/feasibility.hpp"
#include "common/search/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr int kRounds = 3, kRoundsOfLarge = 1;
constexpr double kLargeCost = 2e5;
constexpr int kHalvings = 6;  // of a way that ends beyond a constraint

// Takes the point if it is better; false if it breaks a constraint.
bool take(const Acquisition& acquisition, const Space& space, const Features& features,
          const Point& point, Climb& best) {
  if (!space.is_feasible(point)) return false;
  const VectorXd row = features.of(point);
  const double value = acquisition.at(row);
  if (value > best.value || best.row.size() == 0) best = {point, row, value};
  return true;
}

// Takes the best of some points, if it is better. All are looked at together, for a part of the cost.
void take_best(const Acquisition& acquisition, const Space& space, const Features& features,
               std::vector<Point> points, Climb& best) {
  std::erase_if(points, [&](const Point& point) { return !space.is_feasible(point); });
  if (points.empty()) return;
  const MatrixXd rows = features.rows_of(points);
  Index top = 0;
  const double value = acquisition.at_rows(rows).maxCoeff(&top);
  if (!(value > best.value)) return;
  best = {std::move(points[static_cast<std::size_t>(top)]), rows.row(top).transpose(), value};
}

// Moves the continuous features; whether that gained anything.
bool climb_continuous(const Acquisition& acquisition, const Space& space, const Features& features,
                      int evaluations, Climb& best) {
  const Index p = features.shape().numeric;
  const VectorXd unit = acquisition.lengths();
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
  if (!take(acquisition, space, features, features.at(space, row), best)) {
    // Half of the way, and again half of what is left to where a constraint is broken.
    VectorXd kept = best.row, broken = row;
    for (int i = 0; i < kHalvings; ++i) {
      const VectorXd middle = (kept + broken) / 2;
      VectorXd between = row;
      between.head(p) = middle.head(p);
      const bool fine = take(acquisition, space, features, features.at(space, between), best);
      (fine ? kept : broken) = middle;
    }
  }
  return best.value > before;
}

// True where a condition asks which value the hyperparameter has.
bool decides_others(const Space& space, const Param& param) {
  return std::any_of(space.params().begin(), space.params().end(), [&](const Param& each) {
    return std::any_of(each.conditions.begin(), each.conditions.end(),
                       [&](const Condition& c) { return c.parent == param.name; });
  });
}

// Of a column of categories, which values a point of a process has.
std::vector<char> values_met(const Acquisition& acquisition, Index column, std::uint64_t values) {
  std::vector<char> met(values, 0);
  for (const GaussianProcess* gp : acquisition.gps()) {
    for (Index i = 0; i < gp->size(); ++i) {
      const double code = gp->points()(i, column);
      if (code != kInactive) met[static_cast<std::size_t>(code)] = 1;
    }
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
    if (alike) met = values_met(acquisition, static_cast<Index>(c), column.values);
    bool unmet_tried = false;
    std::vector<Point> points;
    for (std::uint64_t k = first; k <= last; ++k) {
      if (k == here) continue;
      if (alike && met[k] == 0 && std::exchange(unmet_tried, true)) continue;
      const Cell cell = value_at(param, k);
      row[static_cast<Index>(c)] =
          column.categorical ? static_cast<double>(k) : to_unit(param, cell);
      points.push_back(features.at(space, row));
    }
    take_best(acquisition, space, features, std::move(points), best);
  }
  return best.value > before;
}

}  // namespace

double Acquisition::log_probability(Posteriors posteriors) const {
  double sum = 0;
  for (const GaussianProcess::Posterior& each : posteriors.subspan(objectives_)) {
    sum += log_probability_kept(each);
  }
  return sum;
}

double Acquisition::at(Posteriors posteriors) const {
  DODONA_ASSERT(posteriors.size() == gps_.size());
  const double worth = utility_ ? utility_->log_value(posteriors.first(objectives_)) : 0;
  return posteriors.size() == objectives_ ? worth : worth + log_probability(posteriors);
}

std::vector<GaussianProcess::Posterior> Acquisition::posteriors(const PointRow& x) const {
  std::vector<GaussianProcess::Posterior> out;
  for (const GaussianProcess* gp : gps_) out.push_back(gp->predict(x));
  return out;
}

double Acquisition::at(const PointRow& x) const {
  return at(posteriors(x));
}

VectorXd Acquisition::at_rows(const PointRows& rows) const {
  std::vector<std::vector<GaussianProcess::Posterior>> all;
  for (const GaussianProcess* gp : gps_) all.push_back(gp->predict_rows(rows));
  VectorXd out(rows.rows());
  std::vector<GaussianProcess::Posterior> here(gps_.size());
  for (Index i = 0; i < rows.rows(); ++i) {
    for (std::size_t p = 0; p < here.size(); ++p) here[p] = all[p][static_cast<std::size_t>(i)];
    out[i] = at(Posteriors(here));
  }
  return out;
}

double Acquisition::at(const PointRow& x, VectorXd& slope) const {
  std::vector<GaussianProcess::Look> looks;
  std::vector<GaussianProcess::Posterior> all;
  for (const GaussianProcess* gp : gps_) {
    looks.push_back(gp->look(x));
    all.push_back(looks.back().posterior);
  }
  std::vector<Utility::Factors> factors(gps_.size());
  const Posteriors given(all);
  double value = 0;
  if (utility_) {
    value = utility_->log_value(given.first(objectives_), std::span(factors).first(objectives_));
  }
  for (std::size_t k = objectives_; k < all.size(); ++k) {
    value += log_probability_kept(all[k]);
    factors[k] = slopes_of_kept(all[k]);
  }
  slope.resize(0);
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (k < objectives_ && !utility_) continue;
    const VectorXd part = gps_[k]->slope(x, looks[k], factors[k].by_mean, factors[k].by_variance);
    if (slope.size() == 0) {
      slope = part;
    } else {
      slope += part;
    }
  }
  return value;
}

double Acquisition::cost() const {
  double sum = 0;
  for (const GaussianProcess* gp : gps_) {
    sum += static_cast<double>(gp->size()) * static_cast<double>(gp->size());
  }
  return sum;
}

bool Acquisition::large() const {
  return cost() > kLargeCost;
}

VectorXd Acquisition::lengths() const {
  VectorXd out = gps_.front()->kernel().lengths().cwiseMin(1.0);
  for (const GaussianProcess* gp : gps_) out = out.cwiseMin(gp->kernel().lengths());
  return out;
}

Climb climb(const Acquisition& acquisition, const Space& space, const Features& features,
            const Point& start, int evaluations, bool only_continuous) {
  DODONA_ASSERT(start.size() == space.size());
  Climb best;
  take(acquisition, space, features, start, best);
  DODONA_ASSERT(best.row.size() == features.shape().size());
  const int rounds = acquisition.large() ? kRoundsOfLarge : kRounds;
  for (int round = 0; round < rounds && evaluations > 0; ++round) {
    climb_continuous(acquisition, space, features, evaluations, best);
    if (only_continuous || !climb_discrete(acquisition, space, features, best)) break;
  }
  return best;
}

}  // namespace dodona::common
