// SPDX-License-Identifier: Apache-2.0
#include "common/search/front_choice.hpp"

#include "common/search/assert.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dodona::common {

namespace {

constexpr double kBeyond = 1.1;  // the reference, where the values of a front span [0, 1]

// The values as shares of each objective's range. Others than finite ones lie at the reference.
std::vector<double> scaled(dodona::PointRows front) {
  std::vector<double> out(front.size() * front.objectives(), kBeyond);
  for (std::size_t m = 0; m < front.objectives(); ++m) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = 0; i < front.size(); ++i) {
      if (!std::isfinite(front[i][m])) continue;
      low = std::min(low, front[i][m]);
      high = std::max(high, front[i][m]);
    }
    const double range = high > low ? high - low : 1.0;
    for (std::size_t i = 0; i < front.size(); ++i) {
      double& value = out[i * front.objectives() + m];
      if (std::isfinite(front[i][m])) value = (front[i][m] - low) / range;
      if (front[i][m] == -std::numeric_limits<double>::infinity()) value = 0.0;
    }
  }
  return out;
}

// The volume that a point adds to those taken, of whose front it is.
double added(dodona::PointRows rows, std::span<const std::size_t> taken, std::size_t point) {
  const std::span<const double> own = rows[point];
  if (rows.objectives() == 2) {
    double right = kBeyond, top = kBeyond;
    for (const std::size_t other : taken) {
      if (rows[other][0] > own[0]) {
        right = std::min(right, rows[other][0]);
      } else {
        top = std::min(top, rows[other][1]);
      }
    }
    return std::max(0.0, right - own[0]) * std::max(0.0, top - own[1]);
  }
  const std::vector<double> reference(rows.objectives(), kBeyond);
  std::vector<double> shared;
  for (const std::size_t other : taken) {
    for (std::size_t m = 0; m < own.size(); ++m) {
      shared.push_back(std::max(own[m], rows[other][m]));
    }
  }
  return hypervolume({own, own.size()}, reference) - hypervolume({shared, own.size()}, reference);
}

}  // namespace

std::vector<std::size_t> spread_of(dodona::PointRows front, std::size_t count) {
  const std::vector<double> values = scaled(front);
  const dodona::PointRows rows(values, front.objectives());
  std::vector<std::size_t> taken;
  std::vector<std::size_t> left;
  std::vector<double> bounds;  // what each one added when it was looked at last
  for (std::size_t i = 0; i < rows.size(); ++i) {
    left.push_back(i);
    bounds.push_back(added(rows, taken, i));
  }
  while (taken.size() < count && !left.empty()) {
    std::size_t best = left.size();
    double most = -1.0;
    // By falling bound: no later one can add more than one that adds as much as its bound.
    std::stable_sort(left.begin(), left.end(),
                     [&](std::size_t a, std::size_t b) { return bounds[a] > bounds[b]; });
    for (std::size_t k = 0; k < left.size() && bounds[left[k]] > most; ++k) {
      const double here = bounds[left[k]] = added(rows, taken, left[k]);
      if (here > most) most = here, best = k;
    }
    DODONA_ASSERT(best < left.size());
    taken.push_back(left[best]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return taken;
}

std::vector<std::size_t> best_of(std::span<const Standing* const> standings, std::size_t count) {
  const std::vector<std::size_t> ranks = ranks_of(standings);
  std::vector<std::vector<std::size_t>> fronts;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i] >= fronts.size()) fronts.resize(ranks[i] + 1);
    fronts[ranks[i]].push_back(i);
  }
  std::vector<std::size_t> out;
  for (const std::vector<std::size_t>& front : fronts) {
    if (out.size() + front.size() <= count) {
      out.insert(out.end(), front.begin(), front.end());
      continue;
    }
    std::vector<double> rows;
    for (const std::size_t i : front) {
      rows.insert(rows.end(), standings[i]->objectives.begin(), standings[i]->objectives.end());
    }
    const dodona::PointRows points(rows, standings[front.front()]->objectives.size());
    for (const std::size_t i : spread_of(points, count - out.size())) out.push_back(front[i]);
    break;
  }
  return out;
}

}  // namespace dodona::common
