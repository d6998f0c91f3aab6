// SPDX-License-Identifier: Apache-2.0
#include "study/ranking.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <numeric>

namespace dodona::study {

Ranking ranking_of(std::span<const Place> places) {
  Ranking out;
  out.order.resize(places.size());
  std::iota(out.order.begin(), out.order.end(), std::size_t{0});
  std::stable_sort(out.order.begin(), out.order.end(),
                   [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
  return out;
}

Ranking ranking_of(PointRows values, std::span<const double> violations) {
  DODONA_ASSERT(values.size() == violations.size());
  Ranking out;
  out.order.resize(violations.size());
  std::iota(out.order.begin(), out.order.end(), std::size_t{0});
  std::stable_sort(out.order.begin(), out.order.end(),
                   [&](std::size_t a, std::size_t b) { return violations[a] < violations[b]; });
  const auto kept_end = std::find_if(out.order.begin(), out.order.end(),
                                     [&](std::size_t i) { return violations[i] > 0.0; });
  const std::vector<std::size_t> kept(out.order.begin(), kept_end);
  std::vector<double> points;
  for (const std::size_t i : kept) points.insert(points.end(), values[i].begin(), values[i].end());
  const FrontOrder fronts = front_order(PointRows(points, values.objectives()));
  out.ranks.resize(violations.size());
  std::size_t rank = 0;  // the next free one
  for (std::size_t i = 0; i < kept.size(); ++i) {
    out.order[i] = kept[fronts.order[i]];
    out.ranks[kept[i]] = fronts.ranks[i];
    rank = std::max(rank, fronts.ranks[i] + 1);
  }
  for (std::size_t i = kept.size(); i < out.order.size(); ++i) {
    const bool level = i > kept.size() && violations[out.order[i]] == violations[out.order[i - 1]];
    out.ranks[out.order[i]] = level ? rank - 1 : rank++;
  }
  return out;
}

}  // namespace dodona::study
