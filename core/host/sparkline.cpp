// SPDX-License-Identifier: Apache-2.0
#include "host/sparkline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace dodona::host {
namespace {

constexpr const char* kBlocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                   "\u2585", "\u2586", "\u2587", "\u2588"};
constexpr double kHighest = 7.0;

// The mean of the finite values; NaN without one.
double mean_of(std::span<const double> values) {
  double sum = 0.0;
  double count = 0.0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    count += 1.0;
  }
  return count > 0.0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::string sparkline(std::span<const double> values, std::size_t cells) {
  std::vector<double> heights;
  const std::size_t count = std::min(values.size(), cells);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * values.size() / count;
    const std::size_t end = (i + 1) * values.size() / count;
    heights.push_back(mean_of(values.subspan(begin, end - begin)));
  }
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double height : heights) {
    if (!std::isfinite(height)) continue;
    low = std::min(low, height);
    high = std::max(high, height);
  }
  std::string text;
  for (const double height : heights) {
    if (!std::isfinite(height)) {
      text += ' ';
    } else {
      const double share = high > low ? (height - low) / (high - low) : 0.0;
      text += kBlocks[static_cast<std::size_t>(std::lround(share * kHighest))];
    }
  }
  return text;
}

}  // namespace dodona::host
