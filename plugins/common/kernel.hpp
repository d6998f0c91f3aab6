// SPDX-License-Identifier: Apache-2.0
//
// Covariance over mixed features: ARD Matern-5/2 for numbers, an exponential of weighted mismatches
// for categories, and a learned mix of their sum and their product.
//
//   Kn = Matern52(sum ((x_d - y_d) / l_d)^2),  Kc = exp(-sum t_d [x_d != y_d])
//   K  = s2 ((1 - w) Kn Kc + w (Kn + Kc) / 2)
//
// With one kind of feature alone, K = s2 Kn or s2 Kc. The sum carries what categories say in
// general, the product what they say here; the likelihood chooses between them.
//
// Shapes:  p numeric features in columns 0..p-1, c categorical codes in columns p..p+c-1;
//          points[n][p + c], one row a point.
// Symbols: l -> lengths, t -> rates, s2 -> signal, w -> mix.
// Threads: const functions from any thread.
// Cost:    n (p + c) and n exponentials a call.
#pragma once

#include <Eigen/Core>

namespace dodona::common {

struct FeatureShape {
  Eigen::Index numeric = 0;
  Eigen::Index categorical = 0;
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
