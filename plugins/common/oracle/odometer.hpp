// SPDX-License-Identifier: Apache-2.0
//
// Counts through the points of a space, the last active hyperparameter fastest.
//
// Threads: pure functions.
// Cost:    O(n) for a point, n = space.size().
#pragma once

#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>

namespace dodona::common {

// The values of `point`, and defaults for all other active hyperparameters. A value of `point` that
// is not active under the others is left out.
inline Point completed(const Space& space, const Point& point) {
  Point out(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, out)) continue;
    out.set(i, point.active(i) ? point[i] : space.params()[i].initial);
  }
  return out;
}

// Moves to the next point. `axis(i)` lists the values of hyperparameter i: size(), at(k), and
// index(cell), the k of a value. Returns false after the last point: the point is then the first.
template <class AxisOf>
bool next_point(const Space& space, const AxisOf& axis, Point& point) {
  std::size_t i = space.size();
  bool turned = false;
  while (!turned && i-- > 0) {
    if (!point.active(i)) continue;
    const std::uint64_t next = axis(i).index(point[i]) + 1;
    turned = next < axis(i).size();
    if (turned) point.set(i, axis(i).at(next));
  }
  // Values up to i stay. The later ones start again under the new conditions.
  Point out(space.size());
  for (std::size_t k = 0; k < space.size(); ++k) {
    if (!space.is_active(k, out)) continue;
    const bool stands = turned && k <= i && point.active(k);
    out.set(k, stands ? point[k] : axis(k).at(0));
  }
  point = out;
  return turned;
}

}  // namespace dodona::common
