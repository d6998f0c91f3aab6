// SPDX-License-Identifier: Apache-2.0
#include "common/search/goal.hpp"

#include "common/search/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Posterior = GaussianProcess::Posterior;

RandomStream stream() {
  return {1, 0, Purpose::kStudySeed};
}

double expected_improvement(double best, const Posterior& at) {
  const double sigma = std::sqrt(at.variance + kLeastVariance);
  return log_improvement((best - at.mean) / sigma) + std::log(sigma);
}

TEST(Goal, OfOneObjectiveIsTheBestResultThatKeepsTheLimits) {
  MatrixXd values(3, 1);
  values << 0.2, 0.5, 0.7;
  Goal goal(values, {0, 1, 1}, 0);
  RandomStream random = stream();
  const Posterior at{0.4, 0.04};
  EXPECT_EQ(goal.utility(random)->log_value({&at, 1}), expected_improvement(0.5, at));
  EXPECT_EQ(goal.utility(random, 0.1)->log_value({&at, 1}), expected_improvement(0.4, at));
  EXPECT_EQ(goal.utility_among({1, 0, 0}, random)->log_value({&at, 1}),
            expected_improvement(0.7, at));
  goal.believe(VectorXd::Constant(1, 0.3));
  EXPECT_EQ(goal.utility(random)->log_value({&at, 1}), expected_improvement(0.3, at));
  EXPECT_EQ(goal.front(), (std::vector<Index>{1}));
  EXPECT_EQ(Goal(values, {0, 0, 0}, 0).utility(random), nullptr);
}

TEST(Goal, OfSeveralObjectivesIsTheFrontThatKeepsTheLimits) {
  MatrixXd values(4, 2);
  values << 0, 1, 1, 0, 1, 1, -9, -9;
  Goal goal(values, {1, 1, 1, 0}, 0);
  EXPECT_EQ(goal.front(), (std::vector<Index>{0, 1}));
  RandomStream random = stream();
  // Below the reference (1.1, 1.1) lies the square from (0, 0) and what is beyond it.
  const std::vector<Posterior> sure{{0.5, 0}, {0.5, 0}}, beyond{{1.05, 0}, {-1, 0}};
  EXPECT_NEAR(std::exp(goal.utility(random)->log_value(sure)), 0.25, 1e-4);
  EXPECT_NEAR(std::exp(goal.utility(random)->log_value(beyond)), 0.05, 1e-4);
  EXPECT_NEAR(std::exp(goal.utility_among({1, 0, 1, 1}, random)->log_value(sure)), 0.30, 1e-4);
  VectorXd believed(2);
  believed << 0.5, 0.5;
  goal.believe(believed);
  EXPECT_LT(std::exp(goal.utility(random)->log_value(sure)), 1e-4);
  EXPECT_EQ(Goal(values, {0, 0, 0, 0}, 0).utility_among({1, 1, 1, 1}, random), nullptr);
}

TEST(Goal, OfOnePointOrEqualOnesHasAReferenceAllTheSame) {
  RandomStream random = stream();
  const std::vector<Posterior> better(3, Posterior{-1, 0.01});
  for (const Index n : {1, 4}) {
    const Goal goal(MatrixXd::Zero(n, 3), std::vector<char>(static_cast<std::size_t>(n), 1), 0);
    EXPECT_TRUE(std::isfinite(goal.utility(random)->log_value(better)));
  }
}

TEST(Goal, OfManyObjectivesRollsThemIntoOne) {
  const MatrixXd values = MatrixXd::Identity(5, 5);
  const Goal goal(values, std::vector<char>(5, 1), 0);
  RandomStream random = stream();
  const std::vector<Posterior> good(5, Posterior{0, 0.01}), bad(5, Posterior{2, 0.01});
  const auto utility = goal.utility(random);
  EXPECT_GT(utility->log_value(good), utility->log_value(bad));
  EXPECT_TRUE(std::isfinite(goal.utility_among(std::vector<char>(5, 0), random)->log_value(good)));
}

}  // namespace
}  // namespace dodona::common
