// SPDX-License-Identifier: Apache-2.0
#include <dodona/convert.hpp>
#include <dodona/limits.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace {

using dodona::excess_of;
using dodona::Limit;
using dodona::violation;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Limits, TellByHowMuchABoundIsBroken) {
  const Limit size{.metric = "model_mb", .high = 5};
  EXPECT_EQ(excess_of(size, 5.0), 0.0);
  EXPECT_EQ(excess_of(size, 2.5), -0.5);
  EXPECT_EQ(excess_of(size, 7.5), 0.5);
  const Limit both{.metric = "margin", .low = -1, .high = 2};
  EXPECT_EQ(excess_of(both, -2.0), 0.5);
  EXPECT_EQ(excess_of(both, 4.0), 1.0);
  EXPECT_EQ(excess_of(both, 1.0), -0.5);
  EXPECT_EQ(excess_of({.metric = "slack", .low = 0}, -3.0), 3.0) << "of 1, as 0 has no share";
}

TEST(Limits, KnowWhatIsNotFinite) {
  const Limit size{.metric = "model_mb", .high = 5};
  EXPECT_EQ(excess_of(size, kInfinity), kInfinity);
  EXPECT_EQ(excess_of(size, -kInfinity), -kInfinity);
  EXPECT_TRUE(std::isnan(excess_of(size, kNaN)));
}

TEST(Limits, AddWhatLiesOutside) {
  EXPECT_EQ(violation(std::vector{0.0, -3.0}, 2), 0.0);
  EXPECT_EQ(violation(std::vector{0.5, -3.0, 1.0}, 3), 1.5);  // one bound makes up for none
  EXPECT_EQ(violation(std::vector{0.5, kNaN, 1.0}, 3), kInfinity);
  EXPECT_EQ(violation(std::vector{-0.5}, 2), kInfinity);
  EXPECT_EQ(violation(std::vector{0.5}, 0), 0.0);
}

TEST(Limits, AreWhatAPluginWasTold) {
  const dodona_limit first{sizeof(dodona_limit), 0, dodona::to_abi("model_mb"), -kInfinity, 5.0};
  const dodona_limit* const limits[] = {&first};
  dodona_study study{};
  study.struct_size = sizeof study;
  study.limits = limits;
  study.limit_count = 1;
  EXPECT_EQ(dodona::limits_of(study), std::vector<Limit>({{.metric = "model_mb", .high = 5.0}}));
  study.struct_size = DODONA_STUDY_SIZE_MIN;  // a host that knows none
  EXPECT_TRUE(dodona::limits_of(study).empty());
}

}  // namespace
