// SPDX-License-Identifier: Apache-2.0
#include "common/search/surrogate.hpp"

#include "common/search/assert.hpp"
#include "common/search/gp_fit.hpp"
#include "common/search/output_warp.hpp"
#include "common/search/sobol.hpp"

#include <dodona/random.hpp>

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

// Latency decides these: a fit to 500 points took 300 ms in the prototype, one to 1,000 took
// 2 s, and a proposal is to take 35 ms at 1,000. The bounds' cost in quality was not measured.
constexpr Index kActiveMax = 600;  // results that the process sees
constexpr Index kFitMax = 300;     // of which the fit sees
// How the seen ones are chosen: so many of them the best, so many the nearest to the best, the
// others the newest. Not measured.
constexpr Index kActivePartBest = 4;
constexpr Index kActivePartNear = 3;

// 1,024 candidates and 100 neighbours of the best were enough in the prototype; kept between fits
// they took a proposal at 100 results from 7.7 ms to .85 ms, and cost .06 of the mean log regret.
constexpr std::uint32_t kCandidates = 1024;
constexpr std::uint32_t kCandidateLane = 1;  // of the random numbers that scramble them

// A fit at every proposal gained nothing in the prototype over one when the data grew by a tenth.
constexpr std::size_t kGrowthForFit = 10;  // one part in so many
// A surprise asks for a fit sooner, but not at once again: on a function that the model cannot
// express, every result is one.
constexpr std::size_t kGrowthForSurprise = 20;
constexpr std::size_t kResultsForSurprise = 3;
constexpr double kSurprise = 3;  // deviations of the newest result from what was expected

// Room for new rows, so that few of them move all.
constexpr Index kRoom = 64;

}  // namespace

std::vector<Index> order_by(const VectorXd& keys) {
  std::vector<Index> order(static_cast<std::size_t>(keys.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return keys[a] < keys[b]; });
  return order;
}

// ---- results -----------------------------------------------------------------------------------

void Results::add(const VectorXd& row, double objective) {
  DODONA_ASSERT(objectives_.empty() || rows_.cols() == row.size());
  if (rows_.rows() <= size() || rows_.cols() != row.size()) {
    rows_.conservativeResize(2 * size() + kRoom, row.size());
  }
  rows_.row(size()) = row.transpose();
  objectives_.push_back(objective);
}

std::vector<Index> Results::selected(Index count) const {
  DODONA_ASSERT(count <= size());
  std::vector<Index> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), Index{0});
  if (count <= kActiveMax) return rows;
  VectorXd keys(count);
  for (Index i = 0; i < count; ++i) {
    const double y = objectives_[static_cast<std::size_t>(i)];
    keys[i] = std::isnan(y) ? std::numeric_limits<double>::infinity() : y;
  }
  std::vector<char> taken(static_cast<std::size_t>(count), 0);
  const auto take = [&](const std::vector<Index>& order, Index quota) {
    for (Index k = 0; k < quota; ++k)
      taken[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])] = 1;
  };
  const std::vector<Index> by_value = order_by(keys);
  take(by_value, kActiveMax / kActivePartBest);
  const auto best = rows_.row(by_value.front());
  keys = (rows_.topRows(count).rowwise() - best).rowwise().squaredNorm();
  take(order_by(keys), kActiveMax / kActivePartNear);
  auto left = kActiveMax - std::count(taken.begin(), taken.end(), 1);
  for (Index i = count; i-- > 0 && left > 0;) {
    char& mark = taken[static_cast<std::size_t>(i)];
    if (mark == 0) mark = 1, --left;
  }
  std::erase_if(rows, [&](Index i) { return taken[static_cast<std::size_t>(i)] == 0; });
  DODONA_ASSERT(static_cast<Index>(rows.size()) == kActiveMax);
  return rows;
}

VectorXd Results::at(const std::vector<Index>& rows) const {
  VectorXd y(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    y[static_cast<Index>(i)] = objectives_[static_cast<std::size_t>(rows[i])];
  }
  return y;
}

