// SPDX-License-Identifier: Apache-2.0
#include "common/search/hypervolume_improvement.hpp"

#include "common/search/assert.hpp"
#include "common/search/normal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace dodona::common {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Below, the sum of products has lost terms, and logarithms are added.
constexpr double kLeastPlain = 1e-200;

// One step of a staircase: no point dominates what has the first objective in [low, high], the
// second below `top` and the third above `floor`.
struct Step {
  double low, high, top, floor;
};

}  // namespace

HypervolumeImprovement::HypervolumeImprovement(dodona::PointRows points,
                                               std::span<const double> reference)
    : m_(reference.size()), reference_(reference.begin(), reference.end()) {
  DODONA_ASSERT(m_ >= 2 && m_ <= kObjectivesMax);
  // The third of two objectives is 0 of [0, 1], which leaves every volume as it is.
  std::vector<std::vector<double>> inside;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<double> row(kObjectivesMax, 0.0);
    bool better = true;
    for (std::size_t k = 0; k < m_; ++k) {
      row[k] = points[i][k];
      better = better && row[k] < reference_[k];
    }
    if (better) inside.push_back(std::move(row));
  }
  sweep(std::move(inside));
  for (std::size_t k = 0; k < m_; ++k) {
    std::vector<double>& all = bounds_[k];
    all.push_back(-kInfinity);
    for (const Box& box : boxes_) all.insert(all.end(), {box.low[k], box.high[k]});
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  }
  for (const Box& box : boxes_) {
    Cell& cell = cells_.emplace_back();
    for (std::size_t k = 0; k < m_; ++k) {
      const auto place = [&](double bound) {
        const auto found = std::lower_bound(bounds_[k].begin(), bounds_[k].end(), bound);
        return static_cast<std::uint32_t>(found - bounds_[k].begin());
      };
      cell.low[k] = place(box.low[k]);
      cell.high[k] = place(box.high[k]);
      DODONA_ASSERT(cell.low[k] < cell.high[k]);
    }
  }
  DODONA_ASSERT(!cells_.empty());
}

void HypervolumeImprovement::add_box(const Box& box) {
  for (std::size_t k = 0; k < kObjectivesMax; ++k) {
    if (!(box.low[k] < box.high[k])) return;
  }
  boxes_.push_back(box);
}

// Points by rising third objective. Each one cuts what it dominates off the steps of the staircase
// that the earlier ones left: those parts end at its third objective.
void HypervolumeImprovement::sweep(std::vector<std::vector<double>> points) {
  std::sort(points.begin(), points.end(),
            [](const auto& a, const auto& b) { return std::pair(a[2], a) < std::pair(b[2], b); });
  const double floor = m_ < 3 ? 0.0 : -kInfinity;
  std::vector<Step> steps{{-kInfinity, reference_[0], reference_[1], floor}};
  const auto close = [&](const Step& step, double low, double until) {
    add_box({{low, -kInfinity, step.floor}, {step.high, step.top, until}});
  };
  for (const std::vector<double>& point : points) {
    std::size_t first = 0;
    while (steps[first].high <= point[0]) ++first;
    if (steps[first].top <= point[1]) continue;  // an earlier one dominates it
    std::size_t last = first;                    // behind the last step that it cuts
    while (last < steps.size() && steps[last].top > point[1]) ++last;
    const double high = steps[last - 1].high;
    for (std::size_t i = first; i < last; ++i) {
      close(steps[i], std::max(steps[i].low, point[0]), point[2]);
    }
    if (steps[first].low < point[0]) steps[first++].high = point[0];
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(first),
                steps.begin() + static_cast<std::ptrdiff_t>(last));
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(first),
                 Step{point[0], high, point[1], point[2]});
  }
  for (const Step& step : steps) close(step, step.low, m_ < 3 ? 1.0 : reference_[2]);
}

std::vector<HypervolumeImprovement::Box> HypervolumeImprovement::boxes() const {
  return boxes_;
}

std::array<double, HypervolumeImprovement::kObjectivesMax> HypervolumeImprovement::factors_of(
    const Cell& cell, const Table& gains) const {
  std::array<double, kObjectivesMax> out{1, 1, 1};
  for (std::size_t k = 0; k < m_; ++k) out[k] = gains[k][cell.high[k]] - gains[k][cell.low[k]];
  return out;
}

