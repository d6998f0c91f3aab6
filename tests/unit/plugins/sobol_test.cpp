// SPDX-License-Identifier: Apache-2.0
#include "common/search/sobol.hpp"

#include "support/built_plugin.hpp"
#include "support/oracle_properties.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace dodona::common {
namespace {

// By hand from table new-joe-kuo-6: the first points in counting order, on the left edge of cells.
TEST(Sobol, BeginsAsJoeAndKuoSay) {
  const Sobol sobol(4);
  const std::vector<std::vector<double>> want{{0, 0, 0, 0},
                                              {0.5, 0.5, 0.5, 0.5},
                                              {0.25, 0.75, 0.75, 0.75},
                                              {0.75, 0.25, 0.25, 0.25},
                                              {0.125, 0.625, 0.375, 0.125}};
  std::vector<double> got(4);
  for (std::size_t i = 0; i < want.size(); ++i) {
    sobol.point(static_cast<std::uint32_t>(i), got);
    for (std::size_t d = 0; d < 4; ++d) EXPECT_NEAR(got[d], want[i][d], 1e-9) << i << ' ' << d;
  }
}

// Expects that the first 2^k points hit each of the 2^k cells of each dimension.
void expect_even(const Sobol& sobol) {
  std::vector<double> u(sobol.dims());
  std::vector<std::set<int>> cells(sobol.dims());
  for (std::uint32_t i = 0; i < 64; ++i) {
    sobol.point(i, u);
    for (std::size_t d = 0; d < u.size(); ++d) cells[d].insert(static_cast<int>(u[d] * 64));
  }
  for (std::size_t d = 0; d < u.size(); ++d) EXPECT_EQ(cells[d].size(), 64u) << d;
}

TEST(Sobol, EveryDimensionIsEvenPlainAndScrambled) {
  expect_even(Sobol(300));
  expect_even(Sobol(300, 7));
}

TEST(Sobol, PairsOfTheTableAreEven) {
  // Of 256 points each of the 16 x 16 boxes holds one in the first two dimensions: a (0, 2)-net.
  for (const Sobol& sobol : {Sobol(2), Sobol(2, 3)}) {
    std::set<int> boxes;
    std::vector<double> u(2);
    for (std::uint32_t i = 0; i < 256; ++i) {
      sobol.point(i, u);
      boxes.insert(static_cast<int>(u[0] * 16) * 16 + static_cast<int>(u[1] * 16));
    }
    EXPECT_EQ(boxes.size(), 256u);
  }
}

TEST(Sobol, SeedsGiveOtherPoints) {
  std::vector<double> a(3), b(3);
  Sobol(3, 1).point(5, a);
  Sobol(3, 2).point(5, b);
  EXPECT_NE(a, b);
  Sobol(3, 1).point(5, b);
  EXPECT_EQ(a, b);
}

TEST(SobolOracle, ExhaustsFiniteSpacesExactly) {
  support::expect_exhausts_finite_spaces(support::plugin("sobol"), 1000);
}

TEST(SobolOracle, TellsStudySeedsApart) {
  support::expect_seeds_apart(support::plugin("sobol"));
}

TEST(SobolOracle, ExhaustsConstrainedSpacesExactly) {
  support::expect_exhausts_constrained_spaces(support::plugin("sobol"), 400);
}

TEST(SobolOracle, LeavesOutThePointsThatBreakAConstraint) {
  Space space;
  for (const char* axis : {"x", "y"}) space.add(support::real(axis, 0, 1));
  support::OracleStudy plain(support::plugin("sobol"), space, {.seed = 5});
  std::vector<double> kept;
  for (int i = 0; i < 200; ++i) {
    plain.ask();
    const Point& point = plain.trials().back().point;
    if (point[0].real() > point[1].real() + 0.5) kept.push_back(point[0].real());
  }
  ASSERT_GT(kept.size(), 15U);
  space.add_constraint("x > y + 0.5");
  support::OracleStudy study(support::plugin("sobol"), space, {.seed = 5});
  for (const double x : kept) {
    study.ask();
    EXPECT_EQ(study.trials().back().point[0].real(), x);
  }
}

TEST(SobolOracle, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  support::expect_fold(support::plugin("sobol"), 1000, 20);
}

}  // namespace
}  // namespace dodona::common
