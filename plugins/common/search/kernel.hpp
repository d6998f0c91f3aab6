// SPDX-License-Identifier: Apache-2.0
//
// Covariance over mixed features: ARD Matern-5/2 for numbers, an exponential of weighted mismatches
// for categories, and a learned mix of their sum and their product.
//
//   Kn = Matern52(sum (dist(x_d, y_d) / l_d)^2),  Kc = exp(-sum t_d [x_d != y_d])
//   K  = s2 ((1 - w) Kn Kc + w (Kn + Kc) / 2)
//
// With one kind of feature alone, K = s2 Kn or s2 Kc. The sum carries what categories say in
// general, the product what they say here; the likelihood chooses between them.
//
// dist is |x_d - y_d|, but for a number with conditions: where both are active the chord of an arc
// of |x_d - y_d|, where one is the radius, and where none is 0. What an inactive number stands at
// then plays no part, and as points in a plane every covariance stays positive definite.
//
// Source:  Hutter & Osborne (2013), "A kernel for hierarchical parameter spaces", arXiv 1310.5738.
// Shapes:  p numeric features in columns 0..p-1, those with conditions last, c categorical codes in
// columns p..p+c-1;
//          points[n][p + c], one row a point.
// Symbols: l -> lengths, t -> rates, s2 -> signal, w -> mix.
// Threads: const functions from any thread.
// Cost:    n (p + c) and n exponentials a call.
#pragma once

#include <Eigen/Core>

namespace dodona::common {

constexpr double kInactive = -1;  // in a row, where a condition does not hold

struct FeatureShape {
  Eigen::Index numeric = 0;
  Eigen::Index categorical = 0;
  Eigen::Index gated = 0;  // of the numeric ones the last so many have conditions
  Eigen::Index size() const { return numeric + categorical; }
  bool mixed() const { return numeric > 0 && categorical > 0; }

  // Places in the vector of hyperparameters: log l, log t, log s2, log (noise / s2), logit w.
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

  // d/dx_k of sum_i weight[i] K(points.row(i), x) for the numeric features.
  Eigen::VectorXd slope(const PointRows& points, const PointRow& x,
                        const Eigen::VectorXd& weight) const;

  // What the gradient of a likelihood needs of one column of K: adds to `gradient`
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
