// SPDX-License-Identifier: Apache-2.0
#include "common/search/expected_improvement.hpp"

#include "common/search/assert.hpp"
#include "common/search/normal.hpp"

#include <cmath>

namespace dodona::common {

double ExpectedImprovement::learned(double variance) const {
  const double all = std::sqrt(variance + noise_);
  return variance / (all * (all + std::sqrt(noise_)));
}

double ExpectedImprovement::log_value(Posteriors posteriors) const {
  DODONA_ASSERT(posteriors.size() == 1);
  const auto [mean, variance] = posteriors[0];
  const double sigma = deviation_of(posteriors[0]);
  const double value = log_improvement((best_ - mean) / sigma) + std::log(sigma);
  return noise_ > 0 ? value + std::log(learned(variance + kLeastVariance)) : value;
}

double ExpectedImprovement::log_value(Posteriors posteriors, std::span<Factors> factors) const {
  DODONA_ASSERT(posteriors.size() == 1 && factors.size() == 1);
  const double sigma = deviation_of(posteriors[0]);
  const double z = (best_ - posteriors[0].mean) / sigma;
  const double r = log_improvement_slope(z);
  double by_variance = (1 - r * z) / (2 * sigma * sigma);
  if (noise_ > 0) {
    const double variance = sigma * sigma;
    by_variance += std::sqrt(noise_) / (2 * std::pow(variance + noise_, 1.5) * learned(variance));
  }
  factors[0] = {-r / sigma, by_variance};
  return log_value(posteriors);
}

}  // namespace dodona::common
