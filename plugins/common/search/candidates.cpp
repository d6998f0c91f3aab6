// SPDX-License-Identifier: Apache-2.0
#include "common/search/candidates.hpp"

#include "common/search/assert.hpp"
#include "common/search/results.hpp"

#include <algorithm>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double kVarianceMin = 1e-14;
// The candidates at which pending points are taken into account: the cost is linear in them. No
// other candidate is proposed while one of these is better than nothing.
constexpr std::size_t kLookedAt = 256;
constexpr double kNotLookedAt = -1e300;

}  // namespace

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

namespace {

// Of the variance at `rows`, what the points from `settled` on explain. `solves` are those of the
// settled points. One matrix product does it instead of a vector product for each point.
VectorXd explained_by_pending(const GaussianProcess& gp, Index settled, const MatrixXd& rows,
                              const MatrixXd& solves) {
  const Index pending = gp.size() - settled;
  MatrixXd more(rows.rows(), pending);
  VectorXd column;
  for (Index j = 0; j < pending; ++j) {
    gp.kernel().covariance(rows, gp.points().row(settled + j).transpose(), column);
    more.col(j) = column;
  }
  const auto factor = gp.factor();
  more.noalias() -=
      solves.leftCols(settled) * factor.bottomLeftCorner(pending, settled).transpose();
  factor.bottomRightCorner(pending, pending)
      .transpose()
      .triangularView<Eigen::Upper>()
      .solveInPlace<Eigen::OnTheRight>(more);
  return more.rowwise().squaredNorm();
}

}  // namespace

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
  std::vector<GaussianProcess::Posterior> posteriors(points_.size() * gps.size());  // row by row
  VectorXd out(static_cast<Index>(points_.size()));
  const auto evaluate = [&](Index i) {
    out[i] = acquisition.at(
        Posteriors(posteriors).subspan(static_cast<std::size_t>(i) * gps.size(), gps.size()));
  };
  host.parallel_for(blocks_.size(), 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t b = begin; b < end; ++b) {
      Block& block = blocks_[b];
      const Index first = static_cast<Index>(b) * kBlock;
      for (std::size_t p = 0; p < gps.size(); ++p) {
        const GaussianProcess& gp = *gps[p];
        DODONA_ASSERT(settled_[p] <= settled[p] && settled[p] <= gp.size());
        Part& part = block.parts[p];
        for (Index j = settled_[p]; j < settled[p]; ++j) block.add(gp, j, part, part.explained);
        const VectorXd& z = gp.whitened();
        const VectorXd means = part.solves.leftCols(z.size()) * z;
        for (Index i = 0; i < means.size(); ++i) {
          const double rest = std::max(gp.kernel().signal() - part.explained[i], kVarianceMin);
          posteriors[static_cast<std::size_t>(first + i) * gps.size() + p] = {gp.mean() + means[i],
                                                                              rest};
        }
      }
      for (Index i = 0; i < block.rows.rows(); ++i) evaluate(first + i);
    }
  });
  settled_ = settled;
  if (gps.front()->size() == settled.front()) return out;

  // Pending points mostly lessen the acquisition: those with the most of it may have it still.
  const std::vector<Index> order = order_by(-out);
  const std::size_t looked = std::min(kLookedAt, order.size());
  for (std::size_t k = looked; k < order.size(); ++k) out[order[k]] = kNotLookedAt;
  const std::size_t pieces = (looked + kBlock - 1) / kBlock;
  host.parallel_for(pieces, 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t piece = begin; piece < end; ++piece) {
      const std::size_t first = piece * kBlock;
      const std::span some(order.data() + first, std::min<std::size_t>(kBlock, looked - first));
      lessen(gps, some, posteriors);
      for (const Index i : some) evaluate(i);
    }
  });
  return out;
}

// Takes the variance that pending points explain from the posteriors of some candidates.
void Candidates::lessen(const std::vector<const GaussianProcess*>& gps, std::span<const Index> some,
                        std::vector<GaussianProcess::Posterior>& posteriors) const {
  const auto size = static_cast<Index>(some.size());
  for (std::size_t p = 0; p < gps.size(); ++p) {
    const GaussianProcess& gp = *gps[p];
    MatrixXd rows(size, gp.points().cols()), solves(size, settled_[p]);
    for (Index k = 0; k < size; ++k) {
      const Index i = some[static_cast<std::size_t>(k)];
      const Block& block = blocks_[static_cast<std::size_t>(i / kBlock)];
      rows.row(k) = block.rows.row(i % kBlock);
      solves.row(k) = block.parts[p].solves.row(i % kBlock).head(settled_[p]);
    }
    const VectorXd explained = explained_by_pending(gp, settled_[p], rows, solves);
    for (Index k = 0; k < size; ++k) {
      const auto i = static_cast<std::size_t>(some[static_cast<std::size_t>(k)]);
      double& variance = posteriors[i * gps.size() + p].variance;
      variance = std::max(variance - explained[k], kVarianceMin);
    }
  }
}

}  // namespace dodona::common
