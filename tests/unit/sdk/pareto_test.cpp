// SPDX-License-Identifier: Apache-2.0
#include <dodona/pareto.hpp>
#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

namespace dodona {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");

using Numbers = std::vector<double>;

// n points of m objectives; on a coarse grid, so that many are equal in some of them.
Numbers random_points(RandomStream& random, std::size_t n, std::size_t m, bool coarse) {
  Numbers values(n * m);
  for (double& value : values) {
    value = coarse ? static_cast<double>(random.below(5)) : random.uniform();
  }
  return values;
}

// By the definition: take away what none dominates, again and again.
std::vector<std::size_t> peeled_ranks(PointRows points) {
  std::vector<std::size_t> ranks(points.size(), SIZE_MAX);
  for (std::size_t rank = 0, left = points.size(); left > 0; ++rank) {
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (ranks[i] != SIZE_MAX) continue;
      bool free = true;
      for (std::size_t j = 0; j < points.size(); ++j) {
        free &= ranks[j] != SIZE_MAX || !dominates(points[j], points[i]);
      }
      if (free) front.push_back(i);
    }
    for (const std::size_t i : front) ranks[i] = rank;
    left -= front.size();
  }
  return ranks;
}

// Inclusion and exclusion over all sets of points.
double volume_by_sets(PointRows points, const Numbers& reference) {
  double volume = 0.0;
  for (std::uint32_t set = 1; set < (1U << points.size()); ++set) {
    double box = 1.0;
    for (std::size_t m = 0; m < reference.size(); ++m) {
      double worst = -kInf;
      for (std::size_t i = 0; i < points.size(); ++i) {
        if ((set >> i & 1) != 0) worst = std::max(worst, points[i][m]);
      }
      box *= std::max(0.0, reference[m] - worst);
    }
    volume += (std::popcount(set) % 2 == 1 ? box : -box);
  }
  return volume;
}

TEST(Pareto, DominatesWhereNothingIsWorseAndSomethingBetter) {
  EXPECT_TRUE(dominates(Numbers{1, 2}, Numbers{1, 3}));
  EXPECT_FALSE(dominates(Numbers{1, 2}, Numbers{1, 2}));
  EXPECT_FALSE(dominates(Numbers{1, 2}, Numbers{0, 3}));
  EXPECT_TRUE(dominates(Numbers{1, 2}, Numbers{1, kNaN}));
  EXPECT_FALSE(dominates(Numbers{1, kNaN}, Numbers{1, kInf}));
  EXPECT_TRUE(dominates(Numbers{-kInf}, Numbers{0}));
}

TEST(Pareto, RanksFrontsAsTheDefinitionDoes) {
  RandomStream random(1, 0, Purpose::kProposal);
  for (int round = 0; round < 400; ++round) {
    const std::size_t m = 1 + random.below(4);
    Numbers values = random_points(random, random.below(40), m, round % 2 == 0);
    for (double& value : values) {
      if (random.below(30) == 0) value = random.below(2) == 0 ? kNaN : kInf;
    }
    const PointRows points(values, m);
    ASSERT_EQ(front_ranks(points), peeled_ranks(points)) << "round " << round;
  }
}

TEST(Pareto, MeasuresCrowdingByTheGapsAround) {
  const Numbers values{0, 4, 1, 2, 3, 1, 4, 0};
  const std::vector<std::size_t> front{0, 1, 2, 3};
  const auto distances = crowding_distances({values, 2}, front);
  EXPECT_EQ(distances[0], kInf);
  EXPECT_EQ(distances[3], kInf);
  EXPECT_DOUBLE_EQ(distances[1], 3.0 / 4 + 3.0 / 4);
  EXPECT_DOUBLE_EQ(distances[2], 3.0 / 4 + 2.0 / 4);
  const Numbers equal{1, 1, 1, 1, 1, 1};
  EXPECT_EQ(crowding_distances({equal, 2}, std::vector<std::size_t>{0, 1, 2})[1], 0.0);
  EXPECT_TRUE(crowding_distances({equal, 2}, {}).empty());
}

TEST(Pareto, MeasuresHypervolumeAsInclusionAndExclusionDo) {
  RandomStream random(2, 0, Purpose::kProposal);
  for (int round = 0; round < 300; ++round) {
    const std::size_t m = 1 + random.below(5);
    const Numbers values = random_points(random, random.below(9), m, round % 2 == 0);
    const Numbers reference(m, round % 2 == 0 ? 3.5 : 0.9);
    const PointRows points(values, m);
    const double expected = volume_by_sets(points, reference);
    ASSERT_NEAR(hypervolume(points, reference), expected, 1e-9 * (1 + expected))
        << "round " << round << ", " << m << " objectives";
  }
}

// The limits of fronts whose volume is known in closed form: Huband et al. (2006), IEEE Trans. Evol.
// Comput. 10:477-506, for ZDT; a sphere's octant for DTLZ2.
TEST(Pareto, ApproachesTheVolumeOfKnownFronts) {
  constexpr int kPoints = 20'000;
  Numbers zdt1;
  Numbers zdt2;
  for (int i = 0; i <= kPoints; ++i) {
    const double x = static_cast<double>(i) / kPoints;
    zdt1.insert(zdt1.end(), {x, 1 - std::sqrt(x)});
    zdt2.insert(zdt2.end(), {x, 1 - x * x});
  }
  EXPECT_NEAR(hypervolume({zdt1, 2}, Numbers{1, 1}), 2.0 / 3, 1e-3);
  EXPECT_NEAR(hypervolume({zdt2, 2}, Numbers{1, 1}), 1.0 / 3, 1e-3);
  Numbers sphere;
  constexpr int kSteps = 300;
  for (int i = 0; i <= kSteps; ++i) {
    for (int j = 0; j <= kSteps; ++j) {
      const double a = std::numbers::pi / 2 * i / kSteps;
      const double b = std::numbers::pi / 2 * j / kSteps;
      sphere.insert(sphere.end(),
                    {std::cos(a) * std::cos(b), std::cos(a) * std::sin(b), std::sin(a)});
    }
  }
  EXPECT_NEAR(hypervolume({sphere, 3}, Numbers{1, 1, 1}), 1 - std::numbers::pi / 6, 0.01);
}

TEST(Pareto, LeavesOutWhatIsNotBetterThanTheReference) {
  EXPECT_EQ(hypervolume({Numbers{}, 2}, Numbers{1, 1}), 0.0);
  EXPECT_EQ(hypervolume({Numbers{0, 1, kNaN, 0, 2, -5}, 2}, Numbers{1, 1}), 0.0);
  EXPECT_EQ(hypervolume({Numbers{0.5, 0.5, 0, 2}, 2}, Numbers{1, 1}), 0.25);
}

}  // namespace
}  // namespace dodona
