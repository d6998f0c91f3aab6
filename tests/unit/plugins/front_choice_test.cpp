// SPDX-License-Identifier: Apache-2.0
#include "common/search/front_choice.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace dodona::common {
namespace {

using Numbers = std::vector<double>;

// Points of one front, within the unit cube and with its ends, so that ranges are 1.
Numbers random_front(RandomStream& random, std::size_t count, std::size_t m) {
  Numbers rows;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t k = 0; k < m; ++k) rows.push_back(k == i ? 0 : 1);
  }
  while (rows.size() < count * m) {
    Numbers row;
    double sum = 0;
    for (std::size_t k = 0; k < m; ++k) row.push_back(0.01 + random.uniform()), sum += row.back();
    for (double& value : row) value *= 0.9 / sum;
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

// Takes the point with the largest volume of all together, by trying each.
std::vector<std::size_t> spread_by_trying(dodona::PointRows front, std::size_t count) {
  const Numbers reference(front.objectives(), 1.1);
  std::vector<std::size_t> taken;
  Numbers rows;
  while (taken.size() < count) {
    std::size_t best = front.size();
    double most = -1;
    for (std::size_t i = 0; i < front.size(); ++i) {
      if (std::find(taken.begin(), taken.end(), i) != taken.end()) continue;
      Numbers with = rows;
      with.insert(with.end(), front[i].begin(), front[i].end());
      const double volume = hypervolume({with, front.objectives()}, reference);
      if (volume > most + 1e-12) most = volume, best = i;
    }
    taken.push_back(best);
    rows.insert(rows.end(), front[best].begin(), front[best].end());
  }
  return taken;
}

TEST(FrontChoice, SpreadsAsTryingAllDoes) {
  RandomStream random(1, 0, Purpose::kProposal);
  for (int round = 0; round < 200; ++round) {
    const std::size_t m = 2 + random.below(3);
    const std::size_t size = m + 1 + random.below(12);
    const Numbers rows = random_front(random, size, m);
    const std::size_t count = 1 + random.below(size);
    ASSERT_EQ(spread_of({rows, m}, count), spread_by_trying({rows, m}, count)) << round;
  }
}

TEST(FrontChoice, TakesWholeFrontsAndCutsOne) {
  RandomStream random(2, 0, Purpose::kProposal);
  for (int round = 0; round < 200; ++round) {
    std::vector<Standing> all(1 + random.below(30));
    std::vector<const Standing*> standings;
    for (Standing& each : all) {
      each.violation = random.below(3) == 0 ? 0.5 * static_cast<double>(random.below(3)) : 0;
      each.objectives = {random.uniform(), random.uniform()};
      standings.push_back(&each);
    }
    const std::size_t count = random.below(all.size() + 3);
    const std::vector<std::size_t> best = best_of(standings, count);
    ASSERT_EQ(best.size(), std::min(count, all.size()));
    const auto is_taken = [&](std::size_t i) {
      return std::find(best.begin(), best.end(), i) != best.end();
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        ASSERT_FALSE(is_taken(j) && !is_taken(i) && precedes(all[i], all[j]));
      }
    }
  }
}

TEST(FrontChoice, TakesResultsWithoutFiniteObjectivesLast) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const Numbers rows{kInf, 0, 0.5, 0.5, 0, kInf};
  EXPECT_EQ(spread_of({rows, 2}, 1), std::vector<std::size_t>{1});
  EXPECT_EQ(spread_of({rows, 2}, 9).size(), 3U);
  EXPECT_TRUE(spread_of({Numbers{}, 2}, 3).empty());
  EXPECT_TRUE(best_of({}, 3).empty());
}

}  // namespace
}  // namespace dodona::common
