// SPDX-License-Identifier: Apache-2.0
#include "host/sparkline.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dodona::host {
namespace {

TEST(Sparkline, RisesWithItsValues) {
  EXPECT_EQ(sparkline(std::vector{0.0, 3.5, 7.0}, 10), "\u2581\u2585\u2588");
  EXPECT_EQ(sparkline(std::vector{1.0, std::nan(""), 2.0}, 10), "\u2581 \u2588");
  EXPECT_EQ(sparkline(std::vector{2.0, 2.0}, 10), "\u2581\u2581");
  EXPECT_EQ(sparkline({}, 10), "");
}

TEST(Sparkline, TakesMeansOfMany) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i);
  EXPECT_EQ(sparkline(values, 2), "\u2581\u2588");
}

}  // namespace
}  // namespace dodona::host
