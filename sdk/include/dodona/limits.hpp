// SPDX-License-Identifier: Apache-2.0
//
// The limits of a study: bounds of metrics that a trial's result should keep. A trial that keeps all
// of them ranks before every one that does not; of those that do not, the one with the smaller
// violation ranks first. Kernel and oracles share this order.
//
//   if (violation(trial.excesses, limits) == 0.0) ...   // the trial keeps all limits
//
// An excess says by how much a value lies outside of its bounds, as a share of the bound: of the
// larger one of two, and of 1 where that is 0. It is 0 or less where the bounds are kept, and NaN
// for a value that is NaN or not there.
//
// Errors:  none but std::bad_alloc.
// Threads: pure functions.
#pragma once

#include <dodona/visibility.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// Bounds of a metric, included; infinite where there is none.
struct Limit {
  std::string metric;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  friend bool operator==(const Limit&, const Limit&) = default;
};

inline double excess_of(const Limit& limit, double value) {
  if (std::isnan(value)) return value;
  double excess = -std::numeric_limits<double>::infinity();
  double scale = 0.0;
  if (std::isfinite(limit.low)) {
    excess = limit.low - value;
    scale = std::abs(limit.low);
  }
  if (std::isfinite(limit.high)) {
    excess = std::max(excess, value - limit.high);
    scale = std::max(scale, std::abs(limit.high));
  }
  return excess / (scale > 0.0 ? scale : 1.0);
}

// The distance of a result from keeping all limits of a study that has so many: 0 where it keeps
// them, else the sum of what lies outside. Infinite where an excess is not known.
inline double violation(std::span<const double> excesses, std::size_t limits) {
  if (excesses.size() < limits) return std::numeric_limits<double>::infinity();
  double sum = 0.0;
  for (const double excess : excesses.first(limits)) {
    if (std::isnan(excess)) return std::numeric_limits<double>::infinity();
    sum += std::max(0.0, excess);
  }
  return sum;
}

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
