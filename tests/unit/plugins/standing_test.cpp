// SPDX-License-Identifier: Apache-2.0
#include "common/oracle/standing.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace dodona::common {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Standing, OfAResultWithoutObjectivesIsLast) {
  PastTrial trial;
  EXPECT_EQ(standing_of(trial, 1, 2).violation, kInf);
  EXPECT_EQ(standing_of(trial, 1, 2).objectives, (std::vector<double>{kInf, kInf}));
  trial.objectives = {1.0, NAN};
  trial.excesses = {-1.0};
  EXPECT_EQ(standing_of(trial, 1, 2).violation, kInf);
  trial.objectives = {1.0, 2.0};
  EXPECT_EQ(standing_of(trial, 1, 2).violation, 0.0);
  trial.excesses = {NAN};
  EXPECT_EQ(standing_of(trial, 1, 2).violation, kInf);
  trial.excesses = {2.0};
  EXPECT_GT(standing_of(trial, 1, 2).violation, 0.0);
}

// Against the definition: a rank has those of which every one that precedes them has a lower rank.
TEST(Standing, RanksAsTheDefinitionDoes) {
  RandomStream random(1, 0, Purpose::kProposal);
  for (int round = 0; round < 200; ++round) {
    std::vector<Standing> all(random.below(30));
    std::vector<const Standing*> standings;
    const std::size_t m = 1 + random.below(3);
    for (Standing& each : all) {
      const std::uint64_t kind = random.below(4);
      each.violation = kind == 0   ? kInf
                       : kind == 1 ? 0.5 * static_cast<double>(random.below(3))
                                   : 0;
      for (std::size_t i = 0; i < m; ++i) {
        each.objectives.push_back(static_cast<double>(random.below(6)));
      }
      standings.push_back(&each);
    }
    const std::vector<std::size_t> ranks = ranks_of(standings);
    std::size_t left = all.size();
    std::vector<bool> peeled(all.size(), false);
    for (std::size_t rank = 0; left > 0; ++rank) {
      std::vector<std::size_t> front;
      double least = kInf;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (!peeled[i]) least = std::min(least, all[i].violation);
      }
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (peeled[i] || all[i].violation != least) continue;
        bool first = true;
        for (std::size_t j = 0; j < all.size(); ++j)
          first &= peeled[j] || !precedes(all[j], all[i]);
        if (first) front.push_back(i);
      }
      for (const std::size_t i : front) {
        ASSERT_EQ(ranks[i], rank) << "round " << round << ", result " << i;
        peeled[i] = true;
        --left;
      }
    }
  }
}

}  // namespace
}  // namespace dodona::common
