// SPDX-License-Identifier: Apache-2.0
#include "study/ranking.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace dodona::study {
namespace {

using Places = std::vector<std::size_t>;

TEST(Ranking, PutsOneObjectiveBehindTheLimits) {
  const std::vector<Place> places = {{0.0, true, 3.0},  {0.5, false, 1.0}, {0.0, true, 2.0},
                                     {0.25, true, 0.0}, {0.0, true, 2.0},  {0.0, false, 9.0}};
  const Ranking ranking = ranking_of(places);
  EXPECT_EQ(ranking.order, (Places{5, 2, 4, 0, 3, 1}));
  EXPECT_TRUE(ranking.ranks.empty());
  EXPECT_TRUE(ranking_of(std::span<const Place>()).order.empty());
}

// Trials 0 and 1 are the front; 2 is behind 0; 3 and 4 break limits alike, 5 more.
TEST(Ranking, PutsFrontsBehindTheLimits) {
  const std::vector<double> values = {1.0, 1.0, 0.0, 2.0, 2.0, 1.5, 0.0, 0.0, 9.0, 9.0, -1.0, -1.0};
  const Ranking ranking =
      ranking_of(PointRows(values, 2), std::vector{0.0, 0.0, 0.0, 0.5, 0.5, 0.75});
  EXPECT_EQ(ranking.ranks, (Places{0, 0, 1, 2, 2, 3}));
  EXPECT_EQ(ranking.order, (Places{0, 1, 2, 3, 4, 5}));
}

// A rank is one more than that of the best that beats a result: by its violation, or, among those
// that keep all limits, in every objective.
TEST(Ranking, IsThatOfTheDefinition) {
  RandomStream random(12, 0, Purpose::kProposal);
  for (int round = 0; round < 200; ++round) {
    const std::size_t count = random.below(12);
    std::vector<double> values;
    std::vector<double> violations;
    for (std::size_t i = 0; i < count; ++i) {
      for (int m = 0; m < 3; ++m) values.push_back(static_cast<double>(random.below(4)));
      violations.push_back(random.below(2) == 0 ? 0.0 : static_cast<double>(random.below(3)));
    }
    const PointRows rows(values, 3);
    const auto beats = [&](std::size_t a, std::size_t b) {
      if (violations[a] != violations[b]) return violations[a] < violations[b];
      return violations[a] == 0.0 && dominates(rows[a], rows[b]);
    };
    const Ranking ranking = ranking_of(rows, violations);
    ASSERT_EQ(ranking.order.size(), count);
    for (std::size_t b = 0; b < count; ++b) {
      std::size_t rank = 0;
      for (std::size_t a = 0; a < count; ++a) {
        if (beats(a, b)) rank = std::max(rank, ranking.ranks[a] + 1);
      }
      EXPECT_EQ(ranking.ranks[b], rank) << "round " << round << ", result " << b;
    }
    for (std::size_t i = 1; i < count; ++i) {
      EXPECT_LE(ranking.ranks[ranking.order[i - 1]], ranking.ranks[ranking.order[i]]);
    }
  }
}

}  // namespace
}  // namespace dodona::study
