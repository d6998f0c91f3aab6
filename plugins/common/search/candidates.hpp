// SPDX-License-Identifier: Apache-2.0
//
// Points at which growing Gaussian processes are evaluated again and again. Their solves are kept: a
// new observation costs one matrix-vector product for all of them.
//
// Symbols: V = K_c L^-T, a row for each candidate; the sum of squares of a row is the variance that
//          the data explain. Each process has its own.
// Shapes:  in blocks of kBlock rows, which are the pieces of parallel work.
// Threads: one call at a time; the host spreads the work.
// Cost:    for each process rows * n^2 for its first points, rows * n for each later one, and 256 n
//          for each pending one.
#pragma once

#include "common/search/acquisition.hpp"
#include "common/search/gaussian_process.hpp"

#include <dodona/host.hpp>
#include <dodona/space.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <span>
#include <vector>

namespace dodona::common {

class Candidates {
 public:
  static constexpr Eigen::Index kBlock = 64;

  Candidates() = default;
  // rows[i] are the features of points[i]; the processes have only their first points.
  Candidates(const Host& host, std::vector<Point> points, const Eigen::MatrixXd& rows,
             const std::vector<const GaussianProcess*>& gps);

  std::size_t size() const { return points_.size(); }
  const Point& point(std::size_t i) const { return points_[i]; }

  // The acquisition at each candidate, over the same processes. The first settled[i] points of
  // process i will stay.
  Eigen::VectorXd values(const Host& host, const Acquisition& acquisition,
                         const std::vector<Eigen::Index>& settled);

 private:
  // The solves of one process in one block.
  struct Part {
    Eigen::MatrixXd solves;
    Eigen::VectorXd explained;  // variance that the settled points explain
  };
  struct Block {
    Eigen::MatrixXd rows;
    std::vector<Part> parts;
    void begin(const GaussianProcess& gp, Part& part) const;
    void add(const GaussianProcess& gp, Eigen::Index j, Part& part, Eigen::VectorXd& squares) const;
  };

  void lessen(const std::vector<const GaussianProcess*>& gps, std::span<const Eigen::Index> some,
              std::vector<GaussianProcess::Posterior>& posteriors) const;

  std::vector<Point> points_;
  std::vector<Block> blocks_;
  std::vector<Eigen::Index> settled_;
};

}  // namespace dodona::common
