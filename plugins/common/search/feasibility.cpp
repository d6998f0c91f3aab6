// SPDX-License-Identifier: Apache-2.0
#include "common/search/feasibility.hpp"

#include "common/search/normal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace dodona::common {

using Eigen::Index;
using Eigen::VectorXd;

VectorXd warp_excesses(const VectorXd& excesses) {
  double low = 0, high = 0;
  std::vector<double> sizes;
  for (const double each : excesses) {
    if (!std::isfinite(each)) continue;
    low = std::min(low, each);
    high = std::max(high, each);
    if (each != 0) sizes.push_back(std::abs(each));
  }
  VectorXd out = excesses.cwiseMax(low).cwiseMin(high);
  if (sizes.empty()) return out;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  const double scale = *middle;
  for (double& each : out) each = std::copysign(std::log1p(std::abs(each) / scale), each);
  const double spread = std::sqrt((out.array() - out.mean()).square().mean());
  return spread > 0 ? VectorXd(out / spread) : out;
}

double log_probability_kept(const GaussianProcess::Posterior& posterior) {
  return log_normal_cdf(-posterior.mean / deviation_of(posterior));
}

Utility::Factors slopes_of_kept(const GaussianProcess::Posterior& posterior) {
  const double sigma = deviation_of(posterior);
  const double z = -posterior.mean / sigma;
  const double ratio = std::exp(log_normal_density(z) - log_normal_cdf(z));
  return {-ratio / sigma, -ratio * z / (2 * sigma * sigma)};
}

}  // namespace dodona::common
