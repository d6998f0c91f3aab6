// SPDX-License-Identifier: Apache-2.0
//
// A conditional space as a mixture of plain ones.
//
// A context is one combination of values of the parents, the hyperparameters that conditions name.
// Within a context it is known which definitions are active, and all that are no parents are
// independent and uniform on the unit line. So the measure of a box, which no product gives on a
// conditional space, is a weighted sum of products.
//
// Threads: pure.
#pragma once

#include <dodona/space.hpp>

#include <cstddef>
#include <vector>

namespace dodona::insight {

struct Context {
  double weight = 0.0;  // all weights together are 1
  // By definition: kAbsent, the unit coordinate of a parent, or kFree.
  std::vector<double> units;

  bool active(std::size_t definition) const;
  // The share of the context that has the coordinate of a definition in [low, high).
  double measure(std::size_t definition, double low, double high) const;
};

// In place of a unit coordinate: any.
inline constexpr double kFree = 2.0;

// True for each definition on which another one depends.
std::vector<unsigned char> parents_of(const Space& space);

// All contexts where there are at most 256, else 512 that are drawn, with equal weights. Constraints
// are left out of account. The answer depends on the space alone.
// Cost: O(contexts * definitions).
std::vector<Context> contexts_of(const Space& space);

}  // namespace dodona::insight
