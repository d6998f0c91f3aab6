// SPDX-License-Identifier: Apache-2.0
#include "insight/functional_anova.hpp"

#include "base/assert.hpp"
#include "insight/contexts.hpp"
#include "insight/tree.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <future>
#include <numeric>
#include <thread>
#include <utility>

namespace dodona::insight {
namespace {

constexpr std::size_t kSplits = 16;
constexpr std::size_t kStages = 3;
constexpr std::size_t kTrees = 6;  // of each stage of each half
constexpr std::size_t kObservationsMax = 1000;
constexpr std::size_t kPoints = 4096;
constexpr std::uint64_t kSeed = 0x616E6F76;  // of no importance, but always the same
constexpr double kFew = 20.0;                // trials

// A function of one coordinate that is constant between steps.
class StepFunction {
 public:
  void add(double low, double high, double value) {
    low = std::max(low, 0.0);
    high = std::min(high, 1.0);
    if (!(low < high)) return;
    steps_.emplace_back(low, value);
    steps_.emplace_back(high, -value);
  }
  void finish() { std::sort(steps_.begin(), steps_.end()); }

  // The covariance of two of them over [0, 1].
  static double covariance(const StepFunction& a, const StepFunction& b) {
    double mean_a = 0.0, mean_b = 0.0, product = 0.0, value_a = 0.0, value_b = 0.0, at = 0.0;
    std::size_t i = 0, j = 0;
    while (i < a.steps_.size() || j < b.steps_.size()) {
      const double next = std::min(i < a.steps_.size() ? a.steps_[i].first : 1.0,
                                   j < b.steps_.size() ? b.steps_[j].first : 1.0);
      mean_a += (next - at) * value_a;
      mean_b += (next - at) * value_b;
      product += (next - at) * value_a * value_b;
      at = next;
      while (i < a.steps_.size() && a.steps_[i].first <= at) value_a += a.steps_[i++].second;
      while (j < b.steps_.size() && b.steps_[j].first <= at) value_b += b.steps_[j++].second;
    }
    return product - mean_a * mean_b;
  }

 private:
  std::vector<std::pair<double, double>> steps_;
};

// The effects of one half's forest: of free definitions as functions of the coordinate, of parents
// through the means of the contexts.
struct Effects {
  std::vector<StepFunction> free;
  std::vector<double> means;  // by context
};

class Decomposition {
 public:
  explicit Decomposition(const Space& space)
      : space_(space), contexts_(contexts_of(space)), parents_(parents_of(space)) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      double active = 0.0;
      for (const Context& context : contexts_) active += context.active(i) ? context.weight : 0.0;
      active_.push_back(active);
    }
    draw_points();
  }

  Effects effects_of(const std::vector<Tree>& trees) const {
    Effects effects{std::vector<StepFunction>(space_.size()),
                    std::vector<double>(contexts_.size(), 0.0)};
    const double scale = 1.0 / kTrees;
    for (const Tree& tree : trees) {
      for (const Tree::Leaf& leaf : tree.leaves()) add(leaf, scale * leaf.value, effects);
    }
    for (StepFunction& function : effects.free) function.finish();
    return effects;
  }

  // The product of two halves in place of the variance that comes from a definition alone.
  double variance(std::size_t i, const Effects& a, const Effects& b) const {
    if (!(active_[i] > 0.0)) return 0.0;
    if (parents_[i] == 0) {
      return active_[i] * StepFunction::covariance(a.free[i], b.free[i]);
    }
    struct Group {
      double unit, weight = 0.0, a = 0.0, b = 0.0;
    };
    std::vector<Group> groups;
    for (std::size_t c = 0; c < contexts_.size(); ++c) {
      const double unit = contexts_[c].units[i];
      if (unit == kAbsent) continue;
      auto group = std::find_if(groups.begin(), groups.end(),
                                [unit](const Group& each) { return each.unit == unit; });
      if (group == groups.end()) group = groups.insert(group, Group{unit});
      group->weight += contexts_[c].weight;
      group->a += contexts_[c].weight * a.means[c];
      group->b += contexts_[c].weight * b.means[c];
    }
    double mean_a = 0.0, mean_b = 0.0, product = 0.0;
    for (const Group& group : groups) {
      mean_a += group.a / active_[i];
      mean_b += group.b / active_[i];
      product += group.a * group.b / group.weight / active_[i];
    }
    return active_[i] * (product - mean_a * mean_b);
  }

