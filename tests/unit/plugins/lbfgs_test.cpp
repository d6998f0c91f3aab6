// SPDX-License-Identifier: Apache-2.0
#include "common/search/lbfgs.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::common {
namespace {

using Eigen::VectorXd;

const BoxOptions kExact{500, 1e-9, 0};

double rosenbrock(const VectorXd& x, VectorXd& gradient) {
  const double a = x[1] - x[0] * x[0];
  gradient.resize(2);
  gradient << -400 * x[0] * a - 2 * (1 - x[0]), 200 * a;
  return 100 * a * a + (1 - x[0]) * (1 - x[0]);
}

TEST(Lbfgs, FindsTheEndOfABentValley) {
  const VectorXd low = VectorXd::Constant(2, -2), high = VectorXd::Constant(2, 2);
  const BoxMinimum found =
      minimize_in_box(rosenbrock, VectorXd::Constant(2, -1), low, high, kExact);
  EXPECT_NEAR(found.x[0], 1, 1e-6);
  EXPECT_NEAR(found.x[1], 1, 1e-6);
  EXPECT_LT(found.evaluations, 100);
}

TEST(Lbfgs, StopsAtTheBoxWhereTheMinimumIsOutside) {
  // On x0 <= 0.5 the minimum of the valley is (0.5, 0.25).
  VectorXd low = VectorXd::Constant(2, -2), high = VectorXd::Constant(2, 2);
  high[0] = 0.5;
  const BoxMinimum found =
      minimize_in_box(rosenbrock, VectorXd::Constant(2, -1), low, high, kExact);
  EXPECT_EQ(found.x[0], 0.5);
  EXPECT_NEAR(found.x[1], 0.25, 1e-6);
}

TEST(Lbfgs, WalksAroundWhatIsNotFinite) {
  const Smooth log_barrier = [](const VectorXd& x, VectorXd& gradient) {
    gradient = VectorXd::Constant(1, 1 - 0.01 / x[0]);
    return x[0] <= 0 ? NAN : x[0] - 0.01 * std::log(x[0]);
  };
  const BoxMinimum found =
      minimize_in_box(log_barrier, VectorXd::Constant(1, 5), VectorXd::Constant(1, -10),
                      VectorXd::Constant(1, 10), kExact);
  EXPECT_NEAR(found.x[0], 0.01, 1e-6);
}

TEST(Lbfgs, KeepsToItsNumberOfEvaluations) {
  int calls = 0;
  const Smooth counted = [&](const VectorXd& x, VectorXd& gradient) {
    ++calls;
    return rosenbrock(x, gradient);
  };
  const BoxMinimum found =
      minimize_in_box(counted, VectorXd::Constant(2, -1), VectorXd::Constant(2, -2),
                      VectorXd::Constant(2, 2), {7, 1e-9, 0});
  EXPECT_LE(calls, 7);
  EXPECT_EQ(calls, found.evaluations);
}

}  // namespace
}  // namespace dodona::common
