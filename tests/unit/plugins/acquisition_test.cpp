// SPDX-License-Identifier: Apache-2.0
#include "common/search/acquisition.hpp"

#include "common/search/candidates.hpp"
#include "common/search/expected_improvement.hpp"
#include "common/search/hypervolume_improvement.hpp"
#include "common/search/normal.hpp"
#include "support/params.hpp"

#include <dodona/host.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/fake_host.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Twelve points of sin(3 x) + y^2 with noise of variance 0.04.
GaussianProcess process() {
  VectorXd theta(4);
  theta << std::log(0.4), std::log(0.8), std::log(1.5), std::log(0.04);
  MatrixXd points(12, 2);
  for (Index i = 0; i < 12; ++i) {
    points(i, 0) = std::fmod(0.5 + 0.618033988749895 * static_cast<double>(i), 1.0);
    points(i, 1) = std::fmod(0.5 + 0.754877666246693 * static_cast<double>(i), 1.0);
  }
  GaussianProcess gp({2, 0}, theta, points);
  gp.set_targets((3 * points.col(0)).array().sin() + points.col(1).array().square());
  return gp;
}

TEST(ExpectedImprovement, IsAugmentedByWhatOneMoreTrialTeaches) {
  const double best = 0.2, mean = 0.4, noise = 0.04;
  const ExpectedImprovement exact(best), noisy(best, noise);
  for (const double variance : {1e-6, 1e-3, 0.04, 1.0}) {
    const double sigma = std::sqrt(variance);
    const double improvement = log_improvement((best - mean) / sigma) + std::log(sigma);
    const double share = 1 - std::sqrt(noise / (noise + variance));
    const GaussianProcess::Posterior posterior{mean, variance};
    EXPECT_NEAR(exact.log_value({&posterior, 1}), improvement, 1e-4 * std::abs(improvement));
    EXPECT_NEAR(noisy.log_value({&posterior, 1}), improvement + std::log(share),
                1e-4 * std::abs(improvement));
  }
}

void expect_slopes_of_differences(const Acquisition& acquisition) {
  for (const double at : {0.15, 0.45, 0.85}) {
    VectorXd x(2), slope;
    x << at, 1 - at;
    EXPECT_NEAR(acquisition.at(x, slope), acquisition.at(x), 1e-9);
    for (Index i = 0; i < 2; ++i) {
      VectorXd above = x, below = x;
      above[i] += 1e-6;
      below[i] -= 1e-6;
      const double expected = (acquisition.at(above) - acquisition.at(below)) / 2e-6;
      EXPECT_NEAR(slope[i], expected, 1e-5 * (1 + std::abs(expected))) << at;
    }
  }
}

TEST(Acquisition, SlopesAreThoseOfFiniteDifferences) {
  const GaussianProcess gp = process();
  for (const double noise : {0.0, 0.04}) {
    expect_slopes_of_differences({{&gp}, 1, std::make_shared<ExpectedImprovement>(0.1, noise)});
  }
  GaussianProcess other = process(), limit = process();
  other.set_targets(gp.points().col(1));
  limit.set_targets(gp.points().col(0).array() - 0.5);
  const std::vector<double> front{0.4, 0.3, 0.1, 0.6}, reference{1.0, 1.0};
  const auto volume =
      std::make_shared<HypervolumeImprovement>(dodona::PointRows(front, 2), reference);
  expect_slopes_of_differences({{&gp, &other}, 2, volume});
  expect_slopes_of_differences({{&gp, &other, &limit}, 2, volume});
  expect_slopes_of_differences({{&gp, &other, &limit}, 2, nullptr});
}

TEST(Acquisition, IsMultipliedByTheProbabilityOfEachLimit) {
  const GaussianProcess gp = process();
  const auto improvement = std::make_shared<ExpectedImprovement>(0.1);
  const Acquisition free({&gp}, 1, improvement), limited({&gp, &gp, &gp}, 1, improvement);
  const Acquisition only({&gp, &gp, &gp}, 1, nullptr);
  const VectorXd x = VectorXd::Constant(2, 0.4);
  const auto [mean, variance] = gp.predict(x);
  const double probability = normal_cdf(-mean / std::sqrt(variance + kLeastVariance));
  EXPECT_NEAR(limited.at(x), free.at(x) + 2 * std::log(probability), 1e-9);
  EXPECT_NEAR(only.at(x), 2 * std::log(probability), 1e-9);
}

// Constraint: x + y <= 1. The objective falls towards (1, 1).
TEST(Climb, IsCutOffWhereItBreaksAConstraint) {
  Space space;
  space.add(support::real("x", 0, 1));
  space.add(support::real("y", 0, 1));
  space.add_constraint("x + y <= 1");
  const Features features(space);
  GaussianProcess gp = process();
  gp.set_targets(-gp.points().rowwise().sum());
  const Acquisition acquisition({&gp}, 1, std::make_shared<ExpectedImprovement>(-1.0));
  Point start(2);
  start.set(0, Cell::real(0.3));
  start.set(1, Cell::real(0.2));
  const Climb found = climb(acquisition, space, features, start, 40);
  EXPECT_TRUE(space.is_feasible(found.point));
  EXPECT_GT(found.point[0].real() + found.point[1].real(), 0.95);
}

TEST(Candidates, TakePendingPointsIntoAccount) {
  GaussianProcess gp = process();
  MatrixXd rows(300, 2);
  std::vector<Point> points(300, Point(2));
  for (Index i = 0; i < 300; ++i) {
    rows(i, 0) = std::fmod(0.618033988749895 * static_cast<double>(i), 1.0);
    rows(i, 1) = std::fmod(0.754877666246693 * static_cast<double>(i), 1.0);
  }
  const testing::FakeHost fake;
  const Host host(fake.get());
  Candidates candidates(host, points, rows, {&gp});
  const std::vector<Index> settled{gp.size()};
  for (const double at : {0.1, 0.5, 0.52, 0.9}) gp.append(VectorXd::Constant(2, at));
  const Acquisition acquisition({&gp}, 1, std::make_shared<ExpectedImprovement>(0.1, 0.0));
  const VectorXd values = candidates.values(host, acquisition, settled);
  Index looked_at = 0;
  for (Index i = 0; i < 300; ++i) {
    if (values[i] < -1e299) continue;
    ++looked_at;
    const double expected = acquisition.at(rows.row(i).transpose());
    EXPECT_NEAR(values[i], expected, 1e-6 * (1 + std::abs(expected))) << i;
  }
  EXPECT_EQ(looked_at, 256);
}

}  // namespace
}  // namespace dodona::common
