// SPDX-License-Identifier: Apache-2.0
#include "common/search/kernel.hpp"

#include <cmath>

namespace dodona::common {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

Kernel::Kernel(const FeatureShape& shape, const VectorXd& theta)
    : shape_(shape),
      lengths_(theta.head(shape.numeric).array().exp()),
      rates_(theta.segment(shape.numeric, shape.categorical).array().exp()),
      signal_(std::exp(theta[shape.signal()])),
      noise_(signal_ * std::exp(theta[shape.noise()])) {
  if (shape.mixed()) mix_ = 1 / (1 + std::exp(-theta[shape.mix()]));
}

ArrayXd Kernel::squares(const PointRows& points, const PointRow& x, Index d) const {
  const auto column = points.col(d).array();
  if (d < shape_.numeric - shape_.gated) return (column - x[d]).square();
  if (x[d] == kInactive) return (column != kInactive).cast<double>();
  return (column == kInactive).select(1.0, 2 - 2 * (column - x[d]).cos());
}

Kernel::Parts Kernel::parts(const PointRows& points, const PointRow& x) const {
  const Index n = points.rows();
  Parts out;
  if (shape_.numeric > 0) {
    ArrayXd sum = ArrayXd::Zero(n);
    for (Index d = 0; d < shape_.numeric; ++d) {
      sum += squares(points, x, d) * (1 / (lengths_[d] * lengths_[d]));
    }
    out.root = (5 * sum).sqrt();
    out.decay = (-out.root).exp();
    out.numeric = (1 + out.root + out.root.square() * (1.0 / 3)) * out.decay;
  }
  if (shape_.categorical > 0) {
    ArrayXd exponent = ArrayXd::Zero(n);
    for (Index d = 0; d < shape_.categorical; ++d) {
      const Index at = shape_.numeric + d;
      exponent -= (points.col(at).array() != x[at]).cast<double>() * rates_[d];
    }
    out.categorical = exponent.exp();
  }
  return out;
}

ArrayXd Kernel::by_numeric(const Parts& parts) const {
  if (!shape_.mixed()) return ArrayXd::Constant(parts.numeric.size(), signal_);
  return signal_ * ((1 - mix_) * parts.categorical + mix_ / 2);
}

ArrayXd Kernel::by_categorical(const Parts& parts) const {
  if (!shape_.mixed()) return ArrayXd::Constant(parts.categorical.size(), signal_);
  return signal_ * ((1 - mix_) * parts.numeric + mix_ / 2);
}

void Kernel::covariance(const PointRows& points, const PointRow& x, VectorXd& out) const {
  const Parts p = parts(points, x);
  if (shape_.mixed()) {
    out =
        signal_ * ((1 - mix_) * p.numeric * p.categorical + mix_ / 2 * (p.numeric + p.categorical));
  } else if (shape_.numeric > 0) {
    out = signal_ * p.numeric;
  } else if (shape_.categorical > 0) {
    out = signal_ * p.categorical;
  } else {
    out = VectorXd::Constant(points.rows(), signal_);
  }
}

VectorXd Kernel::slope(const PointRows& points, const PointRow& x, const VectorXd& weight) const {
  VectorXd out = VectorXd::Zero(shape_.numeric);
  if (shape_.numeric == 0) return out;
  const Parts p = parts(points, x);
  // dKn/d(r^2) = -(5/6) (1 + root) decay.
  const ArrayXd common = weight.array() * by_numeric(p) * (-5.0 / 3) * (1 + p.root) * p.decay;
  for (Index d = 0; d < shape_.numeric; ++d) {
    const auto column = points.col(d).array();
    const bool gated = d >= shape_.numeric - shape_.gated;
    if (gated && x[d] == kInactive) continue;
    const ArrayXd half = gated ? ArrayXd((column == kInactive).select(0.0, (x[d] - column).sin()))
                               : ArrayXd(x[d] - column);
    out[d] = (common * half).sum() / (lengths_[d] * lengths_[d]);
  }
  return out;
}

void Kernel::accumulate(const PointRows& points, const PointRow& x, const VectorXd& weight,
                        VectorXd& gradient) const {
  const Parts p = parts(points, x);
  if (shape_.numeric > 0) {
    const ArrayXd common = weight.array() * by_numeric(p) * (5.0 / 3) * (1 + p.root) * p.decay;
    for (Index d = 0; d < shape_.numeric; ++d) {
      const double sum = (common * squares(points, x, d)).sum();
      gradient[d] += sum / (lengths_[d] * lengths_[d]);
    }
  }
  if (shape_.categorical > 0) {
    const ArrayXd common = weight.array() * by_categorical(p) * p.categorical;
    for (Index d = 0; d < shape_.categorical; ++d) {
      const Index at = shape_.numeric + d;
      gradient[at] -= rates_[d] * (common * (points.col(at).array() != x[at]).cast<double>()).sum();
    }
  }
  VectorXd k;
  if (shape_.mixed()) {
    const ArrayXd product = p.numeric * p.categorical;
    const ArrayXd half_sum = (p.numeric + p.categorical) / 2;
    gradient[shape_.mix()] +=
        signal_ * mix_ * (1 - mix_) * (weight.array() * (half_sum - product)).sum();
    k = signal_ * ((1 - mix_) * product + mix_ * half_sum);
  } else if (shape_.size() > 0) {
    k = signal_ * (shape_.numeric > 0 ? p.numeric : p.categorical);
  } else {
    k = VectorXd::Constant(points.rows(), signal_);
  }
  gradient[shape_.signal()] += weight.dot(k);
}

}  // namespace dodona::common
