// SPDX-License-Identifier: Apache-2.0
//
// Observations of functions whose shares are known.
#pragma once

#include "insight/observations.hpp"
#include "support/params.hpp"

#include <dodona/random.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace dodona::support {

// f(units of a uniform point, a number from -0.5 to 0.5 that is noise).
using Function = std::function<double(const std::vector<double>& units, double noise)>;

inline insight::Observations samples_of(const Space& space, std::size_t count, std::uint64_t seed,
                                        const Function& f) {
  insight::Observations all;
  all.dimensions = space.size();
  for (std::size_t n = 0; n < count; ++n) {
    RandomStream random(seed, n, Purpose::kProposal);
    Point point(space.size());
    for (std::size_t i = 0; i < space.size(); ++i) {
      const double u = random.uniform();
      if (space.is_active(i, point)) point.set(i, from_unit(space.params()[i], u));
    }
    const std::vector<double> units = insight::units_of(space, point);
    all.trials.push_back(n);
    all.values.push_back(f(units, random.uniform() - 0.5));
    all.units.insert(all.units.end(), units.begin(), units.end());
  }
  return all;
}

// Five numbers, x0 to x4.
inline Space five() {
  Space space;
  for (const char* name : {"x0", "x1", "x2", "x3", "x4"}) space.add(real(name, 0, 1));
  return space;
}

// A choice of a, b and c; a number that is there under a; and one that always is.
inline Space conditional() {
  Space space;
  space.add(choice("optimizer", {text("a"), text("b"), text("c")}));
  space.add(real("momentum", 0, 1, {{"optimizer", {text("a")}}}));
  space.add(real("lr", 0, 1));
  return space;
}

}  // namespace dodona::support