  // The same of all of them, together with what values have together.
  double total(const std::vector<Tree>& a, const std::vector<Tree>& b) const {
    double mean_a = 0.0, mean_b = 0.0, product = 0.0;
    for (const std::vector<double>& point : points_) {
      const double value_a = predict(a, point);
      const double value_b = predict(b, point);
      mean_a += value_a / kPoints;
      mean_b += value_b / kPoints;
      product += value_a * value_b / kPoints;
    }
    return product - mean_a * mean_b;
  }

  static double predict(std::span<const Tree> trees, std::span<const double> units) {
    double sum = 0.0;
    for (const Tree& tree : trees) sum += tree.predict(units);
    return sum / kTrees;
  }

 private:
  void draw_points() {
    for (std::size_t n = 0; n < kPoints; ++n) {
      RandomStream random(kSeed, n, Purpose::kStudySeed, 1);
      Point point(space_.size());
      for (std::size_t i = 0; i < space_.size(); ++i) {
        const double u = random.uniform();
        if (space_.is_active(i, point)) point.set(i, from_unit(space_.params()[i], u));
      }
      points_.push_back(units_of(space_, point));
    }
  }

  // Sides that a leaf does not bound would add a constant, which no covariance sees.
  void add(const Tree::Leaf& leaf, double value, Effects& effects) const {
    std::vector<double> weights(leaf.sides.size(), 0.0);
    for (std::size_t c = 0; c < contexts_.size(); ++c) {
      const Context& context = contexts_[c];
      double volume = 1.0;
      for (const Tree::Side& side : leaf.sides) {
        volume *= context.measure(side.definition, side.low, side.high);
      }
      if (volume == 0.0) continue;
      effects.means[c] += volume * value;
      for (std::size_t s = 0; s < leaf.sides.size(); ++s) {
        const Tree::Side& side = leaf.sides[s];
        if (context.units[side.definition] != kFree) continue;
        const double own = context.measure(side.definition, side.low, side.high);
        weights[s] += context.weight * volume / own;
      }
    }
    for (std::size_t s = 0; s < leaf.sides.size(); ++s) {
      const Tree::Side& side = leaf.sides[s];
      if (weights[s] == 0.0) continue;
      effects.free[side.definition].add(side.low, side.high,
                                        value * weights[s] / active_[side.definition]);
    }
  }

  const Space& space_;
  const std::vector<Context> contexts_;
  const std::vector<unsigned char> parents_;
  std::vector<double> active_;               // by definition: how often it is
  std::vector<std::vector<double>> points_;  // of the whole space
};

std::vector<std::size_t> shuffled(std::size_t count, RandomStream& random) {
  std::vector<std::size_t> places(count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(places[i - 1], places[random.below(i)]);
  return places;
}

// Trees of which each stage predicts what those before it leave over, by their predictions for
// observations that they have not seen. A forest alone hides small effects behind large ones.
std::vector<Tree> grow(const Space& space, Observations all, std::span<const std::size_t> half,
                       RandomStream& random) {
  std::vector<Tree> trees;
  std::vector<double> sums(all.size());
  std::vector<double> counts(all.size());
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    std::fill(sums.begin(), sums.end(), 0.0);
    std::fill(counts.begin(), counts.end(), 0.0);
    for (std::size_t t = 0; t < kTrees; ++t) {
      std::vector<std::size_t> sample;
      std::vector<unsigned char> seen(all.size(), 0);
      for (std::size_t i = 0; i < half.size(); ++i) {
        sample.push_back(half[random.below(half.size())]);
        seen[sample.back()] = 1;
      }
      const Tree& tree = trees.emplace_back(space, all, std::move(sample), random);
      for (const std::size_t place : half) {
        if (seen[place] != 0) continue;
        sums[place] += tree.predict(all.row(place));
        counts[place] += 1.0;
      }
    }
    for (const std::size_t place : half) {
      if (counts[place] > 0.0) all.values[place] -= sums[place] / counts[place];
    }
  }
  return trees;
}