// The expectation as a sum of products. Fills `gains` with s h((bound - mu) / s).
double HypervolumeImprovement::plain_value(Posteriors posteriors, Table& gains) const {
  for (std::size_t k = 0; k < m_; ++k) {
    const double sigma = deviation_of(posteriors[k]);
    gains[k].assign(bounds_[k].size(), 0.0);
    for (std::size_t i = 1; i < bounds_[k].size(); ++i) {
      gains[k][i] = sigma * improvement((bounds_[k][i] - posteriors[k].mean) / sigma);
    }
  }
  double sum = 0;
  for (const Cell& cell : cells_) {
    const auto factors = factors_of(cell, gains);
    sum += factors[0] * factors[1] * factors[2];
  }
  return sum;
}

double HypervolumeImprovement::log_value(Posteriors posteriors) const {
  DODONA_ASSERT(posteriors.size() == m_);
  Table gains;
  const double value = plain_value(posteriors, gains);
  if (value > kLeastPlain) return std::log(value);
  std::array<Factors, kObjectivesMax> ignored;
  return log_value_by_logs(posteriors, {ignored.data(), m_});
}

double HypervolumeImprovement::log_value(Posteriors posteriors, std::span<Factors> factors) const {
  DODONA_ASSERT(posteriors.size() == m_ && factors.size() == m_);
  Table gains;
  const double value = plain_value(posteriors, gains);
  if (!(value > kLeastPlain)) return log_value_by_logs(posteriors, factors);
  Table slopes;  // of the value in each gain
  for (std::size_t k = 0; k < m_; ++k) slopes[k].assign(bounds_[k].size(), 0.0);
  for (const Cell& cell : cells_) {
    const auto f = factors_of(cell, gains);
    const std::array<double, kObjectivesMax> others{f[1] * f[2], f[0] * f[2], f[0] * f[1]};
    for (std::size_t k = 0; k < m_; ++k) {
      slopes[k][cell.high[k]] += others[k];
      slopes[k][cell.low[k]] -= others[k];
    }
  }
  for (std::size_t k = 0; k < m_; ++k) {
    const double sigma = deviation_of(posteriors[k]);
    double by_mean = 0, by_sigma = 0;
    for (std::size_t i = 1; i < bounds_[k].size(); ++i) {
      const double z = (bounds_[k][i] - posteriors[k].mean) / sigma;
      by_mean -= slopes[k][i] * normal_cdf(z);
      by_sigma += slopes[k][i] * normal_density(z);
    }
    factors[k] = {by_mean / value, by_sigma / value / (2 * sigma)};
  }
  return std::log(value);
}

// The same in logarithms, for what would underflow.
double HypervolumeImprovement::log_value_by_logs(Posteriors posteriors,
                                                 std::span<Factors> factors) const {
  // One objective in one box: the logarithm of its factor over sigma, and the slopes of that.
  const auto look = [&](std::size_t k, const Cell& cell, Factors& slopes) {
    const double sigma = deviation_of(posteriors[k]), mean = posteriors[k].mean;
    const double high = (bounds_[k][cell.high[k]] - mean) / sigma;
    const double low = (bounds_[k][cell.low[k]] - mean) / sigma;
    const bool open = cell.low[k] == 0;
    const double gain = log_improvement(high);
    const double log_factor = open ? gain : gain + log1mexp(log_improvement(low) - gain);
    const double mass = open ? log_normal_cdf(high) : log_normal_mass(low, high);
    const double at_high = std::exp(log_normal_density(high) - log_factor);
    const double at_low = open ? 0 : std::exp(log_normal_density(low) - log_factor);
    slopes.by_mean = -std::exp(mass - log_factor) / sigma;
    slopes.by_variance = (at_high - at_low) / (2 * sigma * sigma);
    return log_factor + std::log(sigma);
  };
  std::vector<double> terms;
  std::vector<std::array<Factors, kObjectivesMax>> slopes;
  for (const Cell& cell : cells_) {
    double term = 0;
    auto& of_cell = slopes.emplace_back();
    for (std::size_t k = 0; k < m_; ++k) term += look(k, cell, of_cell[k]);
    terms.push_back(std::isnan(term) ? -kInfinity : term);
  }
  const double largest = *std::max_element(terms.begin(), terms.end());
  std::fill(factors.begin(), factors.end(), Factors());
  if (!std::isfinite(largest)) return largest;
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - largest);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const double weight = std::exp(terms[i] - largest) / sum;
    if (!(weight > 0)) continue;
    for (std::size_t k = 0; k < m_; ++k) {
      factors[k].by_mean += weight * slopes[i][k].by_mean;
      factors[k].by_variance += weight * slopes[i][k].by_variance;
    }
  }
  return largest + std::log(sum);
}

}  // namespace dodona::common
