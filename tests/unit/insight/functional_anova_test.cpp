// SPDX-License-Identifier: Apache-2.0
#include "insight/functional_anova.hpp"

#include "support/samples_of.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dodona::insight {
namespace {

using support::conditional;
using support::five;
using support::samples_of;

// Each interval is to hold the true share nine times of ten. Over 6 seeds and the definitions of a
// space fewer than two thirds of the intervals hold it by chance with a probability below 1e-4; the
// means lie within 0.08 of the truth, which is four deviations of them. The seeds are fixed.
void expect_shares(const Space& space, std::size_t count, const support::Function& f,
                   const std::vector<double>& truth) {
  constexpr int seeds = 6;
  int held = 0;
  std::vector<double> means(truth.size(), 0.0);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Shares shares = functional_anova(space, samples_of(space, count, seed, f));
    ASSERT_EQ(shares.definitions.size(), truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const Estimated& share = shares.definitions[i];
      EXPECT_LE(share.low, share.value);
      EXPECT_LE(share.value, share.high);
      held += share.low <= truth[i] && truth[i] <= share.high ? 1 : 0;
      means[i] += share.value / seeds;
    }
  }
  EXPECT_GE(3 * held, 2 * seeds * static_cast<int>(truth.size()));
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(means[i], truth[i], 0.08) << i;
}

// The variance of a * x is a^2 / 12: shares of 16, 4 and 1 of 21.
TEST(FunctionalAnova, KnowsTheSharesOfASum) {
  const auto f = [](const std::vector<double>& x, double noise) {
    return 4 * x[0] + 2 * x[1] + x[2] + 0.5 * noise;
  };
  expect_shares(five(), 60, f, {16.0 / 21, 4.0 / 21, 1.0 / 21, 0, 0});
  expect_shares(five(), 200, f, {16.0 / 21, 4.0 / 21, 1.0 / 21, 0, 0});
}

// The variance of x0 * x1 is 1/9 - 1/16, that of either alone 1/48: a seventh comes from both together.
TEST(FunctionalAnova, LeavesOutWhatComesFromValuesTogether) {
  const auto f = [](const std::vector<double>& x, double) { return x[0] * x[1]; };
  expect_shares(five(), 200, f, {3.0 / 7, 3.0 / 7, 0, 0, 0});
}

// The levels 0, 1 and 2 with 3 * momentum under the first: the means of the optimizers are 1.5, 1 and
// 2, whose variance is 1/6. Momentum has 9/12 a third of the time, the learning rate 1/12.
TEST(FunctionalAnova, CountsAConditionalHyperparameterWhereItIs) {
  const auto f = [](const std::vector<double>& x, double noise) {
    const int optimizer = static_cast<int>(3 * x[0]);
    return optimizer + (optimizer == 0 ? 3 * x[1] : 0.0) + x[2] + 0.1 * noise;
  };
  expect_shares(conditional(), 100, f, {1.0 / 3, 1.0 / 2, 1.0 / 6});
}

TEST(FunctionalAnova, SaysHowMuchFollowsTheHyperparameters) {
  const auto only_noise = [](const std::vector<double>&, double noise) { return noise; };
  const auto plain = [](const std::vector<double>& x, double) { return x[0]; };
  EXPECT_LT(functional_anova(five(), samples_of(five(), 100, 1, only_noise)).explained, 0.05);
  EXPECT_GT(functional_anova(five(), samples_of(five(), 100, 1, plain)).explained, 0.9);
}

TEST(FunctionalAnova, IsAFunctionOfItsArguments) {
  const auto f = [](const std::vector<double>& x, double noise) { return x[0] + noise; };
  const Observations all = samples_of(five(), kSharesMin, 1, f);
  EXPECT_EQ(functional_anova(five(), all).definitions[0].value,
            functional_anova(five(), all).definitions[0].value);
}

}  // namespace
}  // namespace dodona::insight
