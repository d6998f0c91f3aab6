// SPDX-License-Identifier: Apache-2.0
#include "common/search/surrogate.hpp"

#include "common/search/assert.hpp"
#include "common/search/gp_fit.hpp"
#include "common/search/sobol.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr Index kFitMax = 300;  // results that a fit sees, for its latency

// 1,024 candidates and 100 neighbours of the best were enough in the prototype; kept between fits
// they took a proposal at 100 results from 7.7 ms to .85 ms, and cost .06 of the mean log regret.
constexpr Index kCandidates = 1024;
constexpr std::uint32_t kCandidateLane = 1;  // of the random numbers that scramble them
// Points that break a constraint are passed over, as long as one in so many breaks none.
constexpr std::uint32_t kCandidateDraws = 16;

// A fit at every proposal gained nothing in the prototype over one when the data grew by a tenth.
constexpr std::size_t kGrowthForFit = 10;  // one part in so many
// A surprise asks for a fit sooner, but not at once again: on a function that the model cannot
// express, every result is one.
constexpr std::size_t kGrowthForSurprise = 20;
constexpr std::size_t kResultsForSurprise = 3;
constexpr double kSurprise = 3;  // deviations of the newest result from what was expected

constexpr std::size_t kResultsForFit = 2;

}  // namespace

Surrogate::Pending::Pending(Surrogate& surrogate, const MatrixXd& rows) : surrogate_(surrogate) {
  for (Process& process : surrogate_.processes_) {
    settled_.push_back(process.gp->size());
    process.gp->append_rows(rows);
  }
}

Surrogate::Pending::~Pending() {
  for (std::size_t i = 0; i < settled_.size(); ++i) {
    surrogate_.processes_[i].gp->truncate(settled_[i]);
  }
}

std::vector<const GaussianProcess*> Surrogate::gps() const {
  std::vector<const GaussianProcess*> out;
  for (const Process& process : processes_) out.push_back(&*process.gp);
  return out;
}

bool Surrogate::update(const Past& past, const Features& features, const Results& results,
                       const ProcessFit& adopted) {
  const bool usable = adopted.rows != 0 && adopted.rows <= results.size() &&
                      adopted.thetas.size() == results.columns();
  if (usable) {
    if (processes_.empty() || !(fit_ == adopted)) build(past, features, results, adopted);
    grow(results);
    if (std::none_of(processes_.begin(), processes_.end(), is_stale)) return false;
  }
  refit(past, features, results, adopted);
  return true;
}

void Surrogate::build(const Past& past, const Features& features, const Results& results,
                      const ProcessFit& fit) {
  *this = Surrogate();
  fit_ = fit;
  known_ = fit.rows;
  for (std::size_t i = 0; i < fit.thetas.size(); ++i) {
    Process& process = processes_.emplace_back();
    process.active = results.selected(i, fit.rows);
    process.base = process.active.size();
    process.gp.emplace(features.shape(), fit.thetas[i],
                       MatrixXd(results.rows()(process.active, Eigen::all)));
  }
  draw_candidates(past, features);
}

void Surrogate::draw_candidates(const Past& past, const Features& features) {
  RandomStream random(past.seed, static_cast<std::uint64_t>(fit_.rows), Purpose::kProposal,
                      kCandidateLane);
  const Index dims = features.shape().size();
  const Sobol sobol(static_cast<std::size_t>(dims), random.bits());
  std::vector<Point> points;
  MatrixXd rows(kCandidates, dims);
  VectorXd units(dims);
  Index count = 0;
  for (std::uint32_t i = 0; i < kCandidateDraws * kCandidates && count < kCandidates; ++i) {
    sobol.point(i, {units.data(), static_cast<std::size_t>(dims)});
    Point point = features.at_unit(past.space(), units);
    if (!past.space().is_feasible(point)) continue;
    rows.row(count++) = features.of(point).transpose();
    points.push_back(std::move(point));
  }
  candidates_ = Candidates(past.host, std::move(points), rows.topRows(count), gps());
}

void Surrogate::grow(const Results& results) {
  for (std::size_t k = 0; k < processes_.size(); ++k) {
    Process& process = processes_[k];
    DODONA_ASSERT(process.gp->size() == static_cast<Index>(process.active.size()));
    for (Index i = known_; i < results.size(); ++i) {
      if (!results.tells(k, i)) continue;
      process.active.push_back(i);
      process.gp->append(results.rows().row(i).transpose());
    }
    DODONA_ASSERT(process.gp->size() == static_cast<Index>(process.active.size()));
    process.gp->set_targets(results.targets(k, process.active));
  }
  known_ = results.size();
}

// Much came in, or the newest result was a surprise.
bool Surrogate::is_stale(const Process& process) {
  const std::size_t n = process.active.size();
  const std::size_t fresh = n - process.base;
  if (fresh == 0) return false;
  if (fresh * kGrowthForFit >= n) return true;
  const VectorXd& z = process.gp->whitened();
  return fresh * kGrowthForSurprise >= n && fresh >= kResultsForSurprise &&
         std::abs(z[z.size() - 1]) > kSurprise;
}

void Surrogate::refit(const Past& past, const Features& features, const Results& results,
                      const ProcessFit& adopted) {
  ProcessFit next{{}, results.size()};
  bool succeeded = true;
  for (std::size_t k = 0; k < results.columns(); ++k) {
    const std::vector<Index> active = results.selected(k, results.size());
    const VectorXd y = results.targets(k, active);
    if (active.size() < kResultsForFit) {
      next.thetas.push_back(default_theta(features.shape()));
      continue;
    }
    std::vector<Index> chosen(active.size());
    std::iota(chosen.begin(), chosen.end(), Index{0});
    if (static_cast<Index>(chosen.size()) > kFitMax) {
      // The best half, or the half nearest to a limit, and of the others every so many-th.
      const std::vector<Index> order = order_by(k < results.objectives() ? y : y.cwiseAbs());
      const std::size_t half = static_cast<std::size_t>(kFitMax) / 2;
      chosen.assign(order.begin(), order.begin() + static_cast<Index>(half));
      std::vector<Index> others(order.begin() + static_cast<Index>(half), order.end());
      for (std::size_t i = 0; i < half; ++i) chosen.push_back(others[i * others.size() / half]);
      std::sort(chosen.begin(), chosen.end());
    }
    std::vector<Index> rows;
    for (const Index i : chosen) rows.push_back(active[static_cast<std::size_t>(i)]);
    const VectorXd warm = k < adopted.thetas.size() ? adopted.thetas[k] : VectorXd();
    const Fit fit = fit_hyperparameters(
        features.shape(), MatrixXd(results.rows()(rows, Eigen::all)), y(chosen), warm);
    succeeded = succeeded && fit.succeeded;
    next.thetas.push_back(fit.theta);
  }
  if (!succeeded) {
    past.host.log(
        DODONA_WARN,
        "the Gaussian process could not be fitted: it goes on with default length scales");
  }
  build(past, features, results, next);
  grow(results);
}

}  // namespace dodona::common
