// SPDX-License-Identifier: Apache-2.0
#include "common/search/hypervolume_improvement.hpp"

#include "common/search/normal.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace dodona::common {
namespace {

using Posterior = GaussianProcess::Posterior;
using Values = std::vector<double>;

double normal(RandomStream& random) {
  return normal_quantile(std::max(random.uniform(), 1e-16));
}

// `count` points of m objectives in the unit cube.
Values points_of(RandomStream& random, std::size_t count, std::size_t m) {
  Values out(count * m);
  for (double& each : out) each = random.uniform();
  return out;
}

// By how much one more point makes the volume grow.
double growth(const Values& points, const Values& point, const Values& reference) {
  Values more = points;
  more.insert(more.end(), point.begin(), point.end());
  return hypervolume({more, reference.size()}, reference) -
         hypervolume({points, reference.size()}, reference);
}

TEST(HypervolumeImprovement, BoxesFillWhatNoPointDominates) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomStream random(seed, 0, Purpose::kStudySeed);
    const std::size_t m = 2 + random.below(2), n = random.below(25);
    Values points = points_of(random, n, m);
    for (double& each : points) each = std::round(8 * each) / 8;  // ties
    const Values reference(m, 0.9);
    const HypervolumeImprovement improvement({points, m}, reference);
    EXPECT_LE(improvement.boxes().size(), 2 * n + 1);
    for (int i = 0; i < 40; ++i) {
      Values point = points_of(random, 1, m);
      if (random.below(4) == 0) point[0] = -5;
      double inside = 0;
      for (const HypervolumeImprovement::Box& box : improvement.boxes()) {
        double volume = 1;
        for (std::size_t k = 0; k < m; ++k) {
          volume *= std::max(0.0, box.high[k] - std::max(box.low[k], point[k]));
        }
        inside += volume;
      }
      EXPECT_NEAR(inside, growth(points, point, reference), 1e-12) << "seed " << seed;
    }
  }
}

// 48 means of 4,000 samples, each within 4.5 deviations of itself: a false alarm in 3,000 runs.
TEST(HypervolumeImprovement, IsTheMeanOfSamples) {
  constexpr int kSamples = 4000;
  for (std::uint64_t seed = 1; seed <= 48; ++seed) {
    RandomStream random(seed, 0, Purpose::kStudySeed);
    const std::size_t m = 2 + seed % 2;
    const Values points = points_of(random, random.below(12), m);
    const Values reference(m, 1.1);
    const HypervolumeImprovement improvement({points, m}, reference);
    std::vector<Posterior> posteriors;
    for (std::size_t k = 0; k < m; ++k) {
      posteriors.push_back({0.6 * random.uniform(), 0.01 + 0.2 * random.uniform()});
    }
    double sum = 0, squares = 0;
    for (int i = 0; i < kSamples; ++i) {
      Values point;
      for (const auto& [mean, variance] : posteriors) {
        point.push_back(mean + std::sqrt(variance) * normal(random));
      }
      const double gain = growth(points, point, reference);
      sum += gain;
      squares += gain * gain;
    }
    const double mean = sum / kSamples;
    const double error = std::sqrt((squares / kSamples - mean * mean) / kSamples);
    EXPECT_NEAR(std::exp(improvement.log_value(posteriors)), mean, 4.5 * error) << "seed " << seed;
  }
}

// Two objectives by the trapezoidal rule over both.
TEST(HypervolumeImprovement, IsTheIntegralOfTheGrowth) {
  const Values points{0.2, 0.7, 0.5, 0.3, 0.6, 0.6}, reference{1.0, 0.9};
  const HypervolumeImprovement improvement({points, 2}, reference);
  const std::vector<Posterior> posteriors{{0.4, 0.04}, {0.5, 0.09}};
  constexpr int kSteps = 600;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    for (int j = 0; j <= kSteps; ++j) {
      const double a = -7 + 14.0 * i / kSteps, b = -7 + 14.0 * j / kSteps;
      const double gain = growth(points, {0.4 + 0.2 * a, 0.5 + 0.3 * b}, reference);
      sum += gain * normal_density(a) * normal_density(b);
    }
  }
  sum *= std::pow(14.0 / kSteps, 2);
  EXPECT_NEAR(std::exp(improvement.log_value(posteriors)), sum, 1e-4 * sum);
}

void expect_slopes(const HypervolumeImprovement& improvement, const std::vector<Posterior>& at) {
  std::vector<Utility::Factors> factors(at.size());
  const double value = improvement.log_value(at, factors);
  EXPECT_NEAR(value, improvement.log_value(at), 1e-12 * std::abs(value));
  for (std::size_t k = 0; k < at.size(); ++k) {
    auto above = at, below = at;
    above[k].mean += 1e-6;
    below[k].mean -= 1e-6;
    double want = (improvement.log_value(above) - improvement.log_value(below)) / 2e-6;
    EXPECT_NEAR(factors[k].by_mean, want, 1e-4 * (1 + std::abs(want)));
    above = below = at;
    above[k].variance *= 1 + 1e-5;
    below[k].variance *= 1 - 1e-5;
    want = (improvement.log_value(above) - improvement.log_value(below)) / (2e-5 * at[k].variance);
    EXPECT_NEAR(factors[k].by_variance, want, 1e-4 * (1 + std::abs(want)));
  }
}

TEST(HypervolumeImprovement, SlopesAreThoseOfFiniteDifferencesInTheTailsToo) {
  RandomStream random(5, 0, Purpose::kStudySeed);
  for (const std::size_t m : {2U, 3U}) {
    const Values points = points_of(random, 9, m), reference(m, 1.1);
    const HypervolumeImprovement improvement({points, m}, reference);
    for (const double mean : {0.1, 0.9, 2.0, 5.0}) {
      const std::vector<Posterior> at(m, Posterior{mean, 0.01});
      expect_slopes(improvement, at);
    }
  }
}

// Both ways of adding up agree where neither loses anything: deep in the tails one of them is used,
// and the value must go on without a step.
TEST(HypervolumeImprovement, FallsWithoutAStep) {
  const Values points{0.2, 0.7, 0.3, 0.5, 0.3, 0.6, 0.7, 0.2, 0.2}, reference(3, 1.0);
  const HypervolumeImprovement improvement({points, 3}, reference);
  double last = 0, last_slope = 0;
  for (int i = 0; i < 400; ++i) {
    const Posterior each{0.5 + 0.01 * i, 0.01};
    std::vector<Utility::Factors> factors(3);
    const double value = improvement.log_value(std::vector<Posterior>(3, each), factors);
    const double slope = factors[0].by_mean + factors[1].by_mean + factors[2].by_mean;
    ASSERT_TRUE(std::isfinite(value));
    if (i > 0) {
      // The trapezoidal rule; the second derivative is at most 3 / variance.
      EXPECT_NEAR(value - last, 0.005 * (slope + last_slope), 2e-3) << i;
      EXPECT_LT(value, last);
    }
    last = value;
    last_slope = slope;
  }
  EXPECT_LT(last, -1000);
}

TEST(HypervolumeImprovement, OfNoPointIsTheProductOfImprovements) {
  const HypervolumeImprovement improvement({Values(), 2}, Values{1, 2});
  const std::vector<Posterior> posteriors{{0.5, 0.25}, {2.5, 0.04}};
  EXPECT_NEAR(improvement.log_value(posteriors),
              log_improvement(1) + std::log(0.5) + log_improvement(-2.5) + std::log(0.2), 1e-9);
}

}  // namespace
}  // namespace dodona::common