VectorXd Results::warped(const std::vector<Index>& rows) const {
  return warp_objectives(at(rows));
}

// ---- the process -------------------------------------------------------------------------------

bool Surrogate::update(const Past& past, const Features& features, const Results& results,
                       const ProcessFit& adopted) {
  const bool usable = adopted.rows != 0 && adopted.rows <= results.size();
  if (usable) {
    if (!gp_ || !(fit_ == adopted)) build(past, features, results, adopted);
    grow(results);
    if (!is_stale()) return false;
  }
  refit(past, features, results, adopted);
  return true;
}

void Surrogate::build(const Past& past, const Features& features, const Results& results,
                      const ProcessFit& fit) {
  *this = Surrogate();
  fit_ = fit;
  active_ = results.selected(fit.rows);
  base_ = active_.size();
  gp_.emplace(features.shape(), fit.theta, MatrixXd(results.rows()(active_, Eigen::all)));
  RandomStream random(past.seed, static_cast<std::uint64_t>(fit.rows), Purpose::kProposal,
                      kCandidateLane);
  const Index dims = features.shape().size();
  const Sobol sobol(static_cast<std::size_t>(dims), random.bits());
  std::vector<Point> points;
  MatrixXd rows(kCandidates, dims);
  VectorXd units(dims);
  for (std::uint32_t i = 0; i < kCandidates; ++i) {
    sobol.point(i, {units.data(), static_cast<std::size_t>(dims)});
    points.push_back(features.at_unit(past.space(), units));
    rows.row(i) = features.of(points.back()).transpose();
  }
  candidates_ = Candidates(past.host, std::move(points), rows, *gp_);
}

void Surrogate::grow(const Results& results) {
  DODONA_ASSERT(gp_.has_value() && gp_->size() == static_cast<Index>(active_.size()));
  const Index first = fit_.rows + static_cast<Index>(active_.size() - base_);
  for (Index i = first; i < results.size(); ++i) {
    active_.push_back(i);
    gp_->append(results.rows().row(i).transpose());
  }
  DODONA_ASSERT(gp_->size() == static_cast<Index>(active_.size()));
  gp_->set_targets(results.warped(active_));
}

// Much came in, or the newest result was a surprise.
bool Surrogate::is_stale() const {
  const std::size_t n = active_.size();
  const std::size_t fresh = n - base_;
  if (fresh * kGrowthForFit >= n) return true;
  const VectorXd& z = gp_->whitened();
  return fresh * kGrowthForSurprise >= n && fresh >= kResultsForSurprise &&
         std::abs(z[z.size() - 1]) > kSurprise;
}

void Surrogate::refit(const Past& past, const Features& features, const Results& results,
                      const ProcessFit& adopted) {
  const std::vector<Index> active = results.selected(results.size());
  const VectorXd y = results.warped(active);
  std::vector<Index> chosen(active.size());
  std::iota(chosen.begin(), chosen.end(), Index{0});
  if (static_cast<Index>(chosen.size()) > kFitMax) {
    // The best half, and of the others every so many-th.
    const std::vector<Index> order = order_by(y);
    const std::size_t half = static_cast<std::size_t>(kFitMax) / 2;
    chosen.assign(order.begin(), order.begin() + static_cast<Index>(half));
    std::vector<Index> others(order.begin() + static_cast<Index>(half), order.end());
    for (std::size_t k = 0; k < half; ++k) chosen.push_back(others[k * others.size() / half]);
    std::sort(chosen.begin(), chosen.end());
  }
  std::vector<Index> rows;
  for (const Index i : chosen) rows.push_back(active[static_cast<std::size_t>(i)]);
  const Fit fit = fit_hyperparameters(features.shape(), MatrixXd(results.rows()(rows, Eigen::all)),
                                      y(chosen), adopted.theta);
  if (!fit.succeeded) {
    past.host.log(
        DODONA_WARN,
        "the Gaussian process could not be fitted: it goes on with default length scales");
  }
  build(past, features, results, {fit.theta, results.size()});
  grow(results);
}

}  // namespace dodona::common
