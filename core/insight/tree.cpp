// SPDX-License-Identifier: Apache-2.0
#include "insight/tree.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dodona::insight {
namespace {

constexpr std::size_t kLeafMin = 2;
constexpr double kBelowAll = -2.0;
constexpr double kAboveAll = 3.0;

// The side of a box for a definition; a new one bounds nothing yet.
Tree::Side& side_of(std::vector<Tree::Side>& sides, std::uint32_t definition) {
  for (Tree::Side& side : sides) {
    if (side.definition == definition) return side;
  }
  return sides.emplace_back(Tree::Side{definition, kBelowAll, kAboveAll});
}

// Between two coordinates, and between two values where those can be counted.
double between(double low, double high, std::uint64_t count) {
  if (low == kAbsent) return 0.5 * kAbsent;
  const double middle = 0.5 * (low + high);
  if (count == 0) return middle;
  const double snapped =
      std::round(middle * static_cast<double>(count)) / static_cast<double>(count);
  return snapped > low && snapped <= high ? snapped : middle;
}

}  // namespace

Tree::Tree(const Space& space, const Observations& all, std::vector<std::size_t> places,
           RandomStream& random)
    : space_(&space), all_(&all) {
  DODONA_ASSERT(!places.empty());
  for (const Param& param : space.params()) {
    const bool bent = param.type == ParamType::kInt && param.sampling != Sampling::kLinear;
    counts_.push_back(bent && !param.step ? 0 : cardinality(param));
  }
  std::vector<Side> sides;
  grow(places, random, sides);
  space_ = nullptr;
  all_ = nullptr;
}

double Tree::predict(std::span<const double> units) const {
  const Node* node = nodes_.data();
  while (node->below != 0) {
    node = &nodes_[units[node->definition] < node->threshold ? node->below : node->above];
  }
  return node->value;
}

std::uint32_t Tree::grow(std::span<std::size_t> places, RandomStream& random,
                         std::vector<Side>& sides) {
  const auto at = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  double sum = 0.0;
  for (const std::size_t place : places) sum += all_->values[place];
  nodes_[at].value = sum / static_cast<double>(places.size());
  const Split split = places.size() < 2 * kLeafMin ? Split{} : best_split(places, random);
  if (!(split.gain > 0.0)) {
    leaves_.push_back({nodes_[at].value, sides});
    return at;
  }
  const auto middle = std::partition(places.begin(), places.end(), [&](std::size_t place) {
    return all_->unit(place, split.definition) < split.threshold;
  });
  const auto count = static_cast<std::size_t>(middle - places.begin());
  const std::vector<Side> before = sides;
  side_of(sides, split.definition).high = split.threshold;
  const std::uint32_t below = grow(places.first(count), random, sides);
  sides = before;
  side_of(sides, split.definition).low = split.threshold;
  const std::uint32_t above = grow(places.subspan(count), random, sides);
  sides = before;
  nodes_[at].definition = split.definition;
  nodes_[at].threshold = split.threshold;
  nodes_[at].below = below;
  nodes_[at].above = above;
  return at;
}

Tree::Split Tree::best_split(std::span<const std::size_t> places, RandomStream& random) {
  Split best;
  static constexpr double kTried = 0.7;  // of the definitions: trees that differ
  const std::size_t count = space_->size();
  for (std::uint32_t definition = 0; definition < count; ++definition) {
    if (random.uniform() < kTried) try_definition(places, definition, best);
  }
  for (std::uint32_t definition = 0; best.gain <= 0.0 && definition < count; ++definition) {
    try_definition(places, definition, best);
  }
  return best;
}

void Tree::try_definition(std::span<const std::size_t> places, std::uint32_t definition,
                          Split& best) {
  sorted_.clear();
  double total = 0.0;
  for (const std::size_t place : places) {
    sorted_.emplace_back(all_->unit(place, definition), all_->values[place]);
    total += all_->values[place];
  }
  std::sort(sorted_.begin(), sorted_.end());
  const auto n = static_cast<double>(sorted_.size());
  double below = 0.0;
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    below += sorted_[i - 1].second;
    if (i < kLeafMin || sorted_.size() - i < kLeafMin) continue;
    if (sorted_[i - 1].first == sorted_[i].first) continue;
    const auto left = static_cast<double>(i);
    const double difference = below / left - (total - below) / (n - left);
    const double gain = left * (n - left) / n * difference * difference;
    if (gain <= best.gain) continue;
    best = {gain, definition, between(sorted_[i - 1].first, sorted_[i].first, counts_[definition])};
  }
}

}  // namespace dodona::insight
