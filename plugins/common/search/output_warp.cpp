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

OutputWarp::OutputWarp(const VectorXd& objectives) : targets_(VectorXd::Zero(objectives.size())) {
  for (const double value : objectives) {
    if (std::isfinite(value)) sorted_.push_back(value);
  }
  if (sorted_.empty()) return;
  std::sort(sorted_.begin(), sorted_.end());
  VectorXd y(objectives.size());
  for (Index i = 0; i < y.size(); ++i) {
    // fmin prefers a number to a NaN, so a NaN becomes the worst value. fmax makes -inf the best.
    y[i] = std::fmax(std::fmin(objectives[i], sorted_.back()), sorted_.front());
  }
  draw_in(sorted_, y);
  VectorXd drawn = VectorXd::Map(sorted_.data(), static_cast<Index>(sorted_.size()));
  draw_in(sorted_, drawn);
  drawn_.assign(drawn.begin(), drawn.end());
  low_ = y.minCoeff();
  const double range = y.maxCoeff() - low_;
  if (!(range > 0)) return;
  range_ = range;
  y = (1 + 0.5 * (y.array() - low_) / range).log() / std::log(1.5);
  mean_ = y.mean();
  y.array() -= mean_;
  spread_ = std::sqrt(y.squaredNorm() / static_cast<double>(y.size()));
  targets_ = y / spread_;
}

double OutputWarp::objective_at(double target) const {
  if (spread_ == 0) return sorted_.empty() ? 0 : sorted_.front();
  const double exponent = target * spread_ + mean_;
  const double drawn = low_ + 2 * range_ * (std::pow(1.5, exponent) - 1);
  const auto above = std::upper_bound(drawn_.begin(), drawn_.end(), drawn);
  if (above == drawn_.end()) return sorted_.back();
  if (above == drawn_.begin()) return drawn;  // the best are not drawn in
  const auto i = static_cast<std::size_t>(above - drawn_.begin());
  const double share = (drawn - drawn_[i - 1]) / (drawn_[i] - drawn_[i - 1]);
  return sorted_[i - 1] + share * (sorted_[i] - sorted_[i - 1]);
}

VectorXd warp_objectives(const VectorXd& objectives) {
  return OutputWarp(objectives).targets();
}

}  // namespace dodona::common
