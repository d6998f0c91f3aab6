// SPDX-License-Identifier: Apache-2.0
#include "common/search/features.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

namespace dodona::common {
namespace {

using Eigen::VectorXd;

Space network() {
  Space space;
  space.add(support::choice("optimizer", {support::text("adam"), support::text("sgd")}));
  space.add(support::real("lr", 0, 1));
  space.add(support::real("momentum", 0, 1, {{"optimizer", {support::text("sgd")}}}));
  space.add(support::boolean("nesterov", {{"optimizer", {support::text("sgd")}}}));
  space.add(support::integer("fixed", 3, 3));
  space.add(support::integer("units", 1, 4));
  return space;
}

TEST(Features, NumbersComeFirstAndConstantsNotAtAll) {
  const Space space = network();
  const Features features(space);
  EXPECT_EQ(features.shape(), (FeatureShape{3, 2, 1}));
  EXPECT_TRUE(features.conditional());
  EXPECT_FALSE(features.all_continuous());
  EXPECT_TRUE(features.continuous(0));   // lr
  EXPECT_FALSE(features.continuous(1));  // units: four values
  EXPECT_TRUE(features.continuous(2));   // momentum: it has a condition
}

TEST(Features, WhatIsNotActiveStandsApart) {
  const Space space = network();
  const Features features(space);
  Point point(space.size());
  point.set(0, Cell::whole(0));
  point.set(1, Cell::real(0.25));
  point.set(4, Cell::whole(3));
  point.set(5, Cell::whole(4));
  VectorXd want(5);
  want << 0.25, 0.875, kInactive, 0, kInactive;
  EXPECT_EQ(features.of(point), want);
  EXPECT_EQ(features.at(space, want).assignments(), point.assignments());
}

TEST(Features, WhatATrialHadNotMetStandsInTheMiddle) {
  const Space space = network();
  const Features features(space);
  Point point(space.size());
  point.set(0, Cell::whole(0));
  point.set(1, Cell::real(0.25));
  VectorXd want(5);
  want << 0.25, 0.5, kInactive, 0, kInactive;
  EXPECT_EQ(features.of(point), want);
}

TEST(Features, ANewlyActiveOneGetsItsDefault) {
  const Space space = network();
  const Features features(space);
  VectorXd row(5);
  row << 0.25, 0.875, kInactive, 1, kInactive;
  const Point point = features.at(space, row);
  EXPECT_EQ(point[2].real(), 0.5);
  EXPECT_EQ(point[3].whole(), 0);
  row[2] = 0.1, row[4] = 0.9;
  const Point unit = features.at_unit(space, row);
  EXPECT_EQ(unit[0].whole(), 1);
  EXPECT_EQ(unit[3].whole(), 1);
}

}  // namespace
}  // namespace dodona::common
