// SPDX-License-Identifier: Apache-2.0
#include "study/names.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace dodona::study {
namespace {

TEST(Names, CountsFromZeroInTheOrderOfFirstSight) {
  Names names;
  EXPECT_EQ(names.size(), 0u);
  EXPECT_EQ(names.intern("loss"), 0u);
  EXPECT_EQ(names.intern("accuracy"), 1u);
  EXPECT_EQ(names.intern("loss"), 0u);
  EXPECT_EQ(names.size(), 2u);
  EXPECT_EQ(names[1], "accuracy");
}

TEST(Names, FindsWithoutAdding) {
  Names names;
  names.intern("loss");
  EXPECT_EQ(names.find("loss"), 0u);
  EXPECT_EQ(names.find("Loss"), std::nullopt);
  EXPECT_EQ(names.find(""), std::nullopt);
  EXPECT_EQ(names.size(), 1u);
}

TEST(Names, TellsApartWhatDiffersBehindANul) {
  Names names;
  EXPECT_NE(names.intern(std::string_view("a\0b", 3)), names.intern(std::string_view("a\0c", 3)));
}

TEST(Names, StayWhereTheyAre) {
  Names names;
  names.intern("first");
  const std::string* const first = &names[0];
  for (int i = 0; i < 1000; ++i) names.intern("name " + std::to_string(i));
  EXPECT_EQ(&names[0], first);
  EXPECT_EQ(*first, "first");
}

TEST(Names, GiveOneIndexToThreadsThatMeetANameTogether) {
  constexpr std::size_t kNames = 50;
  Names names;
  std::array<std::vector<std::uint32_t>, 4> seen;
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < kNames; ++i) mine.push_back(names.intern(std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(names.size(), kNames);
  for (const auto& mine : seen) EXPECT_EQ(mine, seen[0]);
  for (std::size_t i = 0; i < kNames; ++i) EXPECT_EQ(names[seen[0][i]], std::to_string(i));
}

}  // namespace
}  // namespace dodona::study
