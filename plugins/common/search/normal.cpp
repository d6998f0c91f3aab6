// SPDX-License-Identifier: Apache-2.0
#include "common/search/normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace dodona::common {

namespace {

constexpr double kLogRootTwoPi = 0.91893853320467274178;
constexpr double kRootHalf = 1 / std::numbers::sqrt2;

using Coefficients = std::array<double, 8>;

double polynomial(const Coefficients& c, double x) {
  double sum = 0;
  for (std::size_t i = c.size(); i-- > 0;) sum = sum * x + c[i];
  return sum;
}

double ratio(const Coefficients& above, const Coefficients& below, double x) {
  return polynomial(above, x) / polynomial(below, x);
}

}  // namespace

double log1mexp(double x) {
  return x > -std::numbers::ln2 ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x));
}

double normal_density(double z) {
  return std::exp(log_normal_density(z));
}

double log_normal_density(double z) {
  return -z * z / 2 - kLogRootTwoPi;
}

double scaled_erfc(double x) {
  if (x < 25) return std::exp(x * x) * std::erfc(x);
  const double s = 1 / (x * x);
  const double series = 1 - s / 2 * (1 - 3 * s / 2 * (1 - 5 * s / 2 * (1 - 7 * s / 2)));
  return series / (x * std::sqrt(std::numbers::pi));
}

double normal_cdf(double z) {
  return std::erfc(-z * kRootHalf) / 2;
}

double log_normal_cdf(double z) {
  if (z < -1) return std::log(scaled_erfc(-z * kRootHalf) / 2) - z * z / 2;
  return std::log1p(-std::erfc(z * kRootHalf) / 2);
}

double log_normal_mass(double low, double high) {
  if (low > 0) return log_normal_mass(-high, -low);
  const double top = log_normal_cdf(high);
  return top + log1mexp(log_normal_cdf(low) - top);
}

double normal_quantile(double p) {
  static constexpr Coefficients kCentreAbove{3.3871328727963666080e0, 1.3314166789178437745e2,
                                             1.9715909503065514427e3, 1.3731693765509461125e4,
                                             4.5921953931549871457e4, 6.7265770927008700853e4,
                                             3.3430575583588128105e4, 2.5090809287301226727e3};
  static constexpr Coefficients kCentreBelow{1.0,
                                             4.2313330701600911252e1,
                                             6.8718700749205790830e2,
                                             5.3941960214247511077e3,
                                             2.1213794301586595867e4,
                                             3.9307895800092710610e4,
                                             2.8729085735721942674e4,
                                             5.2264952788528545610e3};
  static constexpr Coefficients kNearAbove{1.42343711074968357734e0,  4.63033784615654529590e0,
                                           5.76949722146069140550e0,  3.64784832476320460504e0,
                                           1.27045825245236838258e0,  2.41780725177450611770e-1,
                                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr Coefficients kNearBelow{1.0,
                                           2.05319162663775882187e0,
                                           1.67638483018380384940e0,
                                           6.89767334985100004550e-1,
                                           1.48103976427480074590e-1,
                                           1.51986665636164571966e-2,
                                           5.47593808499534494600e-4,
                                           1.05075007164441684324e-9};
  static constexpr Coefficients kFarAbove{6.65790464350110377720e0,  5.46378491116411436990e0,
                                          1.78482653991729133580e0,  2.96560571828504891230e-1,
                                          2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                          2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr Coefficients kFarBelow{1.0,
                                          5.99832206555887937690e-1,
                                          1.36929880922735805310e-1,
                                          1.48753612908506148525e-2,
                                          7.86869131145613259100e-4,
                                          1.84631831751005468180e-5,
                                          1.42151175831644588870e-7,
                                          2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * ratio(kCentreAbove, kCentreBelow, 0.180625 - q * q);
  const double r = std::sqrt(-std::log(q < 0 ? p : 1 - p));
  const double z =
      r <= 5 ? ratio(kNearAbove, kNearBelow, r - 1.6) : ratio(kFarAbove, kFarBelow, r - 5);
  return q < 0 ? -z : z;
}

double improvement(double z) {
  if (z > 10) return z;  // up to the last digit
  if (z < -39) return 0;
  if (z < -3) return std::exp(log_improvement(z));
  return std::exp(-z * z / 2 - kLogRootTwoPi) + z * normal_cdf(z);
}

double log_improvement(double z) {
  if (z > -1) {
    return std::log(std::exp(-z * z / 2 - kLogRootTwoPi) + z * normal_cdf(z));
  }
  static const double kFar = -1 / std::sqrt(std::numeric_limits<double>::epsilon());
  if (z <= kFar) return -z * z / 2 - kLogRootTwoPi - 2 * std::log(-z);
  // h = phi (1 - |z| Phi / phi); the product below tends to 1.
  const double product = -z * scaled_erfc(-z * kRootHalf) * std::sqrt(std::numbers::pi / 2);
  if (z > -300) return -z * z / 2 - kLogRootTwoPi + std::log1p(-product);
  // Below -300 the difference has lost its digits. Its series is 1/z^2 (1 - 3/z^2).
  return -z * z / 2 - kLogRootTwoPi - 2 * std::log(-z) + std::log1p(-3 / (z * z));
}

double log_improvement_slope(double z) {
  if (z < -1e4) return -z;  // the two logarithms below would cancel
  return std::exp(log_normal_cdf(z) - log_improvement(z));
}

TruncatedNormal::TruncatedNormal(double mean, double sigma, double low, double high)
    : mean_(mean),
      sigma_(sigma),
      low_(low),
      high_(high),
      cdf_low_(normal_cdf((low - mean) / sigma)),
      mass_(normal_cdf((high - mean) / sigma) - cdf_low_),
      log_scale_(-std::log(sigma * mass_) - kLogRootTwoPi) {}

double TruncatedNormal::log_density(double x) const {
  if (x < low_ || x > high_) return -std::numeric_limits<double>::infinity();
  const double z = (x - mean_) / sigma_;
  return log_scale_ - z * z / 2;
}

double TruncatedNormal::sample(double u) const {
  const double p = std::clamp(cdf_low_ + u * mass_, 1e-300, 1 - 1e-16);
  return std::clamp(mean_ + sigma_ * normal_quantile(p), low_, high_);
}

}  // namespace dodona::common
