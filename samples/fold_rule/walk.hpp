// SPDX-License-Identifier: Apache-2.0
//
// A step of a random walk through a space.
#pragma once

#include <dodona/space.hpp>

// A point next to another one. A hyperparameter that is not active at `from` gets any value.
template <class Uniform>
dodona::Point next_to(const dodona::Space& space, const dodona::Point& from, Uniform uniform) {
  dodona::Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const dodona::Param& param = space.params()[i];
    double u = uniform();  // drawn in any case, so that the others keep their numbers
    if (!space.is_active(i, point)) continue;
    if (from.active(i)) u = to_unit(param, from[i]) + 0.2 * (u - 0.5);
    point.set(i, from_unit(param, u));
  }
  return point;
}

// The neighbour of a point: the first one next to it that keeps the constraints of the space, or the
// last of many if none does.
template <class Uniform>
dodona::Point neighbour(const dodona::Space& space, const dodona::Point& from, Uniform uniform) {
  dodona::Point point = next_to(space, from, uniform);
  for (int draw = 1; draw < 1000 && !space.is_feasible(point); ++draw) {
    point = next_to(space, from, uniform);
  }
  return point;
}
