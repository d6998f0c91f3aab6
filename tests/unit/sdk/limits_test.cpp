// SPDX-License-Identifier: Apache-2.0
#include <dodona/limits.hpp>

#include <gtest/gtest.h>

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
  EXPECT_EQ(excess_of(size, 4.0), -1.0);
  EXPECT_EQ(excess_of(size, 7.5), 2.5);
  const Limit both{.metric = "recall", .low = 0.5, .high = 0.75};
  EXPECT_EQ(excess_of(both, 0.25), 0.25);
  EXPECT_EQ(excess_of(both, 1.0), 0.25);
  EXPECT_LT(excess_of(both, 0.6), 0.0);
}

TEST(Limits, KnowWhatIsNotFinite) {
  const Limit size{.metric = "model_mb", .high = 5};
  EXPECT_EQ(excess_of(size, kInfinity), kInfinity);
  EXPECT_EQ(excess_of(size, -kInfinity), -kInfinity);
  EXPECT_TRUE(std::isnan(excess_of(size, kNaN)));
}

TEST(Limits, AddSharesOfTheirBounds) {
  const std::vector<Limit> limits{
      {.metric = "a", .high = 5}, {.metric = "b", .low = -100}, {.metric = "c", .high = 0}};
  EXPECT_EQ(violation(limits, std::vector{0.0, -3.0, 0.0}), 0.0);
  EXPECT_EQ(violation(limits, std::vector{2.5, 50.0, 3.0}), 0.5 + 0.5 + 3.0);
  EXPECT_EQ(violation(limits, std::vector{2.5, -50.0, -3.0}), 0.5);  // one bound makes up for none
  EXPECT_EQ(violation(limits, std::vector{2.5, kNaN, 3.0}), kInfinity);
  EXPECT_EQ(violation(limits, std::vector{2.5}), kInfinity);
  EXPECT_EQ(violation({}, {}), 0.0);
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
