// SPDX-License-Identifier: Apache-2.0
#include "common/search/output_warp.hpp"

#include "common/search/normal.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace dodona::common {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// Replaces values above the median of `sorted` by its normal scores of half ranks.
void draw_in(const std::vector<double>& sorted, VectorXd& y) {
  const std::size_t n = sorted.size();
  const double median =
      n % 2 == 1 ? sorted[n / 2] : sorted[n / 2 - 1] + (sorted[n / 2] - sorted[n / 2 - 1]) / 2;
  const auto above = std::upper_bound(sorted.begin(), sorted.end(), median);
  const double count_below = static_cast<double>(above - sorted.begin());
  double squares = 0;
  for (auto it = sorted.begin(); it != above; ++it) squares += (*it - median) * (*it - median);
  const double spread = std::sqrt(squares / count_below);
  if (!(spread > 0)) return;
  for (double& value : y) {
    if (!(value > median)) continue;
    // Equal values share the middle of their ranks.
    const auto [first, last] = std::equal_range(above, sorted.end(), value);
    const double rank =
        static_cast<double>((first - sorted.begin()) + (last - sorted.begin()) + 1) / 2;
    const double share = (rank - count_below) / (static_cast<double>(n) - count_below + 1);
    value = median + spread * normal_quantile(0.5 + 0.5 * share);
  }
}

}  // namespace

VectorXd warp_objectives(const VectorXd& objectives) {
  std::vector<double> sorted;
  for (const double value : objectives) {
    if (std::isfinite(value)) sorted.push_back(value);
  }
  VectorXd y = VectorXd::Zero(objectives.size());
  if (sorted.empty()) return y;
  std::sort(sorted.begin(), sorted.end());
  for (Index i = 0; i < y.size(); ++i) {
    // fmin prefers a number to a NaN, so a NaN becomes the worst value. fmax makes -inf the best.
    y[i] = std::fmax(std::fmin(objectives[i], sorted.back()), sorted.front());
  }
  draw_in(sorted, y);
  const double low = y.minCoeff(), range = y.maxCoeff() - low;
  if (!(range > 0)) return VectorXd::Zero(y.size());
  y = (1 + 0.5 * (y.array() - low) / range).log() / std::log(1.5);
  y.array() -= y.mean();
  return y / std::sqrt(y.squaredNorm() / static_cast<double>(y.size()));
}

}  // namespace dodona::common
