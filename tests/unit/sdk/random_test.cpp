// SPDX-License-Identifier: Apache-2.0
#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace dodona {
namespace {

// Source: tests/kat_vectors of Random123 1.14, the lines "philox4x32 10".
TEST(Philox, GivesTheKnownAnswersOfItsAuthors) {
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, IsKnownAtCompileTime) {
  static_assert(philox({0, 0, 0, 0}, 0)[0] == 0x6627e8d5);
  static_assert(name_hash("") == 0xCBF29CE484222325);
  static_assert(name_hash("a") == 0xAF63DC4C8601EC8C);  // FNV-1a, 64 bits
}

std::vector<std::uint64_t> draws(RandomStream stream, int count) {
  std::vector<std::uint64_t> out;
  for (int i = 0; i < count; ++i) out.push_back(stream.bits());
  return out;
}

TEST(RandomStream, IsAFunctionOfItsAddress) {
  const auto first = draws({7, 3, Purpose::kProposal, 1}, 9);
  EXPECT_EQ(first, draws({7, 3, Purpose::kProposal, 1}, 9));
  EXPECT_NE(first, draws({8, 3, Purpose::kProposal, 1}, 9));
  EXPECT_NE(first, draws({7, 4, Purpose::kProposal, 1}, 9));
  EXPECT_NE(first, draws({7, 3, Purpose::kFill, 1}, 9));
  EXPECT_NE(first, draws({7, 3, Purpose::kProposal, 2}, 9));
}

// A change of these numbers changes every study that was ever run.
TEST(RandomStream, GivesTheSameNumbersAsEver) {
  EXPECT_EQ(draws({0, 0, Purpose::kTrialSeed}, 1).front(), 9299131274131548140u);
  EXPECT_EQ(draws({7, UINT64_MAX, Purpose::kProposal, 3}, 3).back(), 9463793419554853235u);
}

TEST(RandomStream, RepeatsNothingInManyDraws) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    for (const std::uint64_t bits : draws({1, trial, Purpose::kProposal}, 100)) seen.insert(bits);
  }
  EXPECT_EQ(seen.size(), 10'000u);  // a collision among 10^4 of 2^64 has a chance of 3e-12
}

// Neighbouring seeds, 0 among them, have no number in common, at no distance from each other, and
// do not follow each other: of n = 10^4 pairs the correlation has a standard error of 0.01, and
// 0.05 is 5 of them.
TEST(RandomStream, OfSeedsZeroOneTwoAreUnrelated) {
  std::vector<std::vector<double>> uniforms(3);
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    for (std::uint64_t trial = 0; trial < 100; ++trial) {
      for (const std::uint64_t bits : draws({seed, trial, Purpose::kProposal}, 100)) {
        seen.insert(bits);
        uniforms[seed].push_back(static_cast<double>(bits) / 0x1p64 - 0.5);
      }
    }
  }
  EXPECT_EQ(seen.size(), 30'000u);
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      double sum = 0;
      for (std::size_t i = 0; i < 10'000; ++i) sum += uniforms[a][i] * uniforms[b][i];
      EXPECT_NEAR(sum / 10'000 * 12, 0, 0.05) << a << " and " << b;  // the variance is 1 / 12
    }
  }
}

// n = 10^5 draws, deterministic seed; the mean of uniforms has a standard error of 9e-4, so that
// 5e-3 is beyond 5 sigma.
TEST(RandomStream, UniformIsInTheUnitIntervalAndEven) {
  RandomStream stream(1, 2, Purpose::kProposal);
  double sum = 0.0;
  double least = 1.0;
  double most = 0.0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = stream.uniform();
    sum += u;
    least = std::min(least, u);
    most = std::max(most, u);
  }
  EXPECT_GE(least, 0.0);
  EXPECT_LT(most, 1.0);
  EXPECT_NEAR(sum / kDraws, 0.5, 5e-3);
  EXPECT_LT(least, 1e-3);
  EXPECT_GT(most, 1 - 1e-3);
}

// 7 cells of n = 70000 / 7: each count has a standard deviation of 93; 500 is beyond 5 sigma.
TEST(RandomStream, BelowIsEvenOverItsRange) {
  RandomStream stream(5, 6, Purpose::kFill);
  std::vector<int> counts(7, 0);
  for (int i = 0; i < 70'000; ++i) {
    const std::uint64_t k = stream.below(7);
    ASSERT_LT(k, 7u);
    ++counts[k];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(RandomStream, BelowTakesAnyBound) {
  RandomStream stream(5, 7, Purpose::kFill);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(stream.below(1), 0u);
    EXPECT_LT(stream.below(UINT64_MAX), UINT64_MAX);
    EXPECT_LT(stream.below((std::uint64_t{1} << 63) + 1), (std::uint64_t{1} << 63) + 1);
  }
}

}  // namespace
}  // namespace dodona
