// SPDX-License-Identifier: Apache-2.0
#include "common/search/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::common {
namespace {

void expect_near_relative(double got, double want, double relative) {
  EXPECT_NEAR(got, want, relative * std::abs(want));
}

// Values by 50-digit arithmetic: log Phi and log h by their continued fraction.
TEST(Normal, LogOfItsDistributionHoldsFarDown) {
  expect_near_relative(log_normal_cdf(0), -0.69314718055994531, 1e-15);
  expect_near_relative(log_normal_cdf(3), -0.0013508099647481938, 1e-13);
  expect_near_relative(log_normal_cdf(-1), -1.8410216450092636, 1e-14);
  expect_near_relative(log_normal_cdf(-10), -53.231285150512468, 1e-14);
  expect_near_relative(log_normal_cdf(-40), -804.60844201375255, 1e-14);
}

TEST(Normal, QuantileInvertsTheDistribution) {
  for (const double p : {1e-300, 1e-20, 1e-5, 0.02, 0.3, 0.5, 0.7, 0.98, 0.999999}) {
    expect_near_relative(normal_cdf(normal_quantile(p)), p, 1e-12);
  }
  expect_near_relative(normal_quantile(0.975), 1.959963984540054, 1e-15);
}

TEST(Normal, MassOfAnIntervalIsTheSameInBothTails) {
  expect_near_relative(log_normal_mass(-1, 1), std::log(0.68268949213708589), 1e-14);
  expect_near_relative(log_normal_mass(3, 4), std::log(0.0013182267897969747), 1e-12);
  for (const double z : {0.5, 3.0, 12.0, 35.0}) {
    EXPECT_EQ(log_normal_mass(z, z + 1), log_normal_mass(-z - 1, -z));
  }
}

TEST(Normal, LogImprovementMatchesItsDefinitionAndItsAsymptote) {
  for (const double z : {-3.0, -1.5, -1.0, -0.5, 0.0, 2.0, 8.0}) {
    const double h = std::exp(-z * z / 2) / std::sqrt(2 * M_PI) + z * normal_cdf(z);
    expect_near_relative(log_improvement(z), std::log(h), 1e-11);
  }
  // log(phi(z) / z^2 (1 - 3/z^2 + 15/z^4 - 105/z^6)).
  for (const double z : {-60.0, -1e3, -1e6, -1e9}) {
    const double s = 1 / (z * z);
    const double want = -z * z / 2 - std::log(2 * M_PI) / 2 - 2 * std::log(-z) +
                        std::log1p(-3 * s + 15 * s * s - 105 * s * s * s);
    expect_near_relative(log_improvement(z), want, 1e-12);
  }
}

TEST(Normal, LogImprovementHasNoSteps) {
  // Where one formula hands over to the next, the slope goes on.
  for (const double z : {-1.0, -300.0, -67108864.0}) {
    const double step = std::abs(z) * 1e-6;
    const double rise = log_improvement(z + step) - log_improvement(z - step);
    expect_near_relative(rise / (2 * step), log_improvement_slope(z), 1e-6);
  }
}

TEST(TruncatedNormal, HasAllItsMassInside) {
  const TruncatedNormal normal(0.1, 0.3, 0, 1);
  double mass = 0;
  const int steps = 10'000;
  for (int i = 0; i < steps; ++i) mass += std::exp(normal.log_density((i + 0.5) / steps)) / steps;
  EXPECT_NEAR(mass, 1, 1e-8);
  EXPECT_EQ(normal.log_density(1.01), -INFINITY);
}

TEST(TruncatedNormal, SamplesAreQuantiles) {
  const TruncatedNormal normal(0.9, 0.2, 0, 1);
  const double at = normal.sample(0.25);
  double below = 0;
  const int steps = 10'000;
  for (int i = 0; i < steps; ++i) {
    below += std::exp(normal.log_density(at * (i + 0.5) / steps)) * at / steps;
  }
  EXPECT_NEAR(below, 0.25, 1e-8);
  EXPECT_GE(normal.sample(0), 0);
  EXPECT_LE(normal.sample(1), 1);
}

}  // namespace
}  // namespace dodona::common
