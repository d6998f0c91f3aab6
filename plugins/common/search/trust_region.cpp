// SPDX-License-Identifier: Apache-2.0
#include "common/search/trust_region.hpp"

#include "common/oracle/note.hpp"
#include "common/search/assert.hpp"
#include "common/search/quadratic_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

// Measured with the prototype: every third proposal by a quadratic in such a region took the mean
// log regret from -2.41 to -2.60. Its radius began at .2, halved below a ratio of .1 and doubled
// above .5 at the edge, up to .5.
constexpr double kRadiusMax = 0.5;
constexpr double kRadiusAfterJump = 0.2;  // at most: where the radius began
constexpr double kRatioToShrink = 0.1;    // of what was gained to what was foreseen
constexpr double kRatioToGrow = 0.5;
constexpr double kRadiusFactor = 2;
constexpr double kRadiusMin = 1e-6;  // ten times what counts as distinct
// A better point farther away than this many radii is another place. Not measured.
constexpr double kJumpRadii = 4;
constexpr Index kDimsMax = 20;           // beyond, the quadratic has more than 230 unknowns
constexpr double kSmallRadius = 0.03;    // below, steps from the best point fail. Not measured
constexpr std::uint64_t kBowlEvery = 2;  // of the turns at a small radius, one looks for a bowl
constexpr double kSameBowl = 1e-3;       // a bottom that is this near to a result is known
// The least gain worth a step, as a part of the spread of the results: the last digits are not
// worth a trial.
constexpr double kLeastGain = 1e-9;

}  // namespace

bool is_apart(const PointRows& rows, const PointRow& x, double distance) {
  for (Index i = 0; i < rows.rows(); ++i) {
    if ((rows.row(i).transpose() - x).lpNorm<Eigen::Infinity>() <= distance) return false;
  }
  return true;
}

void TrustRegion::follow(const PastTrial& trial, double objective, const VectorXd& at) {
  DODONA_ASSERT(row_.size() == 0 || row_.size() == at.size());
  const bool own = trial.tag == static_cast<std::uint64_t>(Origin::kLocal);
  if (own) {
    const double predicted = read_number(trial.note, "predicted").value_or(0);
    const double from = read_number(trial.note, "best").value_or(0);
    const bool at_edge = read_number(trial.note, "at_edge").value_or(0) != 0;
    const double ratio = (from - objective) / (from - predicted);
    if (!(ratio >= kRatioToShrink)) radius_ = std::max(radius_ / kRadiusFactor, kRadiusMin);
    if (ratio > kRatioToGrow && at_edge) radius_ = std::min(radius_ * kRadiusFactor, kRadiusMax);
  }
  DODONA_ASSERT(radius_ >= kRadiusMin && radius_ <= kRadiusMax);
  if (!(objective < best_)) return;
  if (row_.size() == at.size() && !own) {
    // Somewhere else, the old radius means less.
    const double jump = (at - row_).lpNorm<Eigen::Infinity>();
    if (jump > kJumpRadii * radius_)
      radius_ = std::min(std::sqrt(jump * radius_), kRadiusAfterJump);
  }
  best_ = objective;
  row_ = at;
}

std::optional<Choice> TrustRegion::step(const Past& past, const Features& features,
                                        const Results& results, std::uint64_t turn) const {
  const Index d = features.shape().numeric;
  if (!features.all_continuous() || features.conditional() || d > kDimsMax) {
    return std::nullopt;
  }
  MatrixXd rows(results.size(), d);
  VectorXd objectives(results.size());
  Index n = 0;
  for (Index i = 0; i < results.size(); ++i) {
    const double y = results.column(0)[static_cast<std::size_t>(i)];
    if (!std::isfinite(y) || !results.keeps(i)) continue;
    rows.row(n) = results.rows().row(i);
    objectives[n++] = y;
  }
  const auto step = quadratic_step(rows.topRows(n), objectives.head(n), radius_);
  if (turn % kBowlEvery == 0 && radius_ < kSmallRadius && !(step && step->whole)) {
    // Steps from the best point fail: it may sit in a ripple of something wider.
    const auto x = bowl_bottom(rows.topRows(n), objectives.head(n));
    if (x && is_apart(rows.topRows(n), *x, kSameBowl)) {
      const Point point = features.at(past.space(), *x);
      if (!past.seen().contains(point) && past.space().is_feasible(point)) {
        return Choice{point, Note("quadratic over the best results"), Origin::kBowl};
      }
    }
  }
  if (!step || !is_apart(rows.topRows(n), step->x, kDistinct)) return std::nullopt;
  DODONA_ASSERT(step->x.size() == d);
  for (const std::uint64_t id : past.history().running()) {
    const PastTrial& trial = past.history().trials()[id];
    // One at a time: a second one would be the same.
    if (trial.tag == static_cast<std::uint64_t>(Origin::kLocal)) return std::nullopt;
    const VectorXd row = features.of(trial.point);
    if ((row - step->x).lpNorm<Eigen::Infinity>() <= kDistinct) return std::nullopt;
  }
  VectorXd sorted = objectives.head(n);
  std::nth_element(sorted.begin(), sorted.begin() + n / 2, sorted.end());
  const double best = objectives.head(n).minCoeff();
  if (best - step->predicted < kLeastGain * (sorted[n / 2] - best)) return std::nullopt;
  const Point point = features.at(past.space(), step->x);
  if (past.seen().contains(point) || !past.space().is_feasible(point)) return std::nullopt;
  Note note("quadratic around the best");
  if (!step->whole) note.number("radius", radius_);
  note.number("predicted", step->predicted)
      .number("best", best)
      .number("at_edge", step->at_edge ? 1 : 0);
  return Choice{point, std::move(note), Origin::kLocal};
}

}  // namespace dodona::common
