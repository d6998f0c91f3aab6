// SPDX-License-Identifier: Apache-2.0
//
// Random points that no trial has had and that keep the constraints of the space.
//
// After several draws of seen points, the first unseen point after a random one in counting order
// is taken. So the last points of a small space cost no endless guessing, and the space is
// exhausted completely. The same follows many draws that break a constraint, where the space is
// finite and not too large to be counted through.
//
// Errors:  Error{DODONA_E_INFEASIBLE} with the measured share, where so few values keep the
//          constraints that none was found.
// Threads: one at a time.
// Cost:    for a draw 10 ns a hyperparameter, the constraints and a lookup.
#pragma once

#include "common/oracle/odometer.hpp"
#include "common/oracle/seen_points.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace dodona::common {

// The values of a definition in rising order; a continuous one counts as its lowest value.
struct RisingAxis {
  const Param& param;
  std::uint64_t size() const { return std::max<std::uint64_t>(1, cardinality(param)); }
  Cell at(std::uint64_t k) const {
    return cardinality(param) == 0 ? param.low : value_at(param, k);
  }
  std::uint64_t index(Cell cell) const { return size() == 1 ? 0 : index_of(param, cell); }
};

// Makes `point` a random one, whatever it was. Takes one number of the stream for each definition
// of the space.
inline void draw(const Space& space, RandomStream& random, Point& point) {
  point.clear(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    // A number is drawn for an inactive hyperparameter too, so that the others keep theirs.
    const double u = random.uniform();
    if (space.is_active(i, point)) point.set(i, from_unit(space.params()[i], u));
  }
}

// A share of 1 in 10,000 is found by so many draws, but for one time in 4 * 10^8.
inline constexpr std::uint64_t kFeasibleDraws = 200000;
// So many points of a finite space take about a second to be counted through.
inline constexpr std::uint64_t kCountedPoints = 4000000;

// True if the space has no more than `most` combinations of values.
inline bool is_countable(const Space& space, std::uint64_t most) {
  std::uint64_t count = 1;
  for (const Param& param : space.params()) {
    const std::uint64_t size = cardinality(param);
    if (size == 0 || size > most / count) return false;
    count *= size;
  }
  return true;
}

// Moves to the next point in counting order, from anywhere in the space, that is neither in `seen`
// nor infeasible. Returns false if there is none. Cost: two rounds of all points at most.
inline bool count_to_fresh(const Space& space, const SeenPoints& seen, Point& point) {
  const auto axis = [&](std::size_t i) { return RisingAxis{space.params()[i]}; };
  bool feasible = false;
  for (int rounds = 0; rounds < 2;) {
    if (!next_point(space, axis, point)) ++rounds;
    if (!space.is_feasible(point)) continue;
    feasible = true;
    if (!seen.contains(point)) return true;
  }
  if (feasible) return false;
  throw Error(DODONA_E_INFEASIBLE, "no values of the space keep all constraints");
}

// As draw_fresh, in a space with constraints.
inline bool draw_feasible(const Space& space, const SeenPoints& seen, RandomStream& random,
                          Point& point) {
  const bool countable = is_countable(space, kCountedPoints);
  const std::uint64_t most = countable ? 1000 : kFeasibleDraws;
  std::uint64_t feasible = 0;
  std::uint64_t draws = 0;
  for (; draws < most && (feasible < 32 || !countable); ++draws) {
    draw(space, random, point);
    if (!space.is_feasible(point)) continue;
    ++feasible;
    if (!seen.contains(point)) return true;
  }
  if (countable) return count_to_fresh(space, seen, point);
  throw Error(DODONA_E_INFEASIBLE,
              std::to_string(feasible) + " of " + std::to_string(draws) +
                  " random draws keep all constraints, and none of them is new: values must be "
                  "found by at least 1 draw in 10000; give ranges in which more of them do");
}

// Draws a random point outside of `seen` that keeps the constraints. Returns false if there is
// none; `point` is then another one. Cost: without constraints at most 32 draws and
// seen.size() + 1 steps of counting.
inline bool draw_fresh(const Space& space, const SeenPoints& seen, RandomStream& random,
                       Point& point) {
  if (space.constraint_count() > 0) return draw_feasible(space, seen, random, point);
  for (int attempt = 0; attempt < 32; ++attempt) {
    draw(space, random, point);
    if (!seen.contains(point)) return true;
  }
  // At most seen.size() + 1 steps: in a continuous space the loop above has found a point.
  const auto axis = [&](std::size_t i) { return RisingAxis{space.params()[i]}; };
  for (std::size_t steps = 0; steps <= seen.size(); ++steps) {
    next_point(space, axis, point);
    if (!seen.contains(point)) return true;
  }
  return false;
}

}  // namespace dodona::common
