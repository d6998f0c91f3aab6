// SPDX-License-Identifier: Apache-2.0
//
// Draws that keep constraints, and oracles with a model that exhaust constrained spaces by them.
#include "common/oracle/fresh_points.hpp"

#include "support/built_plugin.hpp"
#include "support/error_of.hpp"
#include "support/oracle_properties.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace dodona::common {
namespace {

RandomStream stream(std::uint64_t seed) {
  return RandomStream(seed, 0, Purpose::kStudySeed);
}

TEST(DrawFresh, FindsEachFeasiblePointOnce) {
  Space space;
  for (const char* name : {"a", "b"}) space.add(support::integer(name, 0, 9));
  space.add_constraint("a > b and (a + b) % 3 != 0");
  SeenPoints seen;
  Point point;
  std::uint64_t found = 0;
  for (RandomStream random = stream(1); draw_fresh(space, seen, random, point); ++found) {
    EXPECT_TRUE(space.is_feasible(point));
    EXPECT_FALSE(seen.contains(point));
    seen.insert(point);
  }
  EXPECT_EQ(found, testing::count_points(space));
}

// A share of 10^-4, the least that must be found: 200,000 draws have 20 such points on average. A
// call fails with probability exp(-20), and the test for one choice of seeds in 2 * 10^7.
TEST(DrawFresh, FindsAShareOfOneInTenThousand) {
  Space space;
  for (const char* name : {"x", "y"}) space.add(support::real(name, 0, 1));
  space.add_constraint("x < 1e-2 and y < 1e-2");
  SeenPoints seen;
  Point point;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomStream random = stream(seed);
    ASSERT_TRUE(draw_fresh(space, seen, random, point)) << seed;
    EXPECT_TRUE(space.is_feasible(point));
  }
}

TEST(DrawFresh, TakesTheSamePointsAsBeforeWithoutConstraints) {
  Space space;
  space.add(support::real("x", 0, 1));
  RandomStream random = stream(3);
  Point point;
  ASSERT_TRUE(draw_fresh(space, SeenPoints(), random, point));
  EXPECT_EQ(point[0], from_unit(space.params()[0], stream(3).uniform()));
}

class ConstrainedSpaces : public ::testing::TestWithParam<const char*> {};

TEST_P(ConstrainedSpaces, AreExhaustedExactly) {
  support::expect_exhausts_constrained_spaces(support::plugin(GetParam()), 40);
}

INSTANTIATE_TEST_SUITE_P(Oracles, ConstrainedSpaces,
                         ::testing::Values("tpe", "nsga2", "bayesian", "auto"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace dodona::common
