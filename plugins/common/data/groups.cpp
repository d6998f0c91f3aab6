// SPDX-License-Identifier: Apache-2.0
#include "common/data/groups.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <utility>

namespace dodona::common {
namespace {

// The numbers of rows of each class.
using Counts = std::map<std::int64_t, double>;

struct Part {
  double share = 0;
  double rows = 0;
  Counts counts{};
};

// By how much a group in the part makes the parts less even: a sum over classes of squares of
// (rows of the class in the part / rows of the class) / share.
double unevenness(const Part& part, const Counts& group, const Counts& all) {
  double sum = 0;
  for (const auto& [kind, count] : group) {
    const auto found = part.counts.find(kind);
    const double before = found == part.counts.end() ? 0 : found->second;
    const double whole = all.at(kind);
    sum += (2 * before + count) * count / (whole * whole);
  }
  return sum / part.share;
}

}  // namespace

std::vector<std::uint32_t> deal_groups(const std::vector<std::uint64_t>& groups,
                                       const std::vector<std::int64_t>& classes,
                                       const std::vector<double>& shares, RandomStream& random) {
  Counts all;
  std::vector<Counts> counts;  // of each group
  std::vector<double> sizes;
  for (std::size_t row = 0; row < groups.size(); ++row) {
    const auto group = static_cast<std::size_t>(groups[row]);
    if (group >= counts.size()) counts.resize(group + 1);
    if (group >= sizes.size()) sizes.resize(group + 1);
    const std::int64_t kind = classes.empty() ? 0 : classes[row];
    counts[group][kind] += 1;
    all[kind] += 1;
    sizes[group] += 1;
  }
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  std::vector<Part> parts;
  for (const double share : shares) parts.push_back({.share = share});
  std::vector<std::uint32_t> part_of(counts.size());
  for (const std::size_t group : order) {
    const auto rank = [&](const Part& part) {
      return std::pair(unevenness(part, counts[group], all), part.rows / part.share);
    };
    const auto best =
        std::min_element(parts.begin(), parts.end(),
                         [&](const Part& a, const Part& b) { return rank(a) < rank(b); });
    part_of[group] = static_cast<std::uint32_t>(best - parts.begin());
    best->rows += sizes[group];
    for (const auto& [kind, count] : counts[group]) best->counts[kind] += count;
  }
  std::vector<std::uint32_t> out;
  for (const std::uint64_t group : groups) out.push_back(part_of[static_cast<std::size_t>(group)]);
  return out;
}

}  // namespace dodona::common
