// SPDX-License-Identifier: Apache-2.0
#include "common/search/candidates.hpp"

#include "common/search/assert.hpp"

#include <algorithm>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void Candidates::Block::begin(const GaussianProcess& gp, Part& part) const {
  const Index n = gp.size();
  part.solves.resize(rows.rows(), n + n / 8 + 8);
  VectorXd column;
  for (Index j = 0; j < n; ++j) {
    gp.kernel().covariance(rows, gp.points().row(j).transpose(), column);
    part.solves.col(j) = column;
  }
  auto head = part.solves.leftCols(n);
  gp.factor().transpose().triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(head);
  part.explained = head.rowwise().squaredNorm();
}

void Candidates::Block::add(const GaussianProcess& gp, Index j, Part& part,
                            VectorXd& squares) const {
  MatrixXd& solves = part.solves;
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
                       const std::vector<const GaussianProcess*>& gps)
    : points_(std::move(points)) {
  DODONA_ASSERT(static_cast<Index>(points_.size()) == rows.rows());
  for (const GaussianProcess* gp : gps) settled_.push_back(gp->size());
  for (Index at = 0; at < rows.rows(); at += kBlock) {
    Block& block = blocks_.emplace_back();
    block.rows = rows.middleRows(at, std::min(kBlock, rows.rows() - at));
    block.parts.resize(gps.size());
  }
  host.parallel_for(blocks_.size(), 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t b = begin; b < end; ++b) {
      for (std::size_t p = 0; p < gps.size(); ++p) {
        blocks_[b].begin(*gps[p], blocks_[b].parts[p]);
      }
    }
  });
}

VectorXd Candidates::values(const Host& host, const Acquisition& acquisition,
                            const std::vector<Index>& settled) {
  const std::vector<const GaussianProcess*>& gps = acquisition.gps();
  DODONA_ASSERT(gps.size() == settled.size() && settled.size() == settled_.size());
  VectorXd out(static_cast<Index>(points_.size()));
  host.parallel_for(blocks_.size(), 1, [&](std::uint64_t begin, std::uint64_t end) {
    std::vector<GaussianProcess::Posterior> posteriors;  // of a block, a row of processes each
    for (std::uint64_t b = begin; b < end; ++b) {
      Block& block = blocks_[b];
      posteriors.resize(static_cast<std::size_t>(block.rows.rows()) * gps.size());
      for (std::size_t p = 0; p < gps.size(); ++p) {
        const GaussianProcess& gp = *gps[p];
        DODONA_ASSERT(settled_[p] <= settled[p] && settled[p] <= gp.size());
        Part& part = block.parts[p];
        for (Index j = settled_[p]; j < settled[p]; ++j) block.add(gp, j, part, part.explained);
        VectorXd squares = part.explained;
        for (Index j = settled[p]; j < gp.size(); ++j) block.add(gp, j, part, squares);
        const VectorXd& z = gp.whitened();
        const VectorXd means = part.solves.leftCols(z.size()) * z;
        for (Index i = 0; i < means.size(); ++i) {
          const double rest = std::max(gp.kernel().signal() - squares[i], 1e-14);
          posteriors[static_cast<std::size_t>(i) * gps.size() + p] = {gp.mean() + means[i], rest};
        }
      }
      for (Index i = 0; i < block.rows.rows(); ++i) {
        out[static_cast<Index>(b) * kBlock + i] = acquisition.at(
            Posteriors(posteriors).subspan(static_cast<std::size_t>(i) * gps.size(), gps.size()));
      }
    }
  });
  settled_ = settled;
  return out;
}

}  // namespace dodona::common