// The share of the differences between `places` that the first stage, of others, predicts; negative
// where it predicts worse than the mean.
double predicted(const std::vector<Tree>& trees, const Observations& all,
                 std::span<const std::size_t> places) {
  const auto first = std::span(trees).first(kTrees);
  double mean = 0.0, squares = 0.0, errors = 0.0;
  for (const std::size_t place : places)
    mean += all.values[place] / static_cast<double>(places.size());
  for (const std::size_t place : places) {
    const double error = all.values[place] - Decomposition::predict(first, all.row(place));
    squares += (all.values[place] - mean) * (all.values[place] - mean);
    errors += error * error;
  }
  return squares > 0.0 ? 1.0 - errors / squares : 0.0;
}

// The ratio of means of two series over the splits, by `trials` where a definition is active.
Estimated ratio(const std::vector<double>& parts, const std::vector<double>& totals,
                std::size_t trials) {
  const auto n = static_cast<double>(parts.size());
  const double total = std::accumulate(totals.begin(), totals.end(), 0.0) / n;
  if (!(total > 0.0)) return {0.0, 0.0, 1.0};
  const double share = std::accumulate(parts.begin(), parts.end(), 0.0) / n / total;
  double squares = 0.0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double residual = (parts[i] - share * totals[i]) / total;
    squares += residual * residual / (n - 1);
  }
  // The splits see the same trials, and few trials hide what they do not show. The factor gives nine
  // of ten on the functions of the test.
  const double reach = std::sqrt(squares) * (1.0 + kFew / static_cast<double>(trials));
  const auto within = [](double value) { return std::clamp(value, 0.0, 1.0); };
  return {within(share), within(share - reach), within(share + reach)};
}

// Calls `work` for 0 to count - 1, in any order and on several threads. Throws what one of them threw.
template <class Work>
void on_all_processors(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::future<void>> others;
  for (unsigned i = 1; i < std::min(std::thread::hardware_concurrency(), 8U); ++i) {
    others.push_back(std::async(std::launch::async, take));
  }
  take();
  for (std::future<void>& other : others) other.get();
}

}  // namespace

Shares functional_anova(const Space& space, const Observations& given) {
  DODONA_ASSERT(given.size() >= kSharesMin && given.dimensions == space.size());
  RandomStream choice(kSeed, 0, Purpose::kStudySeed);
  std::vector<std::size_t> chosen = shuffled(given.size(), choice);
  chosen.resize(std::min(chosen.size(), kObservationsMax));
  const Observations all = part_of(given, chosen);
  const Decomposition decomposition(space);
  std::vector<std::vector<double>> parts(space.size(), std::vector<double>(kSplits));
  std::vector<double> totals(kSplits);
  std::vector<double> explained(kSplits);
  on_all_processors(kSplits, [&](std::size_t split) {
    RandomStream random(kSeed, split + 1, Purpose::kStudySeed);
    const std::vector<std::size_t> places = shuffled(all.size(), random);
    const auto first = std::span(places).first(places.size() / 2);
    const auto second = std::span(places).subspan(places.size() / 2);
    const std::vector<Tree> a = grow(space, all, first, random);
    const std::vector<Tree> b = grow(space, all, second, random);
    const Effects of_a = decomposition.effects_of(a);
    const Effects of_b = decomposition.effects_of(b);
    for (std::size_t i = 0; i < space.size(); ++i) {
      parts[i][split] = decomposition.variance(i, of_a, of_b);
    }
    totals[split] = decomposition.total(a, b);
    explained[split] = (predicted(a, all, second) + predicted(b, all, first)) / (2 * kSplits);
  });
  Shares shares;
  shares.explained = std::accumulate(explained.begin(), explained.end(), 0.0);
  shares.explained = std::clamp(shares.explained, 0.0, 1.0);
  for (std::size_t i = 0; i < space.size(); ++i) {
    std::size_t active = 0;
    for (std::size_t n = 0; n < all.size(); ++n) active += all.unit(n, i) != kAbsent ? 1U : 0U;
    shares.definitions.push_back(ratio(parts[i], totals, std::max<std::size_t>(active, 1)));
  }
  return shares;
}

}  // namespace dodona::insight
