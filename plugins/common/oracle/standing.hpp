// SPDX-License-Identifier: Apache-2.0
//
// The order of results that oracles share with the kernel: first by how far a result is from
// keeping the study's limits, then by the front that it is of.
//
// A result without objectives (its trial failed) is infinitely far, and counts as data: a search by
// this order leaves the regions that fail.
//
// Threads: pure functions.
#pragma once

#include <dodona/history.hpp>
#include <dodona/limits.hpp>
#include <dodona/pareto.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace dodona::common {

struct Standing {
  double violation = std::numeric_limits<double>::infinity();  // 0: it keeps all limits
  std::vector<double> objectives;  // of one length; +infinity where there is none
};

// The standing of a trial, or of an imported one, in a study with so many limits and objectives.
template <class Trial>
Standing standing_of(const Trial& trial, std::size_t limits, std::size_t objectives) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Standing out{infinity, std::vector<double>(objectives, infinity)};
  const auto& given = trial.objectives;
  const auto is_known = [](double each) { return !std::isnan(each); };
  if (given.size() != objectives || !std::all_of(given.begin(), given.end(), is_known)) return out;
  out.violation = violation(trial.excesses, limits);
  out.objectives = given;
  return out;
}

// True if `a` comes before `b` whatever other results there are.
inline bool precedes(const Standing& a, const Standing& b) {
  return a.violation != b.violation ? a.violation < b.violation
                                    : dominates(a.objectives, b.objectives);
}

// The rank of each: those that keep all limits by their fronts, then the others by violation, and
// by fronts where that is the same. Cost: as of front_ranks.
inline std::vector<std::size_t> ranks_of(std::span<const Standing* const> standings) {
  std::vector<std::size_t> order(standings.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return standings[a]->violation < standings[b]->violation;
  });
  std::vector<std::size_t> ranks(standings.size());
  std::vector<double> rows;
  std::size_t base = 0;
  for (std::size_t from = 0, to = 0; from < order.size(); from = to) {
    rows.clear();
    const double violation = standings[order[from]]->violation;
    for (; to < order.size() && standings[order[to]]->violation == violation; ++to) {
      const std::vector<double>& row = standings[order[to]]->objectives;
      rows.insert(rows.end(), row.begin(), row.end());
    }
    const std::vector<std::size_t> fronts =
        front_ranks({rows, standings[order[from]]->objectives.size()});
    std::size_t last = 0;
    for (std::size_t i = from; i < to; ++i) {
      ranks[order[i]] = base + fronts[i - from];
      last = std::max(last, fronts[i - from]);
    }
    base += last + 1;
  }
  return ranks;
}

}  // namespace dodona::common
