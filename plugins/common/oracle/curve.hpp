// SPDX-License-Identifier: Apache-2.0
//
// Facts about a trial's learning curve, for stoppers. Each execution has a curve of its own.
//
// Threads: pure functions.
#pragma once

#include <dodona/history.hpp>

#include <algorithm>
#include <cstdint>

namespace dodona::common {

// True if a trial ends at that step anyway: a stop would save nothing. `max_steps` is that of the
// study, 0 if it has none.
inline bool ends_at(const PastTrial& trial, std::uint64_t max_steps, std::uint64_t step) {
  const std::uint64_t end = trial.budget != 0 ? trial.budget : max_steps;
  return end != 0 && step >= end;
}

// The best objective of the execution of `report`, that report included. Its objective must not be
// NaN. Cost: O(reports of the trial). Only for a history that keeps reports.
inline double best_so_far(const PastTrial& trial, const dodona_reported_event& report) {
  double best = first_of(report.objectives);
  for (const PastReport& each : trial.reports) {
    if (each.execution == report.execution) best = std::min(best, each.objective);
  }
  return best;
}

}  // namespace dodona::common
