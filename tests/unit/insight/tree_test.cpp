// SPDX-License-Identifier: Apache-2.0
#include "insight/tree.hpp"

#include "support/samples_of.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace dodona::insight {
namespace {

std::vector<std::size_t> all_of(const Observations& all) {
  std::vector<std::size_t> places(all.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  return places;
}

TEST(Tree, PredictsAndItsLeavesAreTheSameFunction) {
  const Space space = support::conditional();
  const Observations all = support::samples_of(
      space, 200, 1, [](const std::vector<double>& x, double) { return x[1] + 2 * x[2]; });
  RandomStream random(1, 0, Purpose::kStudySeed);
  const Tree tree(space, all, all_of(all), random);
  for (std::size_t n = 0; n < all.size(); ++n) {
    EXPECT_NEAR(tree.predict(all.row(n)), all.values[n], 0.3);
    int holding = 0;
    for (const Tree::Leaf& leaf : tree.leaves()) {
      bool holds = true;
      for (const Tree::Side& side : leaf.sides) {
        const double unit = all.unit(n, side.definition);
        holds = holds && side.low <= unit && unit < side.high;
      }
      if (!holds) continue;
      ++holding;
      EXPECT_EQ(leaf.value, tree.predict(all.row(n)));
    }
    EXPECT_EQ(holding, 1);
  }
}

// A split between the first and the third of three values lies at the end of one of them.
TEST(Tree, SplitsBetweenCountedValues) {
  Space space;
  space.add(support::choice("c", {support::text("a"), support::text("b"), support::text("c")}));
  Observations all{1, {0, 1, 2, 3}, {1.0 / 6, 1.0 / 6, 5.0 / 6, 5.0 / 6}, {0, 0, 1, 1}, 0};
  RandomStream random(1, 0, Purpose::kStudySeed);
  const Tree tree(space, all, all_of(all), random);
  ASSERT_EQ(tree.leaves().size(), 2U);
  EXPECT_DOUBLE_EQ(tree.leaves()[0].sides[0].high, 2.0 / 3);
}

TEST(Tree, OfOneValueIsALeaf) {
  const Space space = support::five();
  const Observations all =
      support::samples_of(space, 10, 1, [](const std::vector<double>&, double) { return 1.0; });
  RandomStream random(1, 0, Purpose::kStudySeed);
  const Tree tree(space, all, all_of(all), random);
  EXPECT_EQ(tree.leaves().size(), 1U);
  EXPECT_EQ(tree.predict(all.row(0)), 1.0);
}

}  // namespace
}  // namespace dodona::insight
