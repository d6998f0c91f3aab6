// SPDX-License-Identifier: Apache-2.0
#include "insight/observations.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace dodona::insight {
namespace {

double quantile(std::vector<double> values, double share) {
  DODONA_ASSERT(!values.empty());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(at);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

void center_by_budget(const study::State& state, Observations& all) {
  std::map<std::uint64_t, std::vector<double>> by_budget;
  for (std::size_t i = 0; i < all.size(); ++i) {
    by_budget[state.trials()[all.trials[i]].budget].push_back(all.values[i]);
  }
  if (by_budget.size() < 2) return;
  std::map<std::uint64_t, double> medians;
  for (const auto& [budget, values] : by_budget) medians[budget] = quantile(values, 0.5);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all.values[i] -= medians[state.trials()[all.trials[i]].budget];
  }
}

void clip(Observations& all) {
  if (all.size() < 4) return;
  static constexpr double kMiddleHalves = 5.0;
  const double upper = quantile(all.values, 0.75);
  const double fence = upper + kMiddleHalves * (upper - quantile(all.values, 0.25));
  if (!(fence > upper)) return;  // most values are the same
  for (double& value : all.values) {
    if (value <= fence) continue;
    value = fence;
    ++all.clipped;
  }
}

}  // namespace

Space space_of(const study::State& state) {
  Space space;
  for (const Param& param : state.params()) space.add(param);
  for (const std::string& constraint : state.constraints()) space.add_constraint(constraint);
  return space;
}

Point complete_point(const Space& space, const study::TrialRecord& trial) {
  Point own(space.size());
  for (const Assignment& each : trial.assignments) own.set(each.param, each.cell);
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, point)) continue;
    point.set(i, own.active(i) ? own[i] : space.params()[i].initial);
  }
  return point;
}

std::vector<double> units_of(const Space& space, const Point& point) {
  std::vector<double> units(space.size(), kAbsent);
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (point.active(i)) units[i] = to_unit(space.params()[i], point[i]);
  }
  return units;
}

Observations observe(const study::State& state, const Space& space, std::size_t objective) {
  Observations all;
  all.dimensions = space.size();
  for (std::size_t id = 0; id < state.trials().size(); ++id) {
    const study::TrialRecord& trial = state.trials()[id];
    const bool scored =
        trial.state == study::TrialState::kCompleted || trial.state == study::TrialState::kStopped;
    if (!scored || objective >= trial.objectives.size()) continue;
    const double value = trial.objectives[objective];
    if (!std::isfinite(value)) continue;
    all.trials.push_back(id);
    all.values.push_back(value);
    const std::vector<double> units = units_of(space, complete_point(space, trial));
    all.units.insert(all.units.end(), units.begin(), units.end());
  }
  center_by_budget(state, all);
  clip(all);
  return all;
}

Observations part_of(const Observations& all, std::span<const std::size_t> places) {
  Observations part;
  part.dimensions = all.dimensions;
  for (const std::size_t place : places) {
    DODONA_ASSERT(place < all.size());
    part.trials.push_back(all.trials[place]);
    part.values.push_back(all.values[place]);
    const auto row = all.row(place);
    part.units.insert(part.units.end(), row.begin(), row.end());
  }
  return part;
}

}  // namespace dodona::insight
