// SPDX-License-Identifier: Apache-2.0
#include "common/search/opening.hpp"

#include "common/search/assert.hpp"
#include "common/search/sobol.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace dodona::common {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

// Chosen on tests/bench/quality by instances that it does not report (README.md there).
constexpr double kStep = 0.2;                  // along an axis, in the unit cube
constexpr std::size_t kStepsMin = 7;           // of which a search takes at most so many,
constexpr std::size_t kStepsOfTrials = 8;      // or one in so many trials
constexpr std::size_t kDimsOfSteps = 20;       // beyond, there is no local model to make
constexpr double kMiddle = 0.7;                // the part of a range for quasi-random points
constexpr std::size_t kSpreadMin = 5;          // quasi-random points at least,
constexpr double kSpreadByDimension = 0.7;     // and for each dimension,
constexpr std::size_t kSpreadMax = 20;         // and at most,
constexpr std::size_t kSpreadOfTrials = 5;     // or one in so many trials,
constexpr std::size_t kSpreadMinOfTrials = 3;  // but so many
// The same of several objectives, for which 20 points were the best number in a prototype.
constexpr std::size_t kFrontMin = 6;
constexpr double kFrontByDimension = 2;

constexpr std::uint32_t kAxisLane = 1;  // of the random numbers that order the axes

bool takes_steps(const Past& past, const Features& features) {
  return past.objectives == 1 && features.all_continuous() && !features.conditional() &&
         features.columns().size() <= kDimsOfSteps;
}

// The point of all defaults. A number whose default is its smallest value, as it is where none was
// declared, stands in the middle.
Point home(const Space& space, const Features& features) {
  VectorXd row(features.shape().size());
  for (Index c = 0; c < row.size(); ++c) {
    const Features::Column& column = features.columns()[static_cast<std::size_t>(c)];
    const Param& param = space.params()[column.param];
    row[c] = kInactive;  // a category has its default then
    if (column.categorical) continue;
    row[c] = param.initial == from_unit(param, 0) ? 0.5 : to_unit(param, param.initial);
  }
  return features.at(space, row);
}

// The best result so far, or else the first trial. With a lag there may be none yet; the first one
// opens with the defaults then.
VectorXd start_of_step(const Past& past, const Features& features, const Results& results) {
  Index best = -1;
  const std::vector<double>& objectives = results.column(0);
  for (Index i = 0; i < results.size(); ++i) {
    const double here = objectives[static_cast<std::size_t>(i)];
    if (!std::isfinite(here) || !results.keeps(i)) continue;
    if (best < 0 || here < objectives[static_cast<std::size_t>(best)]) best = i;
  }
  if (best >= 0) return results.rows().row(best).transpose();
  const auto& trials = past.history().trials();
  return features.of(trials.empty() ? home(past.space(), features) : trials.front().point);
}

// Number `step` of the axes, in a random order. Direction and length are random too, so that studies
// of several seeds see different points; the step stays in the cube.
Point step_along_axis(const Past& past, const Features& features, const VectorXd& from,
                      std::size_t step) {
  DODONA_ASSERT(step < features.columns().size());
  RandomStream random(past.seed, 0, Purpose::kProposal, kAxisLane);
  std::vector<std::pair<std::uint64_t, Index>> axes;
  for (Index c = 0; c < from.size(); ++c) axes.emplace_back(random.bits(), c);
  std::sort(axes.begin(), axes.end());
  const auto [bits, axis] = axes[step];
  VectorXd row = from;
  const double length = kStep * (0.9 + 0.2 * random.uniform());
  const double way = bits % 2 == 0 ? length : -length;
  const bool inside = from[axis] + way >= 0 && from[axis] + way <= 1;
  row[axis] += inside ? way : -way;
  return features.at(past.space(), row);
}

}  // namespace

std::size_t opening_size(const Past& past, const Features& features) {
  const std::size_t d = features.columns().size(), trials = past.max_trials;
  if (takes_steps(past, features)) {
    return 1 + (trials == 0 ? d : std::min(d, std::max(kStepsMin, trials / kStepsOfTrials)));
  }
  const bool front = past.objectives > 1;
  const auto by_dimension = static_cast<std::size_t>(
      (front ? kFrontByDimension : kSpreadByDimension) * static_cast<double>(d));
  const std::size_t size = std::clamp(by_dimension, front ? kFrontMin : kSpreadMin, kSpreadMax);
  return trials == 0 ? size
                     : std::min(size, std::max(kSpreadMinOfTrials, trials / kSpreadOfTrials));
}

Point opening_point(const Past& past, const Features& features, const Results& results,
                    std::uint64_t trial) {
  const std::size_t size = opening_size(past, features);
  // Where all of them are asked at once, no step knows the result of another one.
  const bool blind = past.parallel_trials >= size;
  if (trial > 0 && !blind && takes_steps(past, features) && trial < size) {
    return step_along_axis(past, features, start_of_step(past, features, results), trial - 1);
  }
  return spread_point(past, features, trial);
}

Point spread_point(const Past& past, const Features& features, std::uint64_t trial) {
  const bool one = past.objectives == 1;
  if (one && trial == 0) return home(past.space(), features);
  const Sobol sobol(past.space().size(), past.seed);
  Point point = sobol_point(past.space(), sobol, trial);
  if (!one) return point;
  VectorXd row = features.of(point);
  for (Index c = 0; c < features.shape().numeric; ++c) {
    if (row[c] != kInactive) row[c] = 0.5 + kMiddle * (row[c] - 0.5);
  }
  return features.at(past.space(), row);
}

}  // namespace dodona::common
