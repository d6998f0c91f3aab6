// SPDX-License-Identifier: Apache-2.0
//
// The limits of a study: bounds of metrics that a trial's result should keep. A trial that keeps all
// of them ranks before every one that does not; of those that do not, the one with the smaller
// violation ranks first. Kernel and oracles share this order.
//
//   const std::vector<dodona::Limit> limits = dodona::limits_of(context.study);
//   if (violation(limits, trial.excesses) == 0.0) ...   // the trial keeps them all
//
// Units:   an excess has the unit of its metric; a violation has none.
// Errors:  none but std::bad_alloc.
// Threads: pure functions.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
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

// The limits that a plugin is told when it is created; empty where its host knows none.
inline std::vector<Limit> limits_of(const dodona_study& study) {
  std::vector<Limit> out;
  if (!DODONA_KNOWS(&study, dodona_study, limit_count)) return out;
  for (std::uint64_t i = 0; i < study.limit_count; ++i) {
    const dodona_limit& limit = *study.limits[i];
    out.push_back({std::string(view(limit.metric)), limit.low, limit.high});
  }
  return out;
}

// By how much a value lies outside of the bounds: 0 or less where it keeps them. NaN for NaN.
inline double excess_of(const Limit& limit, double value) {
  if (std::isnan(value)) return value;
  double excess = -std::numeric_limits<double>::infinity();
  if (std::isfinite(limit.low)) excess = std::max(excess, limit.low - value);
  if (std::isfinite(limit.high)) excess = std::max(excess, value - limit.high);
  return excess;
}

// 0 for a result that keeps all limits. Else the sum of what lies outside, each as a share of its
// bound (of the larger one of two; of 1 for a bound of 0). Infinite where an excess is not known.
// `excesses` stand in the order of `limits`.
inline double violation(std::span<const Limit> limits, std::span<const double> excesses) {
  double sum = 0.0;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (i >= excesses.size() || std::isnan(excesses[i])) {
      return std::numeric_limits<double>::infinity();
    }
    if (excesses[i] <= 0.0) continue;
    double scale = 0.0;
    for (const double bound : {limits[i].low, limits[i].high}) {
      if (std::isfinite(bound)) scale = std::max(scale, std::abs(bound));
    }
    sum += excesses[i] / (scale > 0.0 ? scale : 1.0);
  }
  return sum;
}

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
