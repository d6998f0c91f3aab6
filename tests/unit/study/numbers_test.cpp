// SPDX-License-Identifier: Apache-2.0
#include "study/numbers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

namespace dodona::study {
namespace {

std::vector<double> all_of(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

const std::vector<std::vector<double>> kLists = {{}, {1.5}, {1.5, -2.0}, {1, 2, 3, 4, 5}};

TEST(Numbers, HoldWhatTheyWereMadeOf) {
  EXPECT_TRUE(Numbers().empty());
  EXPECT_EQ(all_of(2.5), std::vector<double>{2.5});
  EXPECT_EQ(all_of({1.0, 2.0, 3.0}), (std::vector<double>{1, 2, 3}));
  for (const auto& list : kLists) EXPECT_EQ(all_of(Numbers(list)), list);
}

TEST(Numbers, AreCopiedMovedAndAssigned) {
  for (const auto& from : kLists) {
    for (const auto& over : kLists) {
      Numbers source(from);
      Numbers target(over);
      target = source;
      EXPECT_EQ(all_of(target), from);
      EXPECT_EQ(all_of(source), from);
      Numbers moved = std::move(source);
      EXPECT_EQ(all_of(moved), from);
      target = Numbers(over);
      EXPECT_EQ(all_of(target), over);
    }
  }
}

TEST(Numbers, AreEmptyOnceMoved) {
  Numbers source{1.0, 2.0};
  const Numbers target = std::move(source);
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): that is what is asked
}

TEST(Numbers, TellTheFirstOrThatThereIsNone) {
  EXPECT_TRUE(std::isnan(Numbers().first()));
  EXPECT_EQ(Numbers(4.0).first(), 4.0);
  EXPECT_EQ((Numbers{5.0, 4.0}).first(), 5.0);
}

TEST(Numbers, AreResizedToZeros) {
  Numbers numbers{1.0, 2.0};
  for (const std::size_t size : {3u, 1u, 0u, 2u}) {
    numbers.resize(size);
    EXPECT_EQ(all_of(numbers), std::vector<double>(size, 0.0));
  }
}

}  // namespace
}  // namespace dodona::study
