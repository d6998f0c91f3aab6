// SPDX-License-Identifier: Apache-2.0
#include "insight/prospect.hpp"

#include "base/assert.hpp"
#include "insight/observations.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace dodona::insight {
namespace {

constexpr std::size_t kRandom = 1024;
constexpr std::size_t kLeaders = 5;
constexpr std::size_t kNeighbours = 64;
constexpr double kApart = 0.1;  // on at least one axis
constexpr std::size_t kDraws = 4096;
constexpr std::uint64_t kSeed = 0x70726F73;  // of no importance, but always the same

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

// Below `best`, of a normal value.
double expected_improvement(const study::Estimate& at, double best) {
  if (!(at.deviation > 0.0)) return std::max(best - at.mean, 0.0);
  const double z = (best - at.mean) / at.deviation;
  return at.deviation * (z * normal_cdf(z) + std::exp(-0.5 * z * z) / std::sqrt(2.0 * M_PI));
}

double deviation_max(std::span<const double> scores) {
  std::vector<double> sorted(scores.begin(), scores.end());
  std::sort(sorted.begin(), sorted.end());
  return 0.5 * (sorted[sorted.size() / 2] - sorted.front());
}

double normal(RandomStream& random) {
  const double u = 1.0 - random.uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * M_PI * random.uniform());
}

// A point near `from`, or anywhere without one.
Point drawn(const Space& space, const std::vector<double>* from, RandomStream& random) {
  static constexpr double kReach = 0.1;
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const double anywhere = random.uniform();
    const double step = kReach * normal(random);
    if (!space.is_active(i, point)) continue;
    const bool near = from != nullptr && (*from)[i] != kAbsent;
    const double u = near ? std::clamp((*from)[i] + step, 0.0, 1.0) : anywhere;
    point.set(i, from_unit(space.params()[i], u));
  }
  return point;
}

std::vector<Point> candidates(const Space& space, std::span<const Point> observed,
                              const std::vector<std::size_t>& order) {
  std::vector<Point> points;
  const auto add = [&](const std::vector<double>* from, std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
      RandomStream random(kSeed, points.size() + 2 * n, Purpose::kStudySeed);
      Point point = drawn(space, from, random);
      if (space.is_feasible(point)) points.push_back(std::move(point));
    }
  };
  add(nullptr, kRandom);
  for (std::size_t leader = 0; leader < std::min(kLeaders, order.size()); ++leader) {
    const std::vector<double> from = units_of(space, observed[order[leader]]);
    add(&from, kNeighbours);
  }
  return points;
}

bool are_near(std::span<const double> a, std::span<const double> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::abs(a[i] - b[i]) >= kApart) return false;
  }
  return true;
}

// The most promising ones, none near another.
std::vector<study::Estimate> chosen(const Space& space, const std::vector<Point>& points,
                                    const std::vector<study::Estimate>& expected, double best) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> improvement;
  for (const study::Estimate& each : expected) {
    improvement.push_back(expected_improvement(each, best));
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return improvement[a] > improvement[b]; });
  std::vector<std::vector<double>> places;
  std::vector<study::Estimate> answer;
  for (const std::size_t i : order) {
    const std::vector<double> place = units_of(space, points[i]);
    const bool near = std::any_of(places.begin(), places.end(),
                                  [&](const auto& other) { return are_near(place, other); });
    if (near) continue;
    places.push_back(place);
    answer.push_back(expected[i]);
    if (answer.size() == kNextTrials) break;
  }
  return answer;
}

}  // namespace

std::optional<Prospect> prospect(const Space& space, std::span<const Point> observed,
                                 std::span<const double> scores, const Estimate& estimate) {
  DODONA_ASSERT(observed.size() == scores.size());
  if (observed.empty()) return std::nullopt;
  const auto known = estimate(observed);
  if (!known) return std::nullopt;
  std::vector<std::size_t> order(observed.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return (*known)[a].mean < (*known)[b].mean;
  });
  Prospect answer{order.front(), (*known)[order.front()]};
  const std::vector<Point> points = candidates(space, observed, order);
  auto expected = points.empty() ? std::nullopt : estimate(points);
  if (!expected) return answer;
  const double longest = deviation_max(scores);
  for (study::Estimate& each : *expected) each.deviation = std::min(each.deviation, longest);
  const std::vector<study::Estimate> next = chosen(space, points, *expected, answer.now.mean);
  double none = 1.0;
  for (const study::Estimate& each : next) {
    const double z = (answer.now.mean - each.mean) / std::max(each.deviation, 1e-300);
    none *= 1.0 - normal_cdf(z);
  }
  answer.probability = 1.0 - none;
  RandomStream random(kSeed, 0, Purpose::kStudySeed, 1);
  for (std::size_t n = 0; n < kDraws; ++n) {
    double best = answer.now.mean;
    for (const study::Estimate& each : next) {
      best = std::min(best, each.mean + each.deviation * normal(random));
    }
    answer.gain += (answer.now.mean - best) / kDraws;
  }
  return answer;
}

}  // namespace dodona::insight
