// SPDX-License-Identifier: Apache-2.0
#include "common/search/moves.hpp"

#include "common/search/assert.hpp"
#include "common/search/normal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

// Six starts, as in the prototype: the top of 1,024 candidates, the best of 100 neighbours of the
// best results, and four by roulette. Large processes have three.
constexpr int kRouletteOfCandidates = 3, kRouletteOfCandidatesOfLarge = 1;
constexpr int kRouletteOfNeighbours = 1, kRouletteOfNeighboursOfLarge = 0;

// Neighbours lie at a deviation of 10^U(-3.5, -0.5), as in the prototype.
constexpr double kWidthExponentMin = -3.5;
constexpr double kWidthExponents = 3;
constexpr double kMovedDims = 20;            // of many dimensions so many move (TuRBO's rule)
constexpr double kMovedCategories = 1.5;     // so many in the mean
constexpr double kLeastProbability = 1e-16;  // whose normal quantile is finite

// With many results a look at the process costs n^2, and so fewer are taken: a proposal at 1,000 is
// to take 35 ms. The prototype took 100 neighbours and 40 evaluations at any size.
constexpr double kNeighbourBudget = 2e7, kNeighboursMin = 16, kNeighboursMax = 100;
constexpr double kEvaluationBudget = 1e6, kEvaluationsMin = 6, kEvaluationsMax = 40;
constexpr std::size_t kNeighbourPiece = 16;  // of parallel work

constexpr int kOtherStarts = 64;  // for what is continuous at another value. Not measured
// Other values that are looked at where there are limits, and the probability of keeping them that
// is worth a trial. Not measured.
constexpr std::size_t kOtherValues = 8;
const double kLeastLogProbabilityThere = std::log(0.25);

double random_width(RandomStream& random) {
  return std::pow(10.0, kWidthExponentMin + kWidthExponents * random.uniform());
}

double moved_by(double from, double width, double u) {
  return std::clamp(from + width * normal_quantile(std::max(u, kLeastProbability)), 0.0, 1.0);
}

// Random neighbours of the best results: numbers move by a Gaussian of random width, categories at
// times to another one. In many dimensions each moves a few.
std::vector<Point> neighbours(const Space& space, const Features& features, const MatrixXd& centres,
                              int count, RandomStream& random) {
  std::vector<Point> out;
  const auto dims = static_cast<double>(features.shape().size());
  const double moved = std::min(1.0, kMovedDims / dims);
  for (int k = 0; k < count; ++k) {
    VectorXd row = centres.row(k % centres.rows()).transpose();
    const double width = random_width(random);
    for (Index c = 0; c < row.size(); ++c) {
      const Features::Column& column = features.columns()[static_cast<std::size_t>(c)];
      const double u = random.uniform(), move = random.uniform();
      if (column.categorical) {
        if (move < kMovedCategories / dims)
          row[c] = std::floor(u * static_cast<double>(column.values));
      } else if (row[c] == kInactive) {
        row[c] = u;  // for when it becomes active
      } else if (move < moved) {
        row[c] = moved_by(row[c], width, u);
      }
    }
    Point point = features.at(space, row);
    if (space.is_feasible(point)) out.push_back(std::move(point));
  }
  return out;
}

// Places of the largest value, and of `count` more by roulette on its exponential.
std::vector<std::size_t> spin(const VectorXd& values, int count, RandomStream& random) {
  DODONA_ASSERT(values.size() > 0);
  Index top = 0;
  const double largest = values.maxCoeff(&top);
  std::vector<std::size_t> out{static_cast<std::size_t>(top)};
  const VectorXd weights = (values.array() - largest).exp();
  const double sum = weights.sum();
  for (int k = 0; k < count; ++k) {
    double left = random.uniform() * sum;
    Index i = 0;
    while (i + 1 < weights.size() && left >= weights[i]) left -= weights[i++];
    out.push_back(static_cast<std::size_t>(i));
  }
  return out;
}

// The larger the processes, the fewer of them a climb may cost.
int evaluations_for(const Acquisition& acquisition) {
  return static_cast<int>(
      std::clamp(kEvaluationBudget / acquisition.cost(), kEvaluationsMin, kEvaluationsMax));
}

}  // namespace

