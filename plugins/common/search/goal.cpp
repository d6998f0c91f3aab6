// SPDX-License-Identifier: Apache-2.0
#include "common/search/goal.hpp"

#include "common/search/assert.hpp"
#include "common/search/chebyshev_improvement.hpp"
#include "common/search/expected_improvement.hpp"
#include "common/search/hypervolume_improvement.hpp"

#include <dodona/pareto.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double kReferenceBeyond = 0.1;  // of the range of results

}  // namespace

Goal::Goal(MatrixXd values, std::vector<char> keeps, double noise)
    : values_(std::move(values)), keeps_(std::move(keeps)), noise_(noise) {
  DODONA_ASSERT(static_cast<Index>(keeps_.size()) == values_.rows() && values_.cols() > 0);
}

void Goal::believe(const VectorXd& values) {
  DODONA_ASSERT(values.size() == values_.cols());
  believed_.push_back(values);
}

bool Goal::any_kept() const {
  return std::any_of(keeps_.begin(), keeps_.end(), [](char each) { return each != 0; });
}

// Rows one after another, of results that keep the limits.
std::vector<double> Goal::flat(const std::vector<char>& some, bool with_believed) const {
  std::vector<double> out;
  for (Index i = 0; i < values_.rows(); ++i) {
    if (keeps_[static_cast<std::size_t>(i)] == 0 || some[static_cast<std::size_t>(i)] == 0)
      continue;
    for (Index k = 0; k < values_.cols(); ++k) out.push_back(values_(i, k));
  }
  if (!with_believed) return out;
  for (const VectorXd& each : believed_) out.insert(out.end(), each.begin(), each.end());
  return out;
}

std::vector<double> Goal::reference() const {
  const std::vector<double> all = flat(keeps_, true);
  const dodona::PointRows rows(all, static_cast<std::size_t>(values_.cols()));
  std::vector<double> out;
  for (std::size_t k = 0; k < rows.objectives(); ++k) {
    double best = std::numeric_limits<double>::infinity(), worst = -best;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      best = std::min(best, rows[i][k]);
      worst = std::max(worst, rows[i][k]);
    }
    const double range = worst > best ? worst - best : 1;  // of equal results
    out.push_back(worst + kReferenceBeyond * range);
  }
  return out;
}

std::shared_ptr<const Utility> Goal::utility(RandomStream& random, double margin) const {
  if (!any_kept()) return nullptr;
  const std::vector<double> rows = flat(keeps_, true);
  if (values_.cols() == 1) {
    const double best = *std::min_element(rows.begin(), rows.end());
    return std::make_shared<ExpectedImprovement>(best - margin, noise_);
  }
  const dodona::PointRows points(rows, static_cast<std::size_t>(values_.cols()));
  if (points.objectives() > HypervolumeImprovement::kObjectivesMax) {
    return std::make_shared<ChebyshevImprovement>(points, random);
  }
  return std::make_shared<HypervolumeImprovement>(points, reference());
}

std::shared_ptr<const Utility> Goal::utility_among(const std::vector<char>& some,
                                                   RandomStream& random) const {
  if (!any_kept()) return nullptr;
  std::vector<double> rows = flat(some, false);
  if (values_.cols() == 1) {
    const std::vector<double> all = flat(keeps_, false);
    double known = *std::max_element(all.begin(), all.end());
    for (const double each : rows) known = std::min(known, each);
    return std::make_shared<ExpectedImprovement>(known, noise_);
  }
  const auto m = static_cast<std::size_t>(values_.cols());
  if (m <= HypervolumeImprovement::kObjectivesMax) {
    return std::make_shared<HypervolumeImprovement>(dodona::PointRows(rows, m), reference());
  }
  if (rows.empty()) rows = flat(keeps_, false);
  return std::make_shared<ChebyshevImprovement>(dodona::PointRows(rows, m), random);
}

std::vector<Index> Goal::front() const {
  const std::vector<double> rows = flat(keeps_, false);
  const std::vector<std::size_t> ranks =
      front_ranks({rows, static_cast<std::size_t>(values_.cols())});
  std::vector<Index> out;
  std::size_t at = 0;
  for (Index i = 0; i < values_.rows(); ++i) {
    if (keeps_[static_cast<std::size_t>(i)] == 0) continue;
    if (ranks[at++] == 0) out.push_back(i);
  }
  return out;
}

}  // namespace dodona::common
