// SPDX-License-Identifier: Apache-2.0
#include "common/search/moves.hpp"

#include "common/search/assert.hpp"
#include "common/search/normal.hpp"
#include "common/search/surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

// Six starts, as in the prototype: the top of 1,024 candidates, the best of 100 neighbours of the
// five best results, and four by roulette.
constexpr int kRouletteOfCandidates = 3;
constexpr int kRouletteOfNeighbours = 1;
constexpr std::size_t kCentres = 5;

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
constexpr std::uint64_t kNeighbourGrain = 8;  // in one piece of parallel work

constexpr int kOtherStarts = 64;  // for what is continuous at another value. Not measured

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
    out.push_back(features.at(space, row));
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

// The larger the process, the fewer of them a climb may cost.
int evaluations_for(double size) {
  return static_cast<int>(
      std::clamp(kEvaluationBudget / (size * size), kEvaluationsMin, kEvaluationsMax));
}

}  // namespace

std::vector<Climb> climbs(const Past& past, const Features& features,
                          const Acquisition& acquisition, const Candidates& candidates,
                          const VectorXd& values, const VectorXd& targets, RandomStream& random) {
  const GaussianProcess& gp = acquisition.gp();
  DODONA_ASSERT(static_cast<std::size_t>(values.size()) == candidates.size());
  DODONA_ASSERT(targets.size() <= gp.size());
  const std::vector<Index> by_value = order_by(targets);
  const auto best_few = static_cast<Index>(std::min(kCentres, by_value.size()));
  const std::vector<Index> few(by_value.begin(), by_value.begin() + best_few);
  const auto n = static_cast<double>(gp.size());
  const int count =
      static_cast<int>(std::clamp(kNeighbourBudget / (n * n), kNeighboursMin, kNeighboursMax));
  const std::vector<Point> near =
      neighbours(past.space(), features, MatrixXd(gp.points()(few, Eigen::all)), count, random);
  VectorXd near_values(count);
  past.host.parallel_for(near.size(), kNeighbourGrain, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t i = begin; i < end; ++i) {
      near_values[static_cast<Index>(i)] = acquisition.at(features.of(near[i]));
    }
  });

  std::vector<Point> starts;
  for (const std::size_t i : spin(values, kRouletteOfCandidates, random)) {
    starts.push_back(candidates.point(i));
  }
  for (const std::size_t i : spin(near_values, kRouletteOfNeighbours, random))
    starts.push_back(near[i]);
  // Under noise the top of the acquisition is often a corner of the cube of which nothing is known.
  const bool stay = acquisition.noisy() && features.few().empty();
  const int evaluations = stay ? 0 : evaluations_for(n);
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

// The best point with the least tried other value of one column; without features: none has one.
VectorXd least_tried(const Space& space, const Features& features, const PointRows& rows,
                     const VectorXd& home, RandomStream& random) {
  const std::vector<Index> few = features.few();
  VectorXd out;
  std::pair<Index, std::uint64_t> least{rows.rows() + 1, 0};
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
      if (values[k] == home[c]) continue;
      const std::pair key(tried[k], random.bits());
      if (!(key < least)) continue;
      least = key;
      out = home;
      out[c] = values[k];
    }
  }
  return out;
}

}  // namespace

std::optional<OtherValue> other_value(const Past& past, const Features& features,
                                      const GaussianProcess& gp, const VectorXd& y, double noise,
                                      RandomStream& random) {
  DODONA_ASSERT(y.size() > 0 && y.size() <= gp.size());
  Index best = 0;
  y.minCoeff(&best);
  const std::vector<Index> few = features.few();
  const VectorXd home = gp.points().row(best).transpose();
  const VectorXd from = least_tried(past.space(), features, gp.points(), home, random);
  if (from.size() == 0) return std::nullopt;
  Climb top;
  for (int k = 0; k < kOtherStarts; ++k) {
    VectorXd row = from;
    move_continuous(features, k % 2 == 1, random, row);
    Point point = features.at(past.space(), row);
    row = features.of(point);
    const auto posterior = gp.predict(row);
    const double bound = std::sqrt(posterior.variance) - posterior.mean;
    if (k == 0 || bound > top.value) top = {std::move(point), std::move(row), bound};
  }
  double known = y.maxCoeff();
  for (Index i = 0; i < y.size(); ++i) {
    if (agrees(few, gp.points(), i, top.row)) known = std::min(known, y[i]);
  }
  const Acquisition acquisition(gp, known, noise);
  return OtherValue{climb(acquisition, past.space(), features, top.point,
                          evaluations_for(static_cast<double>(gp.size())), true),
                    acquisition};
}

}  // namespace dodona::common
