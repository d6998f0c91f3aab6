// SPDX-License-Identifier: Apache-2.0
#include "common/search/results.hpp"

#include "common/search/assert.hpp"
#include "common/search/feasibility.hpp"
#include "common/search/output_warp.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

// Latency decides this: a fit to 500 points took 300 ms in the prototype, one to 1,000 took 2 s,
// and a proposal is to take 35 ms at 1,000. The bound's cost in quality was not measured.
constexpr Index kActiveMax = 600;  // results that a process sees
// How the seen ones are chosen: so many of them the best, so many the nearest to the best, the
// others the newest. Not measured.
constexpr Index kActivePartBest = 4;
constexpr Index kActivePartNear = 3;

// Room for new rows, so that few of them move all.
constexpr Index kRoom = 64;

constexpr double kSucceeded = -1, kFailed = 1;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::vector<Index> order_by(const VectorXd& keys) {
  std::vector<Index> order(static_cast<std::size_t>(keys.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return keys[a] < keys[b]; });
  return order;
}

void Results::add(const VectorXd& row, End end, Standing standing,
                  const std::vector<double>& excesses) {
  DODONA_ASSERT(standings_.empty() || rows_.cols() == row.size());
  if (rows_.rows() <= size() || rows_.cols() != row.size()) {
    rows_.conservativeResize(2 * size() + kRoom, row.size());
  }
  rows_.row(size()) = row.transpose();
  const bool scored = end == End::kScored;
  for (std::size_t k = 0; k < objectives_; ++k) {
    values_[k].push_back(scored ? standing.objectives[k] : kUnknown);
  }
  for (std::size_t k = 0; k < limits_; ++k) {
    values_[objectives_ + k].push_back(scored && k < excesses.size() ? excesses[k] : kUnknown);
  }
  const double unscored = end == End::kFailed ? kFailed : kUnknown;
  values_.back().push_back(scored ? kSucceeded : unscored);
  failures_ += end == End::kFailed ? 1 : 0;
  standings_.push_back(std::move(standing));
}

std::size_t Results::scores(Index count) const {
  const auto begin = values_[0].begin();
  return static_cast<std::size_t>(
      std::count_if(begin, begin + count, [](double y) { return std::isfinite(y); }));
}

VectorXd Results::merits(const std::vector<Index>& rows) const {
  VectorXd keys(static_cast<Index>(rows.size()));
  if (objectives_ == 1 && limits_ == 0) {
    keys = at(0, rows);
    return keys.unaryExpr(
        [](double y) { return std::isnan(y) ? std::numeric_limits<double>::infinity() : y; });
  }
  std::vector<const Standing*> standings;
  for (const Index i : rows) standings.push_back(&standings_[static_cast<std::size_t>(i)]);
  const std::vector<std::size_t> ranks = ranks_of(standings);
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    keys[static_cast<Index>(i)] = static_cast<double>(ranks[i]);
  }
  return keys;
}

std::vector<Index> Results::selected(std::size_t column, Index count) const {
  DODONA_ASSERT(count <= size() && column < values_.size());
  std::vector<Index> rows;
  for (Index i = 0; i < count; ++i) {
    if (tells(column, i)) rows.push_back(i);
  }
  const auto known = static_cast<Index>(rows.size());
  if (known <= kActiveMax) return rows;
  std::vector<char> taken(rows.size(), 0);
  const auto take = [&](const std::vector<Index>& order, Index quota) {
    for (Index k = 0; k < quota; ++k)
      taken[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])] = 1;
  };
  const std::vector<Index> by_value = order_by(merits(rows));
  take(by_value, kActiveMax / kActivePartBest);
  const auto best = rows_.row(rows[static_cast<std::size_t>(by_value.front())]);
  const MatrixXd all = rows_(rows, Eigen::all);
  const VectorXd distances = (all.rowwise() - best).rowwise().squaredNorm();
  take(order_by(distances), kActiveMax / kActivePartNear);
  auto left = kActiveMax - std::count(taken.begin(), taken.end(), 1);
  for (Index i = known; i-- > 0 && left > 0;) {
    char& mark = taken[static_cast<std::size_t>(i)];
    if (mark == 0) mark = 1, --left;
  }
  std::vector<Index> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (taken[i] != 0) out.push_back(rows[i]);
  }
  DODONA_ASSERT(static_cast<Index>(out.size()) == kActiveMax);
  return out;
}

VectorXd Results::at(std::size_t column, const std::vector<Index>& rows) const {
  VectorXd y(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    y[static_cast<Index>(i)] = values_[column][static_cast<std::size_t>(rows[i])];
  }
  return y;
}

VectorXd Results::targets(std::size_t column, const std::vector<Index>& rows) const {
  const VectorXd y = at(column, rows);
  if (column < objectives_) return warp_objectives(y);
  return column < objectives_ + limits_ ? warp_excesses(y) : y;
}

}  // namespace dodona::common
