// SPDX-License-Identifier: Apache-2.0
#include "common/search/surrogate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

TEST(OrderBy, KeepsTheOrderOfEqualKeys) {
  VectorXd keys(5);
  keys << 2, 1, 2, 0, 1;
  EXPECT_EQ(order_by(keys), (std::vector<Index>{3, 1, 4, 0, 2}));
  EXPECT_TRUE(order_by(VectorXd()).empty());
}

// Result i lies at i / 1000 and has the objective |i - 500|; every hundredth failed.
Results many() {
  Results results;
  for (Index i = 0; i < 1000; ++i) {
    const bool failed = i % 100 == 0;
    results.add(
        VectorXd::Constant(1, static_cast<double>(i) / 1000),
        failed ? std::numeric_limits<double>::quiet_NaN() : std::abs(static_cast<double>(i) - 500));
  }
  return results;
}

TEST(Results, AreAllSelectedWhileTheyAreFew) {
  const Results results = many();
  EXPECT_EQ(results.size(), 1000);
  EXPECT_EQ(results.rows().rows(), 1000);
  const std::vector<Index> few = results.selected(600);
  EXPECT_EQ(few.size(), 600U);
  EXPECT_EQ(few.back(), 599);
}

TEST(Results, AreSelectedByValuePlaceAndAgeWhereTheyAreMany) {
  const std::vector<Index> selected = many().selected(1000);
  EXPECT_EQ(selected.size(), 600U);
  EXPECT_TRUE(std::is_sorted(selected.begin(), selected.end()));
  const auto has = [&](Index i) { return std::binary_search(selected.begin(), selected.end(), i); };
  EXPECT_TRUE(has(501));  // the best, with 499
  EXPECT_TRUE(has(430));  // among the best 150
  EXPECT_TRUE(has(500));  // failed, near to the best
  EXPECT_TRUE(has(999));  // the newest
  EXPECT_FALSE(has(10));  // old, far away and bad
}

TEST(Results, HaveTargetsInTheOrderAskedFor) {
  const Results results = many();
  const VectorXd targets = results.warped({501, 1, 999, 430});
  ASSERT_EQ(targets.size(), 4);
  EXPECT_LT(targets[0], targets[3]);
  EXPECT_LT(targets[3], targets[1]);
  EXPECT_TRUE(targets.allFinite());
}

}  // namespace
}  // namespace dodona::common
