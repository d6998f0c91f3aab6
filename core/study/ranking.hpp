// SPDX-License-Identifier: Apache-2.0
//
// The order of trials: those that keep all limits first, then by objectives.
//
// Threads: pure functions.
// Cost:    O(n log n) for one and two objectives, else that of dodona/pareto.hpp.
#pragma once

#include "study/state.hpp"

#include <dodona/pareto.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace dodona::study {

struct Ranking {
  // Of several objectives, for each result its front among those that keep all limits. The others
  // have the ranks after these, by their violation. Of one objective empty.
  std::vector<std::size_t> ranks;
  // Places of the results, best first. Ties stand as they came; of one front, those first that have
  // much room around them.
  std::vector<std::size_t> order;
};

// Of one objective.
Ranking ranking_of(std::span<const Place> places);

// Of several. `values` are signed objectives, a row each; `violations` say how far each is from keeping all
// limits, 0 where it does.
Ranking ranking_of(PointRows values, std::span<const double> violations);

}  // namespace dodona::study
