// SPDX-License-Identifier: Apache-2.0
//
// Several objectives at once: dominance, ranks of fronts, crowding and hypervolume.
//
// A point is a row of objectives, all to be minimised. Infinities are values like others. A NaN
// stands for no value and counts as +infinity.
//
// Source:  ranks: Zhang, Tian, Cheng & Jin (2015), IEEE Trans. Evol. Comput. 19:201-213 (ENS-BS), and
//          for two objectives the patience sort of the same; crowding: Deb et al. (2002), ibid.
//          6:182-197, III-B; hypervolume of four and more objectives: While, Bradstreet & Barone
//          (2012), ibid. 16:86-95 (WFG).
// Shapes:  n points of m objectives, row-major.
// Errors:  none but std::bad_alloc. Rows, fronts and references must be of one length.
// Threads: pure functions.
#pragma once

#include <dodona/visibility.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// Points of one length, in memory that belongs to someone else. A row is valid as long as that.
class PointRows {
 public:
  PointRows(std::span<const double> values, std::size_t objectives)
      : values_(values), objectives_(objectives) {}

  std::size_t size() const { return objectives_ == 0 ? 0 : values_.size() / objectives_; }
  std::size_t objectives() const { return objectives_; }
  std::span<const double> operator[](std::size_t row) const {
    return values_.subspan(row * objectives_, objectives_);
  }

 private:
  std::span<const double> values_;
  std::size_t objectives_;
};

namespace detail {

inline double known(double objective) {
  return std::isnan(objective) ? std::numeric_limits<double>::infinity() : objective;
}

}  // namespace detail

// True if `a` is nowhere worse than `b` and better somewhere. Cost: O(m).
inline bool dominates(std::span<const double> a, std::span<const double> b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = detail::known(a[i]);
    const double y = detail::known(b[i]);
    if (x > y) return false;
    better |= x < y;
  }
  return better;
}

namespace detail {

// The first of `fronts` of which no member dominates the point, or their number. A member of each
// earlier front dominates it, so that a binary search finds the front.
inline std::size_t front_of(const std::vector<std::vector<std::size_t>>& fronts, PointRows points,
                            std::size_t point) {
  const auto dominated = [&](const std::vector<std::size_t>& front) {
    return std::any_of(front.rbegin(), front.rend(),
                       [&](std::size_t other) { return dominates(points[other], points[point]); });
  };
  const auto found = std::partition_point(fronts.begin(), fronts.end(), dominated);
  return static_cast<std::size_t>(found - fronts.begin());
}

}  // namespace detail

// The front of each point: 0 for those that none dominates, 1 for those that only members of front 0
// dominate, and so on. Equal points are of one front. Cost: O(n log n) for two objectives, else at
// most O(m n^2).
inline std::vector<std::size_t> front_ranks(PointRows points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare(
        points[a].begin(), points[a].end(), points[b].begin(), points[b].end(),
        [](double x, double y) { return detail::known(x) < detail::known(y); });
  });
  std::vector<std::size_t> ranks(points.size());
  if (points.objectives() == 2) {
    // The points come by rising first objective. A front dominates the next point exactly if its
    // last member does, which has the lowest second objective of the front.
    std::vector<std::size_t> lasts;
    for (const std::size_t point : order) {
      const auto front = std::partition_point(lasts.begin(), lasts.end(), [&](std::size_t last) {
        return dominates(points[last], points[point]);
      });
      ranks[point] = static_cast<std::size_t>(front - lasts.begin());
      if (front == lasts.end()) {
        lasts.push_back(point);
      } else {
        *front = point;
      }
    }
    return ranks;
  }
  std::vector<std::vector<std::size_t>> fronts;
  for (const std::size_t point : order) {
    ranks[point] = detail::front_of(fronts, points, point);
    if (ranks[point] == fronts.size()) fronts.emplace_back();
    fronts[ranks[point]].push_back(point);
  }
  return ranks;
}

// The crowding distance of each member of a front: the sum over objectives of the gap between its
// neighbours, as a share of the front's finite range. Infinite for the ends of an objective. An
// objective without a finite range counts nothing. `front` holds rows of `points`; the answer stands
// in its order. Cost: O(m k log k) for k members.
inline std::vector<double> crowding_distances(PointRows points,
                                              std::span<const std::size_t> front) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> distances(front.size(), 0.0);
  std::vector<std::size_t> order(front.size());
  for (std::size_t m = 0; m < points.objectives(); ++m) {
    const auto value = [&](std::size_t i) { return detail::known(points[front[i]][m]); };
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
    if (order.empty()) continue;
    distances[order.front()] = distances[order.back()] = infinity;
    const double range = value(order.back()) - value(order.front());
    if (!(range > 0.0) || !std::isfinite(range)) continue;
    for (std::size_t i = 1; i + 1 < order.size(); ++i) {
      distances[order[i]] += (value(order[i + 1]) - value(order[i - 1])) / range;
    }
  }
  return distances;
}

