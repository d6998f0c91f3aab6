// SPDX-License-Identifier: Apache-2.0
//
// A Gaussian process with given hyperparameters and a constant mean by generalised least squares.
// Its Cholesky factor grows by a row for each point.
//
// A factor is a function of its first points and of the points appended, in order and as they came,
// one by one or together. The same history gives the same bits again.
//
// Source:  Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, algorithm 2.1.
// Symbols: K = L L^T; z = L^-1 (y - m 1); alpha = L^-T z; u = L^-1 1.
// Shapes:  see kernel.hpp; n points, of which the first y.size() have targets. The others (pending)
//          lessen the variance and leave the mean as it is.
// Cost:    n^3/3 to begin, n^2 for a point, n^2 for a prediction and twice that with its slope.
#pragma once

#include "common/search/kernel.hpp"

#include <Eigen/Core>

#include <vector>

namespace dodona::common {

class GaussianProcess {
 public:
  // Begins with these points. Raises the noise until the factor exists.
  GaussianProcess(const FeatureShape& shape, const Eigen::VectorXd& theta,
                  const Eigen::MatrixXd& points);

  Eigen::Index size() const { return size_; }
  const Kernel& kernel() const { return kernel_; }
  auto points() const { return points_.topRows(size_); }
  auto factor() const { return factor_.topLeftCorner(size_, size_); }

  void append(const PointRow& x);
  // Many points for a part of the cost, with other bits than one by one.
  void append_rows(const PointRows& rows);
  void truncate(Eigen::Index size) { size_ = size; }

  // Sets the targets of the first y.size() points.
  void set_targets(const Eigen::VectorXd& y);
  double mean() const { return mean_; }
  const Eigen::VectorXd& whitened() const { return z_; }

  // Mean and variance of the function, without noise, at x.
  struct Posterior {
    double mean = 0, variance = 0;
  };
  Posterior predict(const PointRow& x) const;
  // The same at each row of a matrix. Bits depend on the number of rows.
  std::vector<Posterior> predict_rows(const PointRows& rows) const;
  // The mean alone. Cost: n.
  double mean_at(const PointRow& x) const;

  // The posterior at x, with the solve from which a slope there is made.
  struct Look {
    Posterior posterior;
    Eigen::VectorXd solve;
  };
  Look look(const PointRow& x) const;
  // The slope of by_mean * mean + by_variance * variance at x.
  Eigen::VectorXd slope(const PointRow& x, const Look& look, double by_mean,
                        double by_variance) const;

  // Posterior means at the points with targets.
  Eigen::VectorXd fitted() const;

 private:
  Posterior solve(const PointRow& x, Eigen::VectorXd& k, Eigen::VectorXd& v) const;
  void push(const PointRow& x, const Eigen::VectorXd& row);
  void reserve(Eigen::Index capacity);

  Kernel kernel_;
  double noise_;
  Eigen::Index size_ = 0;
  Eigen::MatrixXd points_, factor_;
  Eigen::VectorXd ones_;  // u
  double mean_ = 0;
  Eigen::VectorXd y_, z_, alpha_;
};

}  // namespace dodona::common
