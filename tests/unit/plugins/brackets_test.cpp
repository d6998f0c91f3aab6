// SPDX-License-Identifier: Apache-2.0
#include "oracles/hyperband/brackets.hpp"

#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace {

using hyperband::Brackets;
using Rounds = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // trials, epochs

// From the largest bracket down.
std::vector<Rounds> table(std::uint64_t max_epochs, std::uint64_t factor) {
  const Brackets brackets(max_epochs, factor);
  std::vector<Rounds> out;
  for (std::uint64_t b = brackets.count(); b-- > 0;) {
    Rounds& rounds = out.emplace_back();
    for (std::uint64_t r = 0; r <= b; ++r) {
      rounds.emplace_back(brackets.size(b, r), brackets.epochs(b, r));
    }
  }
  return out;
}

TEST(Brackets, AreThoseOfKerasTuner) {
  EXPECT_EQ(table(9, 3),
            (std::vector<Rounds>{{{9, 1}, {3, 3}, {1, 9}}, {{5, 3}, {2, 9}}, {{3, 9}}}));
  EXPECT_EQ(table(81, 3), (std::vector<Rounds>{{{81, 1}, {27, 3}, {9, 9}, {3, 27}, {1, 81}},
                                               {{34, 3}, {12, 9}, {4, 27}, {2, 81}},
                                               {{15, 9}, {5, 27}, {2, 81}},
                                               {{8, 27}, {3, 81}},
                                               {{5, 81}}}));
}

// KerasTuner's formulas in floating point, which are right where no rounding decides.
TEST(Brackets, FollowTheFormulas) {
  for (std::uint64_t factor = 2; factor <= 5; ++factor) {
    for (std::uint64_t max_epochs = 1; max_epochs <= 300; ++max_epochs) {
      SCOPED_TRACE(std::to_string(max_epochs) + ", " + std::to_string(factor));
      const Brackets brackets(max_epochs, factor);
      const auto f = static_cast<double>(factor);
      const auto m = static_cast<double>(max_epochs);
      const double log = std::log(m) / std::log(f);
      ASSERT_EQ(static_cast<double>(brackets.count()), std::floor(log + 1e-9) + 1);
      for (std::uint64_t b = 0; b < brackets.count(); ++b) {
        for (std::uint64_t r = 0; r <= b; ++r) {
          const double power = std::pow(f, static_cast<double>(b - r));
          const double last = std::ceil(1 + log - 1e-9) / static_cast<double>(b + 1);
          EXPECT_EQ(static_cast<double>(brackets.size(b, r)), std::ceil(last * power - 1e-9));
          EXPECT_EQ(static_cast<double>(brackets.epochs(b, r)), std::ceil(m / power - 1e-9));
        }
      }
    }
  }
}

TEST(Brackets, RefuseWhatDoesNotShrink) {
  const auto error = [](std::uint64_t max_epochs, std::uint64_t factor) {
    return dodona::support::error_of(DODONA_E_INVALID, [&] { Brackets(max_epochs, factor); });
  };
  EXPECT_EQ(error(9, 1), "max_epochs 9 is below 1, or factor 1 below 2");
  EXPECT_EQ(error(0, 3), "max_epochs 0 is below 1, or factor 3 below 2");
}

}  // namespace