// Points by front, and in a front those first that have more room around them; then as they stand.
struct FrontOrder {
  std::vector<std::size_t> ranks;  // of each point
  std::vector<std::size_t> order;  // of all points, the best one first
};

// Cost: that of front_ranks, and of crowding_distances for each front.
inline FrontOrder front_order(PointRows points) {
  FrontOrder out{front_ranks(points), {}};
  std::vector<std::vector<std::size_t>> fronts;
  for (std::size_t i = 0; i < out.ranks.size(); ++i) {
    if (out.ranks[i] >= fronts.size()) fronts.resize(out.ranks[i] + 1);
    fronts[out.ranks[i]].push_back(i);
  }
  for (const std::vector<std::size_t>& front : fronts) {
    const std::vector<double> room = crowding_distances(points, front);
    std::vector<std::size_t> order(front.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return room[a] > room[b]; });
    for (const std::size_t i : order) out.order.push_back(front[i]);
  }
  return out;
}

namespace detail {

using Row = std::vector<double>;

// The volume between a point and the reference; 0 if the point is not better everywhere.
inline double box(const Row& point, std::span<const double> reference) {
  double volume = 1.0;
  for (std::size_t m = 0; m < point.size(); ++m) {
    volume *= std::max(0.0, reference[m] - point[m]);
  }
  return volume;
}

// Points by rising first objective, and of equal ones the best: a sweep over the second.
inline double hypervolume_2(std::vector<Row>& points, std::span<const double> reference) {
  std::sort(points.begin(), points.end());
  double volume = 0.0;
  double bound = reference[1];
  for (const Row& point : points) {
    if (!(point[1] < bound)) continue;
    volume += (reference[0] - point[0]) * (bound - point[1]);
    bound = point[1];
  }
  return volume;
}

// A sweep by rising third objective over the area that the points so far dominate, whose corners
// stand in `corners` by rising first and falling second objective.
inline double hypervolume_3(std::vector<Row>& points, std::span<const double> reference) {
  std::sort(points.begin(), points.end(), [](const Row& a, const Row& b) { return a[2] < b[2]; });
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::set<std::pair<double, double>> corners{{-infinity, reference[1]}, {reference[0], -infinity}};
  double area = 0.0;
  double volume = 0.0;
  double level = 0.0;  // of the third objective, up to which the volume is counted
  for (const Row& point : points) {
    const auto after = corners.lower_bound({point[0], -infinity});
    const auto before = std::prev(after);
    if (before->second <= point[1] || (after->first == point[0] && after->second <= point[1])) {
      continue;  // dominated by what came before
    }
    volume += area * (point[2] - level);
    level = point[2];
    // The new area lies below the second objectives of the corners from `before` on.
    double left = point[0];
    double top = before->second;
    auto next = after;
    while (next->second >= point[1]) {
      area += (next->first - left) * (top - point[1]);
      left = next->first;
      top = next->second;
      next = corners.erase(next);
    }
    area += (next->first - left) * (top - point[1]);
    corners.insert({point[0], point[1]});
  }
  return volume + area * (reference[2] - level);
}

inline double hypervolume_of(std::vector<Row> points, std::span<const double> reference);

// The sum of what each point adds to those after it.
inline double hypervolume_many(std::vector<Row>& points, std::span<const double> reference) {
  // With the worst values of the last objective first, the rests that follow are small.
  std::sort(points.begin(), points.end(),
            [](const Row& a, const Row& b) { return a.back() > b.back(); });
  double volume = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<Row> limited;
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      Row row = points[j];
      for (std::size_t m = 0; m < row.size(); ++m) row[m] = std::max(row[m], points[i][m]);
      const auto beaten = [&](const Row& other) { return other == row || dominates(other, row); };
      if (std::any_of(limited.begin(), limited.end(), beaten)) continue;
      std::erase_if(limited, [&](const Row& other) { return dominates(row, other); });
      limited.push_back(std::move(row));
    }
    volume += box(points[i], reference) - hypervolume_of(std::move(limited), reference);
  }
  return volume;
}

inline double hypervolume_of(std::vector<Row> points, std::span<const double> reference) {
  if (points.empty()) return 0.0;
  switch (reference.size()) {
    case 1:
      return reference[0] - (*std::min_element(points.begin(), points.end()))[0];
    case 2:
      return hypervolume_2(points, reference);
    case 3:
      return hypervolume_3(points, reference);
    default:
      return hypervolume_many(points, reference);
  }
}

}  // namespace detail

// The volume that the points dominate below a reference point, which is finite; so must be all that
// is better than it. Points that are not
// better than it in every objective add nothing. Cost: O(n log n) for up to three objectives; beyond,
// it grows exponentially with their number.
inline double hypervolume(PointRows points, std::span<const double> reference) {
  std::vector<detail::Row> better;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::span<const double> row = points[i];
    bool inside = true;
    for (std::size_t m = 0; m < row.size(); ++m) inside &= detail::known(row[m]) < reference[m];
    if (inside) better.emplace_back(row.begin(), row.end());
  }
  return detail::hypervolume_of(std::move(better), reference);
}

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
