// SPDX-License-Identifier: Apache-2.0
//
// The trials of a study as numbers: for each one with a score, its values on the unit line and one
// objective.
//
// Shapes:  n trials, d definitions; units[n * d], row by row; values[n].
// Units:   a unit coordinate is in [0, 1], or kAbsent where the hyperparameter is not active; an
//          objective is signed, smaller is better.
// Threads: pure.
#pragma once

#include "study/state.hpp"

#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dodona::insight {

// In place of a unit coordinate; below all of them.
inline constexpr double kAbsent = -1.0;

struct Observations {
  std::size_t dimensions = 0;
  std::vector<std::uint64_t> trials;
  std::vector<double> units;
  std::vector<double> values;
  std::size_t clipped = 0;  // values that were too far out, see observe()

  std::size_t size() const { return values.size(); }
  std::span<const double> row(std::size_t i) const {
    return std::span(units).subspan(i * dimensions, dimensions);
  }
  double unit(std::size_t i, std::size_t definition) const {
    return units[i * dimensions + definition];
  }
};

// The space of all that the study knows by now.
Space space_of(const study::State& state);

// The values of a trial at every definition that is active under them. A hyperparameter that the trial
// never met has its default.
Point complete_point(const Space& space, const study::TrialRecord& trial);

// The coordinates of a point.
std::vector<double> units_of(const Space& space, const Point& point);

// Completed and stopped trials with objective `objective`, in order of their ids. Where trials have
// different budgets, each value is the difference to the median of its budget: a short trial is not
// worse for being short. Values further than five times the middle half beyond its upper end are
// moved there, as one diverged trial would hide all else.
// Cost: O(n * d).
Observations observe(const study::State& state, const Space& space, std::size_t objective = 0);

// Those at the given places.
Observations part_of(const Observations& all, std::span<const std::size_t> places);

}  // namespace dodona::insight
