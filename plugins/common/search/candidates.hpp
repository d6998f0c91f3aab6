// SPDX-License-Identifier: Apache-2.0
//
// Points at which a growing Gaussian process is evaluated again and again. Their solves are kept: a
// new observation costs one matrix-vector product for all of them.
//
// Symbols: V = K_c L^-T, a row for each candidate; the sum of squares of a row is the variance that
//          the data explain.
// Shapes:  in blocks of kBlock rows, which are the pieces of parallel work.
// Threads: one call at a time; the host spreads the work.
// Cost:    rows * n^2 for the first points of the process, rows * n for each later one.
#pragma once

#include "common/search/acquisition.hpp"
#include "common/search/gaussian_process.hpp"

#include <dodona/host.hpp>
#include <dodona/space.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <vector>

namespace dodona::common {

class Candidates {
 public:
  static constexpr Eigen::Index kBlock = 64;

  Candidates() = default;
  // rows[i] are the features of points[i]; the process has only its first points.
  Candidates(const Host& host, std::vector<Point> points, const Eigen::MatrixXd& rows,
             const GaussianProcess& gp);

  std::size_t size() const { return points_.size(); }
  const Point& point(std::size_t i) const { return points_[i]; }

  // The acquisition at each candidate. The first `settled` points of the process will stay.
  Eigen::VectorXd values(const Host& host, const Acquisition& acquisition, Eigen::Index settled);

 private:
  struct Block {
    Eigen::MatrixXd rows, solves;
    Eigen::VectorXd explained;  // variance that the settled points explain
    void begin(const GaussianProcess& gp);
    void add(const GaussianProcess& gp, Eigen::Index j, Eigen::VectorXd& squares);
  };

  std::vector<Point> points_;
  std::vector<Block> blocks_;
  Eigen::Index settled_ = 0;
};

}  // namespace dodona::common
