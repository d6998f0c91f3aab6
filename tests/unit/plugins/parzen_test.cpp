// SPDX-License-Identifier: Apache-2.0
#include "common/search/parzen.hpp"

#include "common/search/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::common {
namespace {

using Eigen::VectorXd;

VectorXd row(double a, double b, double c) {
  VectorXd out(3);
  out << a, b, c;
  return out;
}

// A number, four values, and three categories.
Parzen mixed() {
  Parzen parzen({{0, false}, {4, false}, {3, true}}, row(0.2, 0.3, 0.5), 1);
  parzen.add(row(0.1, 0.375, 2));
  parzen.add(row(0.7, 0.875, 0), 2);
  return parzen;
}

TEST(Parzen, IsTheMixtureOfItsKernels) {
  const double share = 0.5 / 3;
  const auto kernel = [&](double centre, double cell, bool own) {
    const double mass = std::exp(log_normal_mass((0.25 - cell) / 0.3, (0.5 - cell) / 0.3) -
                                 log_normal_mass(-cell / 0.3, (1 - cell) / 0.3));
    return std::exp(TruncatedNormal(centre, 0.2, 0, 1).log_density(0.4)) * mass *
           (own ? 0.5 + share : share);
  };
  const double want = (kernel(0.1, 0.375, true) + 2 * kernel(0.7, 0.875, false) + 1.0 / 12) / 4;
  EXPECT_NEAR(mixed().log_density(row(0.4, 0.375, 2)), std::log(want), 1e-12);
}

TEST(Parzen, HasTotalMassOne) {
  const Parzen parzen = mixed();
  double mass = 0;
  const int steps = 2000;
  for (int i = 0; i < steps; ++i) {
    for (int v = 0; v < 4; ++v) {
      for (int c = 0; c < 3; ++c) {
        mass += std::exp(parzen.log_density(row((i + 0.5) / steps, (v + 0.5) / 4, c))) / steps;
      }
    }
  }
  EXPECT_NEAR(mass, 1, 1e-6);
}

TEST(Parzen, SamplesFollowItsDensity) {
  // 20,000 draws: a share p has a deviation of at most 0.0036; 0.015 is over four of them.
  const Parzen parzen = mixed();
  RandomStream random(1, 2, Purpose::kProposal);
  int category = 0, cell = 0, left = 0;
  const int draws = 20'000;
  for (int i = 0; i < draws; ++i) {
    const VectorXd drawn = parzen.sample(random);
    category += drawn[2] == 0 ? 1 : 0;
    cell += drawn[1] == 0.875 ? 1 : 0;
    left += drawn[0] < 0.5 ? 1 : 0;
  }
  double want_cell = 0, want_left = 0;
  const int steps = 500;
  for (int i = 0; i < steps; ++i) {
    const double x = (i + 0.5) / steps;
    for (int v = 0; v < 4; ++v) {
      for (int c = 0; c < 3; ++c) {
        const double p = std::exp(parzen.log_density(row(x, (v + 0.5) / 4, c))) / steps;
        want_cell += v == 3 ? p : 0;
        want_left += x < 0.5 ? p : 0;
      }
    }
  }
  // Four standard errors of 20,000 draws are 0.014 at most, and the seed is given.
  EXPECT_NEAR(category / double{draws}, (0.5 / 3 + 2 * (0.5 + 0.5 / 3) + 1.0 / 3) / 4, 0.015);
  EXPECT_NEAR(cell / double{draws}, want_cell, 0.015);
  EXPECT_NEAR(left / double{draws}, want_left, 0.015);
}

TEST(Parzen, ForgetsWhatIsTruncated) {
  Parzen parzen = mixed();
  const VectorXd at = row(0.4, 0.375, 2);
  const double before = parzen.log_density(at);
  parzen.add(at);
  EXPECT_GT(parzen.log_density(at), before);
  parzen.truncate(2);
  EXPECT_EQ(parzen.log_density(at), before);
}

}  // namespace
}  // namespace dodona::common
