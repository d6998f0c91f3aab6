// SPDX-License-Identifier: Apache-2.0
#include "common/search/candidates.hpp"

#include "common/search/assert.hpp"

#include <algorithm>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void Candidates::Block::begin(const GaussianProcess& gp) {
  const Index n = gp.size();
  solves.resize(rows.rows(), n + n / 8 + 8);
  VectorXd column;
  for (Index j = 0; j < n; ++j) {
    gp.kernel().covariance(rows, gp.points().row(j).transpose(), column);
    solves.col(j) = column;
  }
  auto head = solves.leftCols(n);
  gp.factor().transpose().triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(head);
  explained = head.rowwise().squaredNorm();
}

void Candidates::Block::add(const GaussianProcess& gp, Index j, VectorXd& squares) {
  if (j >= solves.cols()) solves.conservativeResize(Eigen::NoChange, j + j / 4 + 8);
  VectorXd column;
  gp.kernel().covariance(rows, gp.points().row(j).transpose(), column);
  const VectorXd earlier = gp.factor().row(j).head(j).transpose();
  column.noalias() -= solves.leftCols(j) * earlier;
  column /= gp.factor()(j, j);
  solves.col(j) = column;
  squares += column.cwiseAbs2();
}

Candidates::Candidates(const Host& host, std::vector<Point> points, const MatrixXd& rows,
                       const GaussianProcess& gp)
    : points_(std::move(points)), settled_(gp.size()) {
  DODONA_ASSERT(static_cast<Index>(points_.size()) == rows.rows());
  for (Index at = 0; at < rows.rows(); at += kBlock) {
    blocks_.emplace_back().rows = rows.middleRows(at, std::min(kBlock, rows.rows() - at));
  }
  host.parallel_for(blocks_.size(), 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t b = begin; b < end; ++b) blocks_[b].begin(gp);
  });
}

VectorXd Candidates::values(const Host& host, const Acquisition& acquisition, Index settled) {
  const GaussianProcess& gp = acquisition.gp();
  DODONA_ASSERT(settled_ <= settled && settled <= gp.size());
  VectorXd out(static_cast<Index>(points_.size()));
  host.parallel_for(blocks_.size(), 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t b = begin; b < end; ++b) {
      Block& block = blocks_[b];
      for (Index j = settled_; j < settled; ++j) block.add(gp, j, block.explained);
      VectorXd squares = block.explained;
      for (Index j = settled; j < gp.size(); ++j) block.add(gp, j, squares);
      const VectorXd& z = gp.whitened();
      const VectorXd means = block.solves.leftCols(z.size()) * z;
      for (Index i = 0; i < means.size(); ++i) {
        const double rest = std::max(gp.kernel().signal() - squares[i], 1e-14);
        out[static_cast<Index>(b) * kBlock + i] = acquisition.at(gp.mean() + means[i], rest);
      }
    }
  });
  settled_ = settled;
  return out;
}

}  // namespace dodona::common
