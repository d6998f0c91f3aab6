// SPDX-License-Identifier: Apache-2.0
//
// Random points that were not met before.
//
// When draws keep colliding, the first unseen point after a random one in counting order is taken,
// so the last points of a small space cost no endless guessing, and it is exhausted completely.
//
// Threads: one.
// Cost:    10 ns a hyperparameter and a lookup a draw.
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

inline void draw(const Space& space, RandomStream& random, Point& point) {
  point.clear(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const double u = random.uniform();  // drawn for inactive ones too: values keep their place
    if (space.is_active(i, point)) point.set(i, from_unit(space.params()[i], u));
  }
}

// A random point outside of `seen`; false where there is none.
inline bool draw_fresh(const Space& space, const SeenPoints& seen, RandomStream& random,
                       Point& point) {
  for (int attempt = 0; attempt < 32; ++attempt) {
    draw(space, random, point);
    if (!seen.contains(point)) return true;
  }
  // At most seen.size() + 1 steps: a continuous space would have left the loop above.
  const auto axis = [&](std::size_t i) { return RisingAxis{space.params()[i]}; };
  for (std::size_t steps = 0; steps <= seen.size(); ++steps) {
    next_point(space, axis, point);
    if (!seen.contains(point)) return true;
  }
  return false;
}

}  // namespace dodona::common
