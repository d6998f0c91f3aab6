// SPDX-License-Identifier: Apache-2.0
#include "insight/contexts.hpp"

#include "insight/observations.hpp"
#include "support/samples_of.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dodona::insight {
namespace {

double weight_of(const std::vector<Context>& contexts) {
  double sum = 0.0;
  for (const Context& context : contexts) sum += context.weight;
  return sum;
}

TEST(Contexts, OfAPlainSpaceAreOne) {
  const std::vector<Context> contexts = contexts_of(support::five());
  ASSERT_EQ(contexts.size(), 1U);
  EXPECT_EQ(contexts[0].units, std::vector<double>(5, kFree));
  EXPECT_DOUBLE_EQ(contexts[0].measure(0, -2.0, 0.25), 0.25);
}

TEST(Contexts, ListTheValuesOfParents) {
  const std::vector<Context> contexts = contexts_of(support::conditional());
  ASSERT_EQ(contexts.size(), 3U);
  EXPECT_DOUBLE_EQ(weight_of(contexts), 1.0);
  EXPECT_TRUE(contexts[0].active(1));
  EXPECT_FALSE(contexts[1].active(1));
  EXPECT_DOUBLE_EQ(contexts[0].measure(0, 0.0, 1.0 / 3), 1.0);
  EXPECT_DOUBLE_EQ(contexts[1].measure(0, 0.0, 1.0 / 3), 0.0);
  EXPECT_DOUBLE_EQ(contexts[1].measure(1, -2.0, -0.5), 1.0);
}

// A grandchild is there where its parent and the parent's parent allow it.
TEST(Contexts, FollowConditionsOfConditions) {
  Space space = support::conditional();
  space.add(support::boolean("nesterov", {{"optimizer", {support::text("a")}}}));
  space.add(support::real("decay", 0, 1, {{"nesterov", {true}}}));
  const std::vector<Context> contexts = contexts_of(space);
  ASSERT_EQ(contexts.size(), 4U);
  double active = 0.0;
  for (const Context& context : contexts) active += context.active(4) ? context.weight : 0.0;
  EXPECT_DOUBLE_EQ(active, 1.0 / 6);
}

TEST(Contexts, OfTooManyValuesAreDrawn) {
  Space space;
  space.add(support::integer("layers", 1, 1000));
  space.add(support::real("rate", 0, 1, {{"layers", {std::int64_t{1}, std::int64_t{2}}}}));
  const std::vector<Context> contexts = contexts_of(space);
  EXPECT_EQ(contexts.size(), 512U);
  EXPECT_NEAR(weight_of(contexts), 1.0, 1e-12);
}

}  // namespace
}  // namespace dodona::insight
