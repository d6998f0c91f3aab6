// SPDX-License-Identifier: Apache-2.0
#include "common/search/gaussian_process.hpp"

#include "common/search/assert.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace dodona::common {

using Eigen::Index;
using Eigen::Lower;
using Eigen::MatrixXd;
using Eigen::VectorXd;

GaussianProcess::GaussianProcess(const FeatureShape& shape, const VectorXd& theta,
                                 const MatrixXd& points)
    : kernel_(shape, theta), noise_(kernel_.noise()), size_(points.rows()), points_(points) {
  MatrixXd covariance = MatrixXd::Zero(size_, size_);
  VectorXd column;
  for (Index j = 0; j < size_; ++j) {
    kernel_.covariance(points.bottomRows(size_ - j), points.row(j).transpose(), column);
    covariance.col(j).tail(size_ - j) = column;
  }
  // The loop ends: with all of the signal as noise the matrix is far from singular.
  for (Eigen::LLT<MatrixXd> llt; size_ > 0;
       noise_ = std::max(10 * noise_, 1e-8 * kernel_.signal())) {
    MatrixXd noisy = covariance;
    noisy.diagonal().array() += noise_;
    llt.compute(noisy);
    if (llt.info() != Eigen::Success && noise_ < kernel_.signal()) continue;
    factor_ = llt.matrixL();
    break;
  }
  if (size_ == 0) factor_.resize(0, 0);
  ones_ = VectorXd::Ones(size_);
  factor().triangularView<Lower>().solveInPlace(ones_);
}

void GaussianProcess::reserve(Index capacity) {
  if (capacity <= factor_.rows()) return;
  const Index room = capacity + capacity / 4 + 16;
  MatrixXd factor = MatrixXd::Zero(room, room), points = MatrixXd::Zero(room, points_.cols());
  factor.topLeftCorner(size_, size_) = this->factor();
  points.topRows(size_) = this->points();
  factor_.swap(factor);
  points_.swap(points);
  ones_.conservativeResize(room);
}

void GaussianProcess::append(const PointRow& x) {
  DODONA_ASSERT(x.size() == points_.cols());
  reserve(size_ + 1);
  VectorXd k, row;
  solve(x, k, row);
  push(x, row);
}

void GaussianProcess::append_rows(const PointRows& rows) {
  DODONA_ASSERT(rows.cols() == points_.cols());
  const Index first = size_, count = rows.rows();
  if (count == 0) return;  // Eigen's solver takes the address of the first of no numbers
  reserve(first + count);
  MatrixXd solves(first, count);
  VectorXd k;
  for (Index j = 0; j < count; ++j) {
    kernel_.covariance(points(), rows.row(j).transpose(), k);
    solves.col(j) = k;
  }
  factor().triangularView<Lower>().solveInPlace(solves);
  const MatrixXd explained = solves.transpose() * solves;
  for (Index j = 0; j < count; ++j) {
    VectorXd row(size_);
    row.head(first) = solves.col(j);
    kernel_.covariance(rows.topRows(j), rows.row(j).transpose(), k);
    row.tail(j) = factor().bottomRightCorner(j, j).triangularView<Lower>().solve(
        k - explained.col(j).head(j));
    push(rows.row(j).transpose(), row);
  }
}

// Adds a point whose covariances with the others, solved by the factor, are `row`.
void GaussianProcess::push(const PointRow& x, const VectorXd& row) {
  DODONA_ASSERT(row.size() == size_ && size_ < factor_.rows());
  const double whole = kernel_.signal() + noise_;
  // A point that is nearly known adds the noise at least, up to rounding.
  const double rest = std::max(whole - row.squaredNorm(), 0.5 * noise_ + 1e-10 * whole);
  const double diagonal = std::sqrt(rest);
  points_.row(size_) = x.transpose();
  factor_.row(size_).head(size_) = row.transpose();
  factor_(size_, size_) = diagonal;
  ones_[size_] = (1 - row.dot(ones_.head(size_))) / diagonal;
  ++size_;
}

void GaussianProcess::set_targets(const VectorXd& y) {
  DODONA_ASSERT(y.size() <= size_);
  y_ = y;
  const Index n = y.size();
  const auto lower = factor_.topLeftCorner(n, n).triangularView<Lower>();
  z_ = lower.solve(y);
  mean_ = n == 0 ? 0 : ones_.head(n).dot(z_) / ones_.head(n).squaredNorm();
  z_ -= mean_ * ones_.head(n);
  alpha_ = lower.transpose().solve(z_);
}

GaussianProcess::Posterior GaussianProcess::solve(const PointRow& x, VectorXd& k,
                                                  VectorXd& v) const {
  kernel_.covariance(points(), x, k);
  v = factor().triangularView<Lower>().solve(k);
  const Index n = z_.size();
  return {mean_ + (n <= v.size() ? v.head(n).dot(z_) : 0.0),
          std::max(kernel_.signal() - v.squaredNorm(), 1e-14 * kernel_.signal())};
}

GaussianProcess::Posterior GaussianProcess::predict(const PointRow& x) const {
  VectorXd k, v;
  return solve(x, k, v);
}

std::vector<GaussianProcess::Posterior> GaussianProcess::predict_rows(const PointRows& rows) const {
  MatrixXd solves(size_, rows.rows());
  VectorXd k;
  for (Index i = 0; i < rows.rows(); ++i) {
    kernel_.covariance(points(), rows.row(i).transpose(), k);
    solves.col(i) = k;
  }
  factor().triangularView<Lower>().solveInPlace(solves);
  std::vector<Posterior> out;
  for (Index i = 0; i < rows.rows(); ++i) {
    out.push_back(
        {mean_ + solves.col(i).head(z_.size()).dot(z_),
         std::max(kernel_.signal() - solves.col(i).squaredNorm(), 1e-14 * kernel_.signal())});
  }
  return out;
}

double GaussianProcess::mean_at(const PointRow& x) const {
  VectorXd k;
  kernel_.covariance(points().topRows(alpha_.size()), x, k);
  return mean_ + k.dot(alpha_);
}

GaussianProcess::Look GaussianProcess::look(const PointRow& x) const {
  VectorXd k;
  Look out;
  out.posterior = solve(x, k, out.solve);
  return out;
}

VectorXd GaussianProcess::slope(const PointRow& x, const Look& look, double by_mean,
                                double by_variance) const {
  DODONA_ASSERT(look.solve.size() == size_);
  VectorXd weight = factor().transpose().triangularView<Eigen::Upper>().solve(look.solve);
  weight *= -2 * by_variance;
  weight.head(alpha_.size()) += by_mean * alpha_;
  return kernel_.slope(points(), x, weight);
}

VectorXd GaussianProcess::fitted() const {
  return y_ - noise_ * alpha_;
}

}  // namespace dodona::common
