// SPDX-License-Identifier: Apache-2.0
#include "insight/ped_anova.hpp"

#include "base/assert.hpp"
#include "insight/contexts.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

namespace dodona::insight {
namespace {

constexpr std::size_t kBest = 10;  // a tenth
constexpr std::size_t kBestMin = 5;
constexpr std::size_t kBins = 64;
constexpr std::size_t kBinsCounted = 32;  // values up to so many have a bin each
constexpr std::size_t kRandom = 16;
constexpr std::size_t kResamples = 40;
constexpr std::uint64_t kSeed = 0x70656461;  // of no importance, but always the same

// The length of the bins that hold the middle half.
double middle_half(const std::vector<double>& histogram, double count) {
  double below = 0.0;
  double low = -1.0;
  const auto bins = static_cast<double>(histogram.size());
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    below += histogram[i];
    if (low < 0.0 && below >= 0.25 * count) low = static_cast<double>(i);
    if (below >= 0.75 * count) return (static_cast<double>(i) + 1.0 - low) / bins;
  }
  return 1.0;
}

// The shares of bins, smoothed: counted values by half an observation each, others by a kernel.
std::vector<double> density(std::span<const double> units, std::uint64_t count) {
  const bool counted = count > 0 && count <= kBinsCounted;
  const std::size_t bins = counted ? static_cast<std::size_t>(count) : kBins;
  std::vector<double> histogram(bins, counted ? 0.5 : 0.0);
  double mean = 0.0, squares = 0.0;
  const auto n = static_cast<double>(units.size());
  for (const double unit : units) {
    const auto bin = static_cast<std::size_t>(unit * static_cast<double>(bins));
    histogram[std::min(bin, bins - 1)] += 1.0;
    mean += unit / n;
  }
  for (const double unit : units) squares += (unit - mean) * (unit - mean) / n;
  std::vector<double> smooth = histogram;
  if (!counted) {
    // Silverman's rule; what the kernel puts beyond an end comes back from there.
    const double spread = std::min(std::sqrt(squares), middle_half(histogram, n) / 1.34);
    const double width = std::max(0.9 * spread * std::pow(n, -0.2), 1.0 / kBins);
    std::fill(smooth.begin(), smooth.end(), 1e-3 * n / kBins);
    for (std::size_t from = 0; from < bins; ++from) {
      if (histogram[from] == 0.0) continue;
      for (std::size_t to = 0; to < bins; ++to) {
        const auto kernel = [&](double distance) {
          const double z = distance / kBins / width;
          return std::exp(-0.5 * z * z) / (width * kBins * 2.506628);
        };
        const auto a = static_cast<double>(from);
        const auto b = static_cast<double>(to);
        const double weight = kernel(a - b) + kernel(a + b + 1) + kernel(2.0 * kBins - 1 - a - b);
        smooth[to] += histogram[from] * weight;
      }
    }
  }
  const double sum = std::accumulate(smooth.begin(), smooth.end(), 0.0);
  for (double& each : smooth) each /= sum;
  return smooth;
}

double divergence(const std::vector<double>& best, const std::vector<double>& all) {
  double sum = 0.0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double ratio = best[i] / all[i] - 1.0;
    sum += all[i] * ratio * ratio;
  }
  return sum;
}

// The coordinates of the observations at `places` where a definition is active.
std::vector<double> active_units(const Observations& all, std::span<const std::size_t> places,
                                 std::size_t definition) {
  std::vector<double> units;
  for (const std::size_t place : places) {
    const double unit = all.unit(place, definition);
    if (unit != kAbsent) units.push_back(unit);
  }
  return units;
}

// `places` come from the best observation to the worst.
double divergence_of(const Observations& all, std::span<const std::size_t> places,
                     std::size_t definition, std::uint64_t count, RandomStream& random) {
  std::vector<double> units = active_units(all, places, definition);
  const std::size_t n = units.size();
  const std::size_t best = std::max(n / kBest, kBestMin);
  if (n < 2 * kBestMin || count == 1) return 0.0;
  const std::vector<double> whole = density(units, count);
  const double found = divergence(density(std::span(units).first(best), count), whole);
  double by_chance = 0.0;
  for (std::size_t r = 0; r < kRandom; ++r) {
    for (std::size_t i = 0; i < best; ++i) std::swap(units[i], units[i + random.below(n - i)]);
    by_chance += divergence(density(std::span(units).first(best), count), whole) / kRandom;
  }
  return std::max(found - by_chance, 0.0);
}

// The shares by the observations at `places`.
std::vector<double> shares_of(const Space& space, const std::vector<double>& active,
                              const Observations& all, std::vector<std::size_t> places,
                              RandomStream& random) {
  std::stable_sort(places.begin(), places.end(),
                   [&](std::size_t a, std::size_t b) { return all.values[a] < all.values[b]; });
  std::vector<double> shares;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const std::uint64_t count = cardinality(space.params()[i]);
    shares.push_back(active[i] * divergence_of(all, places, i, count, random));
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share = sum > 0.0 ? share / sum : 0.0;
  return shares;
}

}  // namespace

std::vector<Estimated> ped_anova(const Space& space, const Observations& all) {
  DODONA_ASSERT(all.size() >= kSharesMin && all.dimensions == space.size());
  std::vector<double> active(space.size(), 0.0);
  for (const Context& context : contexts_of(space)) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (context.active(i)) active[i] += context.weight;
    }
  }
  std::vector<std::size_t> places(all.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  RandomStream random(kSeed, 0, Purpose::kStudySeed);
  const std::vector<double> shares = shares_of(space, active, all, places, random);
  std::vector<std::vector<double>> resampled(space.size());
  for (std::size_t r = 0; r < kResamples; ++r) {
    RandomStream own(kSeed, r + 1, Purpose::kStudySeed);
    for (std::size_t& place : places) place = own.below(all.size());
    const std::vector<double> again = shares_of(space, active, all, places, own);
    for (std::size_t i = 0; i < space.size(); ++i) resampled[i].push_back(again[i]);
  }
  std::vector<Estimated> answer;
  for (std::size_t i = 0; i < space.size(); ++i) {
    std::vector<double>& each = resampled[i];
    std::sort(each.begin(), each.end());
    static constexpr std::size_t kCut = kResamples / 20;
    answer.push_back({shares[i], std::min(each[kCut], shares[i]),
                      std::max(each[kResamples - 1 - kCut], shares[i])});
  }
  return answer;
}

}  // namespace dodona::insight
