// SPDX-License-Identifier: Apache-2.0
#include "common/search/parzen.hpp"

#include "common/search/assert.hpp"
#include "common/search/normal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace dodona::common {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

Index place(const Axis& axis, double value) {
  const auto last = static_cast<Index>(axis.values) - 1;
  const double cell =
      axis.categorical ? value : std::floor(value * static_cast<double>(axis.values));
  return std::clamp<Index>(static_cast<Index>(cell), 0, last);
}

MatrixXd cell_masses(const Axis& axis, double width) {
  const auto values = static_cast<Index>(axis.values);
  const double cell = 1 / static_cast<double>(values);
  MatrixXd out(values, values);
  for (Index c = 0; c < values; ++c) {
    const double centre = (static_cast<double>(c) + 0.5) * cell;
    const double whole = log_normal_mass(-centre / width, (1 - centre) / width);
    for (Index v = 0; v < values; ++v) {
      const double low = static_cast<double>(v) * cell - centre;
      out(v, c) = log_normal_mass(low / width, (low + cell) / width) - whole;
    }
  }
  return out;
}

}  // namespace

Parzen::Parzen(std::vector<Axis> axes, VectorXd widths, double prior_weight)
    : axes_(std::move(axes)),
      widths_(std::move(widths)),
      rates_(VectorXd::Zero(widths_.size())),
      shares_(axes_.size()),
      tables_(axes_.size()),
      prior_weight_(prior_weight) {
  DODONA_ASSERT(axes_.size() == static_cast<std::size_t>(widths_.size()));
  for (std::size_t d = 0; d < axes_.size(); ++d) {
    const double width = widths_[static_cast<Index>(d)];
    if (axes_[d].values == 0) {
      rates_[static_cast<Index>(d)] = 1 / (2 * width * width);
      continue;
    }
    log_prior_ -= std::log(static_cast<double>(axes_[d].values));
    if (axes_[d].categorical) {
      const double rest = width / static_cast<double>(axes_[d].values);
      shares_[d] = {std::log(1 - width + rest), std::log(rest)};
    } else {
      tables_[d] = cell_masses(axes_[d], width);
    }
  }
}

void Parzen::add(const VectorXd& row, double weight) {
  DODONA_ASSERT(row.size() == widths_.size() && weight > 0);
  if (size_ >= centres_.rows()) {
    const Index room = 2 * size_ + 16;
    for (MatrixXd* each : {&centres_, &lows_, &masses_}) each->conservativeResize(room, row.size());
    weights_.conservativeResize(room);
    offsets_.conservativeResize(room);
    bases_.resize(static_cast<std::size_t>(room));
  }
  double base = 0;
  for (std::size_t d = 0; d < axes_.size(); ++d) {
    if (axes_[d].values != 0) continue;
    const auto at = static_cast<Index>(d);
    const double low = normal_cdf(-row[at] / widths_[at]);
    const double mass = normal_cdf((1 - row[at]) / widths_[at]) - low;
    base -= std::log(mass * widths_[at] * std::sqrt(2 * std::numbers::pi));
    lows_(size_, at) = low;
    masses_(size_, at) = mass;
  }
  centres_.row(size_) = row.transpose();
  weights_[size_] = weight;
  bases_[static_cast<std::size_t>(size_)] = base;
  offsets_[size_++] = std::log(weight) + base;
}

void Parzen::leave_out(Index i, bool out) {
  DODONA_ASSERT(i >= 0 && i < size_);
  weights_[i] = out ? 0 : 1;
  offsets_[i] =
      out ? -std::numeric_limits<double>::infinity() : bases_[static_cast<std::size_t>(i)];
}

double Parzen::log_density(const VectorXd& row) const {
  if (size_ == 0) return log_prior_;
  ArrayXd logs = offsets_.head(size_);
  for (std::size_t d = 0; d < axes_.size(); ++d) {
    const auto at = static_cast<Index>(d);
    const auto centres = centres_.col(at).head(size_).array();
    if (axes_[d].values == 0) {
      logs -= (centres - row[at]).square() * rates_[at];
      continue;
    }
    const Index value = place(axes_[d], row[at]);
    if (axes_[d].categorical) {
      const Shares& shares = shares_[d];
      for (Index i = 0; i < size_; ++i)
        logs[i] += place(axes_[d], centres[i]) == value ? shares.own : shares.other;
      continue;
    }
    for (Index i = 0; i < size_; ++i) logs[i] += tables_[d](value, place(axes_[d], centres[i]));
  }
  const double prior = std::log(prior_weight_) + log_prior_;
  const double top = std::max(prior, logs.maxCoeff());
  const double sum = (logs - top).exp().sum() + std::exp(prior - top);
  return top + std::log(sum / (weights_.head(size_).sum() + prior_weight_));
}

VectorXd Parzen::sample(RandomStream& random) const {
  double left = random.uniform() * (weights_.head(size_).sum() + prior_weight_) - prior_weight_;
  Index kernel = -1;  // the prior
  while (left >= 0 && kernel + 1 < size_) left -= weights_[++kernel];
  VectorXd out(static_cast<Index>(axes_.size()));
  for (std::size_t d = 0; d < axes_.size(); ++d) {
    const auto at = static_cast<Index>(d);
    const Axis& axis = axes_[d];
    const double u = random.uniform(), v = random.uniform();
    const double width = widths_[at];
    if (axis.categorical) {
      const bool own = kernel >= 0 && v >= width;
      out[at] = own ? centres_(kernel, at)
                    : std::min(std::floor(u * static_cast<double>(axis.values)),
                               static_cast<double>(axis.values - 1));
      continue;
    }
    if (kernel < 0) {
      out[at] = u;
    } else if (axis.values == 0) {
      const double z = normal_quantile(lows_(kernel, at) + u * masses_(kernel, at));
      out[at] = std::clamp(centres_(kernel, at) + width * z, 0.0, 1.0);
    } else {
      out[at] = TruncatedNormal(centres_(kernel, at), width, 0, 1).sample(u);
    }
    if (axis.values != 0) {
      const double cells = static_cast<double>(axis.values);
      out[at] = (static_cast<double>(place(axis, out[at])) + 0.5) / cells;
    }
  }
  return out;
}

}  // namespace dodona::common
