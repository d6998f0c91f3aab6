// SPDX-License-Identifier: Apache-2.0
//
// Random points that no trial has had.
//
// After several draws of seen points, the first unseen point after a random one in counting order
// is taken. So the last points of a small space cost no endless guessing, and the space is
// exhausted completely.
//
// Threads: one at a time.
// Cost:    for a draw 10 ns a hyperparameter and a lookup.
#pragma once

#include "common/oracle/odometer.hpp"
#include "common/oracle/seen_points.hpp"

#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

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

// Draws a random point outside of `seen`. Returns false if there is none; `point` is then one that
// was seen. Cost: at most 32 draws and seen.size() + 1 steps of counting.
inline bool draw_fresh(const Space& space, const SeenPoints& seen, RandomStream& random,
                       Point& point) {
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
