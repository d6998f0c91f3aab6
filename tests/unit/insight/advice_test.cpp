// SPDX-License-Identifier: Apache-2.0
#include "insight/advice.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dodona::insight {
namespace {

using support::integer;
using support::real;

Param log_real(double low, double high) {
  Param param = real("lr", low, high);
  param.sampling = Sampling::kLog;
  return param;
}

TEST(Edge, IsTheEndOfARange) {
  EXPECT_EQ(edge_of(log_real(1e-5, 1e-1), Cell::real(1e-1)), End::kHigh);
  EXPECT_EQ(edge_of(log_real(1e-5, 1e-1), Cell::real(1.05e-5)), End::kLow);
  EXPECT_EQ(edge_of(log_real(1e-5, 1e-1), Cell::real(1e-3)), std::nullopt);
  EXPECT_EQ(edge_of(integer("n", 1, 4), Cell::whole(4)), End::kHigh);
  EXPECT_EQ(edge_of(integer("n", 1, 4), Cell::whole(3)), std::nullopt);
  EXPECT_EQ(edge_of(integer("n", 1, 2), Cell::whole(2)), std::nullopt);
  Param sizes = support::choice("n", {std::int64_t{16}, std::int64_t{32}, std::int64_t{64}});
  EXPECT_EQ(edge_of(sizes, Cell::whole(2)), std::nullopt);
  sizes.ordered = true;
  EXPECT_EQ(edge_of(sizes, Cell::whole(2)), End::kHigh);
}

TEST(Widened, GoesFurtherOnTheScaleOfTheRange) {
  EXPECT_DOUBLE_EQ(widened(log_real(1e-5, 1e-2), End::kHigh)->high.real(), 1e-1);
  EXPECT_DOUBLE_EQ(widened(log_real(1e-5, 1e-2), End::kLow)->low.real(), 1e-6);
  Param units = integer("units", 32, 512);
  units.step = Cell::whole(32);
  EXPECT_EQ(widened(units, End::kHigh)->high.whole(), 512 + 256);
  EXPECT_EQ(widened(integer("layers", 1, 4), End::kHigh)->high.whole(), 6);
}

TEST(Widened, LeavesNaturalBounds) {
  EXPECT_EQ(widened(real("dropout", 0, 0.5), End::kLow), std::nullopt);
  EXPECT_EQ(widened(real("share", 0, 1), End::kHigh), std::nullopt);
  EXPECT_EQ(widened(integer("layers", 1, 4), End::kLow), std::nullopt);
  EXPECT_EQ(widened(support::boolean("b"), End::kHigh), std::nullopt);
  EXPECT_DOUBLE_EQ(widened(real("x", 0.1, 0.5), End::kLow)->low.real(), 0.0);
}

TEST(Narrowed, HoldsTheValuesAndAMargin) {
  const std::vector<Cell> cells = {Cell::real(0.4), Cell::real(0.5)};
  const auto narrow = narrowed(real("x", 0, 1), cells);
  ASSERT_TRUE(narrow);
  EXPECT_NEAR(narrow->low.real(), 0.3, 1e-12);
  EXPECT_NEAR(narrow->high.real(), 0.6, 1e-12);
  EXPECT_TRUE(is_legal(*narrow, narrow->initial));
  const std::vector<Cell> wide = {Cell::real(0.1), Cell::real(0.8)};
  EXPECT_EQ(narrowed(real("x", 0, 1), wide), std::nullopt);
  EXPECT_EQ(narrowed(real("x", 0, 1), {}), std::nullopt);
  const std::vector<Cell> one = {Cell::whole(2)};
  EXPECT_EQ(narrowed(integer("n", 1, 4), one), std::nullopt);
}

}  // namespace
}  // namespace dodona::insight
