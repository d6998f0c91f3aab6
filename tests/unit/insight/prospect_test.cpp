// SPDX-License-Identifier: Apache-2.0
#include "insight/prospect.hpp"

#include "support/samples_of.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dodona::insight {
namespace {

struct Observed {
  std::vector<Point> points;
  std::vector<double> scores;
};

// Of x alone, from 0.5 to 1: the best is unknown.
Observed right_half(const Space& space) {
  Observed observed;
  for (int i = 0; i <= 10; ++i) {
    Point point(space.size());
    for (std::size_t k = 0; k < space.size(); ++k) point.set(k, Cell::real(0.5 + 0.05 * i));
    observed.points.push_back(point);
    observed.scores.push_back(0.5 + 0.05 * i);
  }
  return observed;
}

TEST(Prospect, SeesWhereItIsBetter) {
  const Space space = support::five();
  const Observed observed = right_half(space);
  const auto sure = [](std::span<const Point> points) {
    std::vector<study::Estimate> out;
    for (const Point& point : points) out.push_back({point[0].real(), 0.001});
    return std::optional(out);
  };
  const auto prospect = insight::prospect(space, observed.points, observed.scores, sure);
  ASSERT_TRUE(prospect);
  EXPECT_EQ(prospect->best, 0U);
  EXPECT_DOUBLE_EQ(prospect->now.mean, 0.5);
  EXPECT_GT(prospect->probability, 0.999);
  EXPECT_NEAR(prospect->gain, 0.5, 0.02);
}

TEST(Prospect, IsNoneWhereAllIsKnown) {
  const Space space = support::five();
  const Observed observed = right_half(space);
  const auto worse = [](std::span<const Point> points) {
    std::vector<study::Estimate> out;
    for (const Point& point : points) out.push_back({point[0].real() >= 0.5 ? 0.5 : 2.0, 1e-9});
    return std::optional(out);
  };
  const auto prospect = insight::prospect(space, observed.points, observed.scores, worse);
  ASSERT_TRUE(prospect);
  EXPECT_LT(prospect->gain, 1e-6);
}

// A model that draws in outliers has a long deviation to the worse side. It once promised scores
// below zero of a loss.
TEST(Prospect, DoesNotTakeALongTailForAPromise) {
  const Space space = support::five();
  const Observed observed = right_half(space);
  const auto unsure = [](std::span<const Point> points) {
    return std::optional(std::vector<study::Estimate>(points.size(), {1.0, 1000.0}));
  };
  const auto prospect = insight::prospect(space, observed.points, observed.scores, unsure);
  ASSERT_TRUE(prospect);
  EXPECT_LT(prospect->gain, 0.5);
}

TEST(Prospect, NeedsAModelAndPoints) {
  const Space space = support::five();
  const auto none = [](std::span<const Point>) -> std::optional<std::vector<study::Estimate>> {
    return std::nullopt;
  };
  const Observed observed = right_half(space);
  EXPECT_FALSE(prospect(space, observed.points, observed.scores, none));
  EXPECT_FALSE(prospect(space, {}, {}, none));
}

}  // namespace
}  // namespace dodona::insight
