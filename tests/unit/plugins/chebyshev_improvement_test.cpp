// SPDX-License-Identifier: Apache-2.0
#include "common/search/chebyshev_improvement.hpp"

#include "common/search/normal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace dodona::common {
namespace {

using Posterior = GaussianProcess::Posterior;

// Four objectives of six results.
const std::vector<double> kPoints{0.1, 0.9, 0.4, 0.5, 0.8, 0.2, 0.3, 0.6, 0.5, 0.5, 0.2, 0.7,
                                  0.2, 0.4, 0.9, 0.3, 0.9, 0.9, 0.9, 0.9, 0.6, 0.6, 0.6, 0.1};

ChebyshevImprovement made(std::uint64_t seed) {
  RandomStream random(seed, 0, Purpose::kStudySeed);
  return {{kPoints, 4}, random};
}

double best_of(const ChebyshevImprovement& improvement) {
  double best = INFINITY;
  for (std::size_t i = 0; i < 6; ++i) {
    best = std::min(best, improvement.rolled({kPoints.data() + 4 * i, 4}));
  }
  return best;
}

// The value rests on 128 quasi-random draws and a softened improvement, so that it has to agree with
// the mean of 40,000 samples up to 5 % and the softness. Seeds and draws are fixed: no false alarms.
TEST(ChebyshevImprovement, IsTheMeanOfSamples) {
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    const ChebyshevImprovement improvement = made(seed);
    const double best = best_of(improvement);
    RandomStream random(seed, 1, Purpose::kStudySeed);
    std::vector<Posterior> posteriors;
    for (int k = 0; k < 4; ++k) {
      posteriors.push_back({0.5 * random.uniform(), 0.01 + 0.05 * random.uniform()});
    }
    double sum = 0;
    constexpr int kSamples = 40000;
    for (int i = 0; i < kSamples; ++i) {
      std::vector<double> y;
      for (const auto& [mean, variance] : posteriors) {
        y.push_back(mean +
                    std::sqrt(variance) * normal_quantile(std::max(random.uniform(), 1e-16)));
      }
      sum += std::max(0.0, best - improvement.rolled(y));
    }
    EXPECT_NEAR(std::exp(improvement.log_value(posteriors)), sum / kSamples,
                0.05 * sum / kSamples + 0.01)
        << "seed " << seed;
  }
}

TEST(ChebyshevImprovement, SlopesAreThoseOfFiniteDifferencesInTheTailsToo) {
  const ChebyshevImprovement improvement = made(3);
  for (const double mean : {0.1, 0.6, 3.0}) {
    const std::vector<Posterior> at(4, Posterior{mean, 0.02});
    std::vector<Utility::Factors> factors(4);
    const double value = improvement.log_value(at, factors);
    ASSERT_TRUE(std::isfinite(value));
    EXPECT_EQ(value, improvement.log_value(at));
    for (std::size_t k = 0; k < 4; ++k) {
      auto above = at, below = at;
      above[k].mean += 1e-6;
      below[k].mean -= 1e-6;
      double want = (improvement.log_value(above) - improvement.log_value(below)) / 2e-6;
      EXPECT_NEAR(factors[k].by_mean, want, 1e-3 * (1 + std::abs(want)));
      above = below = at;
      above[k].variance *= 1 + 1e-5;
      below[k].variance *= 1 - 1e-5;
      want = (improvement.log_value(above) - improvement.log_value(below)) / 4e-7;
      EXPECT_NEAR(factors[k].by_variance, want, 1e-3 * (1 + std::abs(want)));
    }
  }
}

TEST(ChebyshevImprovement, WeighsOtherwiseFromProposalToProposal) {
  const std::vector<double> first{0, 1, 1, 1}, last{1, 1, 1, 0};
  int prefers_first = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const ChebyshevImprovement improvement = made(seed);
    prefers_first += improvement.rolled(first) < improvement.rolled(last) ? 1 : 0;
  }
  // Far from this on one side: a false alarm in 10^4 seeds.
  EXPECT_GT(prefers_first, 10);
  EXPECT_LT(prefers_first, 90);
}

}  // namespace
}  // namespace dodona::common
