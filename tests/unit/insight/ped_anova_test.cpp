// SPDX-License-Identifier: Apache-2.0
#include "insight/ped_anova.hpp"

#include "support/samples_of.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dodona::insight {
namespace {

using support::samples_of;

// The best tenth of 10 * b + x has b = 0 and x below 0.2. Its divergences are 1 / 0.5 - 1 for b and
// 1 / 0.2 - 1 for x, so that the shares are 0.2 and 0.8, although nearly all of the variance is b's.
// 2,000 trials; the kernel blurs the end of x by a sixteenth of it, and the tolerance is 0.05.
TEST(PedAnova, WeighsWhatTellsTheBest) {
  Space space;
  space.add(support::boolean("b"));
  space.add(support::real("x", 0, 1));
  space.add(support::real("idle", 0, 1));
  const auto f = [](const std::vector<double>& x, double) { return (x[0] > 0.5 ? 10 : 0) + x[1]; };
  const std::vector<Estimated> shares = ped_anova(space, samples_of(space, 2000, 1, f));
  EXPECT_NEAR(shares[0].value, 0.2, 0.05);
  EXPECT_NEAR(shares[1].value, 0.8, 0.05);
  EXPECT_NEAR(shares[2].value, 0.0, 0.01);
  for (const Estimated& share : shares) {
    EXPECT_LE(share.low, share.value);
    EXPECT_LE(share.value, share.high);
  }
}

// Momentum alone tells the best tenth of where it is, which is a third of the time: its divergence is
// 9 / 3. The learning rate tells it elsewhere: 7 of its density lie below 0.1 and a third above, which
// gives 4. The blur of both is within the tolerance.
TEST(PedAnova, CountsAConditionalHyperparameterWhereItIs) {
  const Space space = support::conditional();
  const auto f = [](const std::vector<double>& x, double) { return x[1] == kAbsent ? x[2] : x[1]; };
  const std::vector<Estimated> shares = ped_anova(space, samples_of(space, 2000, 1, f));
  EXPECT_NEAR(shares[0].value, 0.0, 0.05);
  EXPECT_NEAR(shares[1].value, 3.0 / 7, 0.1);
  EXPECT_NEAR(shares[2].value, 4.0 / 7, 0.1);
}

TEST(PedAnova, FindsNothingInAConstant) {
  const Space space = support::five();
  const auto f = [](const std::vector<double>&, double noise) { return noise; };
  for (const Estimated& share : ped_anova(space, samples_of(space, kSharesMin, 1, f))) {
    EXPECT_LE(share.value, 1.0);
    EXPECT_GE(share.low, 0.0);
  }
}

}  // namespace
}  // namespace dodona::insight
