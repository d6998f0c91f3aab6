// SPDX-License-Identifier: Apache-2.0
//
// Covariance over mixed features: ARD Matern-5/2 for numbers, an exponential of weighted mismatches
// for categories, and a learned mix of their sum and their product.
//
//   Kn = Matern52(sum (dist(x_d, y_d) / l_d)^2),  Kc = exp(-sum t_d [x_d != y_d])
//   K  = s2 ((1 - w) Kn Kc + w (Kn + Kc) / 2)
//
// With one kind of feature alone, K = s2 Kn or s2 Kc. The sum has the effect of a category in
// general, the product its effect at these numbers. The likelihood chooses between them.
//
// dist is |x_d - y_d| for a number without conditions. For a number with conditions it is the chord
// of an arc of |x_d - y_d| if both points have it active, the radius if one has, and 0 if none has.
// So the value of an inactive number plays no part, and as the points lie in a plane every
// covariance stays positive definite.
//
// Source:  Hutter & Osborne (2013), "A kernel for hierarchical parameter spaces", arXiv 1310.5738.
// Shapes:  p numeric features in columns 0..p-1, those with conditions last, c categorical codes in
//          columns p..p+c-1; points[n][p + c], a row for each point.
// Symbols: l -> lengths, t -> rates, s2 -> signal, w -> mix.
// Threads: const functions from any thread.
// Cost:    n (p + c) and n exponentials for a call.
#pragma once

#include <Eigen/Core>

namespace dodona::common {

constexpr double kInactive = -1;  // a row's value of a feature whose condition does not hold

struct FeatureShape {
  Eigen::Index numeric = 0;
  Eigen::Index categorical = 0;
  Eigen::Index gated = 0;  // number of numeric features with conditions; they are the last ones
  Eigen::Index size() const { return numeric + categorical; }
  bool mixed() const { return numeric > 0 && categorical > 0; }

  // Indices into the vector of hyperparameters: log l, log t, log s2, log (noise / s2), logit w.
  Eigen::Index signal() const { return size(); }
  Eigen::Index noise() const { return size() + 1; }
  Eigen::Index mix() const { return size() + 2; }
  Eigen::Index theta_size() const { return size() + (mixed() ? 3 : 2); }

  friend bool operator==(const FeatureShape&, const FeatureShape&) = default;
};

using PointRows = Eigen::Ref<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;
using PointRow = Eigen::Ref<const Eigen::VectorXd>;

class Kernel {
 public:
  Kernel(const FeatureShape& shape, const Eigen::VectorXd& theta);

  double signal() const { return signal_; }
  double noise() const { return noise_; }  // variance, not relative
  const Eigen::VectorXd& lengths() const { return lengths_; }

  // out[i] = K(points.row(i), x)
  void covariance(const PointRows& points, const PointRow& x, Eigen::VectorXd& out) const;

  // The slope d/dx_k of sum_i weight[i] K(points.row(i), x) in the numeric features.
  Eigen::VectorXd slope(const PointRows& points, const PointRow& x,
                        const Eigen::VectorXd& weight) const;

  // Adds to `gradient` the part of one column of K in the gradient of a likelihood:
  // sum_i weight[i] dK(points.row(i), x) / dtheta, without noise.
  void accumulate(const PointRows& points, const PointRow& x, const Eigen::VectorXd& weight,
                  Eigen::VectorXd& gradient) const;

 private:
  struct Parts {
    Eigen::ArrayXd root;         // sqrt(5) r
    Eigen::ArrayXd decay;        // exp(-root)
    Eigen::ArrayXd numeric;      // Kn
    Eigen::ArrayXd categorical;  // Kc
  };
  // Squared distances in one numeric feature.
  Eigen::ArrayXd squares(const PointRows& points, const PointRow& x, Eigen::Index d) const;
  Parts parts(const PointRows& points, const PointRow& x) const;
  // dK/dKn, dK/dKc at the parts.
  Eigen::ArrayXd by_numeric(const Parts& parts) const;
  Eigen::ArrayXd by_categorical(const Parts& parts) const;

  FeatureShape shape_;
  Eigen::VectorXd lengths_, rates_;
  double signal_, noise_;
  double mix_ = 0;
};

}  // namespace dodona::common