std::vector<Climb> climbs(const Past& past, const Features& features,
                          const Acquisition& acquisition, const Candidates& candidates,
                          const VectorXd& values, const MatrixXd& centres, bool stay,
                          RandomStream& random) {
  DODONA_ASSERT(static_cast<std::size_t>(values.size()) == candidates.size());
  DODONA_ASSERT(centres.rows() > 0);
  const int count = static_cast<int>(
      std::clamp(kNeighbourBudget / acquisition.cost(), kNeighboursMin, kNeighboursMax));
  const std::vector<Point> near = neighbours(past.space(), features, centres, count, random);
  VectorXd near_values(static_cast<Index>(near.size()));
  // In pieces of fixed size, on whose size bits depend.
  const std::uint64_t pieces = (near.size() + kNeighbourPiece - 1) / kNeighbourPiece;
  past.host.parallel_for(pieces, 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t piece = begin; piece < end; ++piece) {
      const std::size_t first = piece * kNeighbourPiece;
      const std::size_t size = std::min<std::size_t>(kNeighbourPiece, near.size() - first);
      near_values.segment(static_cast<Index>(first), static_cast<Index>(size)) =
          acquisition.at_rows(features.rows_of(std::span(near).subspan(first, size)));
    }
  });

  const bool large = acquisition.large();
  std::vector<Point> starts;
  if (values.size() > 0) {
    const int roulette = large ? kRouletteOfCandidatesOfLarge : kRouletteOfCandidates;
    for (const std::size_t i : spin(values, roulette, random)) {
      starts.push_back(candidates.point(i));
    }
  }
  if (!near.empty()) {
    const int roulette = large ? kRouletteOfNeighboursOfLarge : kRouletteOfNeighbours;
    for (const std::size_t i : spin(near_values, roulette, random)) starts.push_back(near[i]);
  }
  const int evaluations = stay ? 0 : evaluations_for(acquisition);
  std::vector<Climb> out(starts.size());
  past.host.parallel_for(starts.size(), 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t i = begin; i < end; ++i) {
      out[i] = climb(acquisition, past.space(), features, starts[i], evaluations);
    }
  });
  std::stable_sort(out.begin(), out.end(),
                   [](const Climb& a, const Climb& b) { return a.value > b.value; });
  return out;
}

// ---- another value -----------------------------------------------------------------------------

namespace {

// Moves continuous values: around where they are, by a Gaussian of random width, or anywhere. A
// value that was inactive is anywhere.
void move_continuous(const Features& features, bool anywhere, RandomStream& random, VectorXd& row) {
  const double width = random_width(random);
  for (Index c = 0; c < row.size(); ++c) {
    const Features::Column& column = features.columns()[static_cast<std::size_t>(c)];
    const double u = random.uniform();
    if (row[c] == kInactive) {
      row[c] = column.categorical ? std::floor(u * static_cast<double>(column.values)) : u;
    } else if (features.continuous(c)) {
      row[c] = anywhere ? u : moved_by(row[c], width, u);
    }
  }
}

// True if row i and `row` have the same value in column c, or one of them has none.
bool agrees(const PointRows& rows, Index i, const VectorXd& row, Index c) {
  return rows(i, c) == row[c] || rows(i, c) == kInactive || row[c] == kInactive;
}

bool agrees(const std::vector<Index>& few, const PointRows& rows, Index i, const VectorXd& row) {
  return std::all_of(few.begin(), few.end(), [&](Index c) { return agrees(rows, i, row, c); });
}

// For each value of a column how many points have it and agree with `home` in the other columns of
// few values. Points in which the column is inactive count for every value.
std::vector<Index> times_tried(const Features& features, const std::vector<Index>& few,
                               const PointRows& rows, const VectorXd& home, Index column,
                               const std::vector<double>& values) {
  std::vector<Index> others;
  for (const Index c : few) {
    if (c != column) others.push_back(c);
  }
  const bool categorical = features.columns()[static_cast<std::size_t>(column)].categorical;
  std::vector<Index> out(values.size(), 0);
  Index everywhere = 0;
  for (Index i = 0; i < rows.rows(); ++i) {
    if (!agrees(others, rows, i, home)) continue;
    const double here = rows(i, column);
    if (here == kInactive) {
      ++everywhere;
    } else if (categorical) {
      ++out[static_cast<std::size_t>(here)];  // the value is its index
    } else {
      const auto found = std::find(values.begin(), values.end(), here);
      if (found != values.end()) ++out[static_cast<std::size_t>(found - values.begin())];
    }
  }
  for (Index& count : out) count += everywhere;
  return out;
}

// `home` with another value of one column, for the least tried values; at most `count` of them.
std::vector<VectorXd> least_tried(const Space& space, const Features& features,
                                  const PointRows& rows, const VectorXd& home, std::size_t count,
                                  RandomStream& random) {
  struct Other {
    Index tried;
    std::uint64_t tie;
    Index column;
    double value;
    bool operator<(const Other& other) const {
      return std::pair(tried, tie) < std::pair(other.tried, other.tie);
    }
  };
  const std::vector<Index> few = features.few();
  std::vector<Other> others;
  for (const Index c : few) {
    if (home[c] == kInactive) continue;
    const Features::Column& column = features.columns()[static_cast<std::size_t>(c)];
    const Param& param = space.params()[column.param];
    std::vector<double> values;
    for (std::uint64_t k = 0; k < column.values; ++k) {
      values.push_back(column.categorical ? static_cast<double>(k)
                                          : to_unit(param, value_at(param, k)));
    }
    const std::vector<Index> tried = times_tried(features, few, rows, home, c, values);
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (values[k] != home[c]) others.push_back({tried[k], random.bits(), c, values[k]});
    }
  }
  const auto end = others.begin() + static_cast<Index>(std::min(count, others.size()));
  std::partial_sort(others.begin(), end, others.end());
  std::vector<VectorXd> out;
  for (auto other = others.begin(); other != end; ++other) {
    out.push_back(home);
    out.back()[other->column] = other->value;
  }
  return out;
}

