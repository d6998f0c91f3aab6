// SPDX-License-Identifier: Apache-2.0
#include "common/data/groups.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace {

using dodona::Purpose;
using dodona::RandomStream;
using dodona::common::deal_groups;

// 60 groups of 1 to 7 rows; the rows of every third group are of the rare class.
struct Rows {
  Rows() {
    for (std::uint64_t group = 0; group < 60; ++group) {
      for (std::uint64_t left = group % 7; left < 7; ++left) {
        groups.push_back(group);
        classes.push_back(group % 3 == 0 ? 1 : 0);
      }
    }
  }
  std::vector<std::uint64_t> groups;
  std::vector<std::int64_t> classes;
};

TEST(Groups, StayTogetherInPartsOfTheirShares) {
  const Rows rows;
  RandomStream random(1, 0, Purpose::kFill);
  const auto parts = deal_groups(rows.groups, rows.classes, {0.25, 0.75}, random);
  std::map<std::uint64_t, std::set<std::uint32_t>> parts_of;
  std::map<std::int64_t, double> held_out;
  std::map<std::int64_t, double> all;
  for (std::size_t row = 0; row < parts.size(); ++row) {
    parts_of[rows.groups[row]].insert(parts[row]);
    all[rows.classes[row]] += 1;
    if (parts[row] == 0) held_out[rows.classes[row]] += 1;
  }
  for (const auto& [group, where] : parts_of) EXPECT_EQ(where.size(), 1U) << group;
  for (const auto& [kind, count] : all) EXPECT_NEAR(held_out[kind], count / 4, 2) << kind;
}

TEST(Groups, FillEveryPart) {
  RandomStream random(1, 0, Purpose::kFill);
  const auto parts = deal_groups({0, 1, 1, 2, 3}, {0, 0, 1, 1, 2}, {1, 1, 1, 1}, random);
  EXPECT_EQ(std::set<std::uint32_t>(parts.begin(), parts.end()).size(), 4U);
  EXPECT_EQ(parts[1], parts[2]);
}

TEST(Groups, AreDealtInAnOrderOfTheirSeed) {
  const Rows rows;
  const auto deal = [&](std::uint64_t seed) {
    RandomStream random(seed, 0, Purpose::kFill);
    return deal_groups(rows.groups, {}, {1, 1, 1}, random);
  };
  EXPECT_EQ(deal(1), deal(1));
  EXPECT_NE(deal(1), deal(2));
}

}  // namespace