// The best start at other values, by a bound of one objective or by the acquisition; without
// features: all of them break a constraint.
Climb best_start(const Past& past, const Features& features, const Acquisition& acquisition,
                 const VectorXd& from, RandomStream& random) {
  std::vector<Point> points;
  for (int k = 0; k < kOtherStarts; ++k) {
    VectorXd row = from;
    move_continuous(features, k % 2 == 1, random, row);
    Point point = features.at(past.space(), row);
    if (past.space().is_feasible(point)) points.push_back(std::move(point));
  }
  if (points.empty()) return Climb();
  const MatrixXd rows = features.rows_of(points);
  VectorXd values(rows.rows());
  if (acquisition.gps().size() == 1) {
    const auto posteriors = acquisition.gps().front()->predict_rows(rows);
    std::transform(posteriors.begin(), posteriors.end(), values.begin(),
                   [](const auto& each) { return std::sqrt(each.variance) - each.mean; });
  } else {
    values = acquisition.at_rows(rows);
  }
  Index top = 0;
  const double value = values.maxCoeff(&top);
  return {std::move(points[static_cast<std::size_t>(top)]), rows.row(top).transpose(), value};
}

}  // namespace

std::optional<OtherValue> other_value(const Past& past, const Features& features,
                                      const Acquisition& acquisition, const Goal& goal, Index home,
                                      RandomStream& random) {
  const GaussianProcess& first = *acquisition.gps().front();
  const std::vector<Index> few = features.few();
  const bool limited = acquisition.limits() > 0;
  const std::vector<VectorXd> others =
      least_tried(past.space(), features, first.points(), first.points().row(home).transpose(),
                  limited ? kOtherValues : 1, random);
  for (const VectorXd& from : others) {
    if (limited &&
        acquisition.log_probability(acquisition.posteriors(from)) < kLeastLogProbabilityThere)
      continue;
    const auto agreeing = [&](const VectorXd& row) {
      std::vector<char> some(static_cast<std::size_t>(goal.size()), 0);
      for (Index i = 0; i < goal.size(); ++i) {
        some[static_cast<std::size_t>(i)] = agrees(few, first.points(), i, row) ? 1 : 0;
      }
      return some;
    };
    const Acquisition among = acquisition.with(goal.utility_among(agreeing(from), random));
    const Climb start = best_start(past, features, among, from, random);
    if (start.row.size() == 0) continue;
    const Acquisition there = acquisition.with(goal.utility_among(agreeing(start.row), random));
    return OtherValue{
        climb(there, past.space(), features, start.point, evaluations_for(there), true), there};
  }
  return std::nullopt;
}

}  // namespace dodona::common
