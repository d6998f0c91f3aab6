// SPDX-License-Identifier: Apache-2.0
#include "common/search/quadratic_model.hpp"

#include "common/search/assert.hpp"
#include "common/search/lbfgs.hpp"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace dodona::common {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kWhole = 0.01;  // error up to which points lie on one quadratic

// f(s) = g.s + s.H.s / 2 around the best point.
struct Quadratic {
  VectorXd g;
  MatrixXd h;
  double operator()(const VectorXd& s, VectorXd& gradient) const {
    const VectorXd hs = h * s;
    gradient = g + hs;
    return g.dot(s) + 0.5 * s.dot(hs);
  }
};

std::vector<Index> nearest(const MatrixXd& points, Index centre, Index count) {
  const VectorXd distances = (points.rowwise() - points.row(centre)).rowwise().squaredNorm();
  std::vector<Index> order(static_cast<std::size_t>(points.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  std::erase(order, centre);
  const auto end = order.begin() + std::min<Index>(count, static_cast<Index>(order.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](Index a, Index b) {
    return distances[a] != distances[b] ? distances[a] < distances[b] : a < b;
  });
  order.erase(end, order.end());
  return order;
}

Index unknowns_of(Index d) {
  return d + d * (d + 1) / 2;
}

struct Fitted {
  Quadratic model;
  // The root mean square of each point's distance from the model of the others, as a share of the
  // root mean square of the values. Infinity if there are too few points.
  double left_out_error = std::numeric_limits<double>::infinity();
};

Fitted fit(const MatrixXd& points, const VectorXd& y, Index centre, const std::vector<Index>& rows,
           double radius, double ridge) {
  const Index d = points.cols();
  const Index unknowns = unknowns_of(d);
  const auto m = static_cast<Index>(rows.size());
  double scale = 0;
  for (const Index row : rows) scale = std::max(scale, std::abs(y[row] - y[centre]));
  if (!(scale > 0)) scale = 1;
  MatrixXd a = MatrixXd::Zero(m + unknowns, unknowns);
  VectorXd b = VectorXd::Zero(m + unknowns);
  for (Index r = 0; r < m; ++r) {
    const Index row = rows[static_cast<std::size_t>(r)];
    const VectorXd s = (points.row(row) - points.row(centre)).transpose() / radius;
    const double weight = std::pow(std::max(s.norm(), 1.0), -3);
    a.row(r).head(d) = weight * s.transpose();
    Index at = d;
    for (Index i = 0; i < d; ++i) {
      for (Index j = i; j < d; ++j) a(r, at++) = weight * s[i] * s[j] * (i == j ? 0.5 : 1.0);
    }
    b[r] = weight * (y[row] - y[centre]) / scale;
  }
  for (Index i = 0; i < unknowns; ++i) a(m + i, i) = std::sqrt(i < d ? 1e-6 * ridge : ridge);
  const auto qr = a.householderQr();
  const VectorXd solution = qr.solve(b);
  Fitted out{{solution.head(d), MatrixXd(d, d)}};
  Index at = d;
  for (Index i = 0; i < d; ++i) {
    for (Index j = i; j < d; ++j) out.model.h(i, j) = out.model.h(j, i) = solution[at++];
  }
  out.model.g *= scale / radius;
  out.model.h *= scale / (radius * radius);
  if (m < unknowns + 2) return out;
  const MatrixXd q = qr.householderQ() * MatrixXd::Identity(m + unknowns, unknowns);
  const VectorXd missed = (b - a * solution).head(m).array() /
                          (1 - q.topRows(m).rowwise().squaredNorm().array()).max(1e-12);
  out.left_out_error = missed.norm() / b.head(m).norm();
  return out;
}

}  // namespace

std::optional<QuadraticStep> quadratic_step(const MatrixXd& points, const VectorXd& objectives,
                                            double radius) {
  DODONA_ASSERT(points.rows() == objectives.size());
  const Index d = points.cols();
  if (d == 0 || points.rows() <= d) return std::nullopt;
  Index best = 0;
  objectives.minCoeff(&best);
  const std::vector<Index> rows = nearest(points, best, 2 * unknowns_of(d));
  // If all points lie on one quadratic, it holds as far as they reach.
  const double reach =
      (points(rows, Eigen::all).rowwise() - points.row(best)).cwiseAbs().maxCoeff();
  Fitted fitted;
  if (reach > radius) fitted = fit(points, objectives, best, rows, reach, 1e-12);
  const bool whole = fitted.left_out_error < kWhole;
  if (whole) {
    radius = reach;
  } else {
    fitted = fit(points, objectives, best, rows, radius, 1e-6);
  }
  const Quadratic& model = fitted.model;
  const VectorXd centre = points.row(best).transpose();
  const VectorXd low = (-centre).cwiseMax(-radius);
  const VectorXd high = (VectorXd::Ones(d) - centre).cwiseMin(radius);
  // In units of the radius, and of the model's own size.
  const double unit = std::max(model.g.norm() * radius + model.h.norm() * radius * radius, 1e-300);
  const Smooth loss = [&](const VectorXd& s, VectorXd& gradient) {
    const double value = model(s * radius, gradient);
    gradient *= radius / unit;
    return value / unit;
  };
  BoxMinimum found =
      minimize_in_box(loss, VectorXd::Zero(d), low / radius, high / radius, {200, 1e-9, 1e-14});
  // A second search begins at the far end of the steepest way, as the model may not be convex.
  const VectorXd far = (-model.g).cwiseSign();
  const BoxMinimum other =
      minimize_in_box(loss, far, low / radius, high / radius, {200, 1e-9, 1e-14});
  if (other.value < found.value) found = other;
  if (!found.x.allFinite() || !(found.value < 0)) return std::nullopt;
  const bool edge = !whole && found.x.cwiseAbs().maxCoeff() > 1 - 1e-9;
  const VectorXd x = (centre + radius * found.x).cwiseMax(0.0).cwiseMin(1.0);
  return QuadraticStep{x, objectives[best] + found.value * unit, edge, whole};
}

std::optional<VectorXd> bowl_bottom(const MatrixXd& points, const VectorXd& objectives) {
  const Index d = points.cols(), n = points.rows();
  const Index m = std::max(4 * d + 2, n / 4);
  if (d == 0 || n < m) return std::nullopt;
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return objectives[a] < objectives[b]; });
  order.resize(static_cast<std::size_t>(m));
  const MatrixXd lowest = points(order, Eigen::all);
  VectorXd y = objectives(order);
  const double spread = y[m - 1] - y[0];
  if (!(spread > 0)) return std::nullopt;
  y = (y.array() - y.mean()) / spread;
  const Eigen::RowVectorXd centre = lowest.colwise().mean();
  const Eigen::RowVectorXd widths =
      ((lowest.rowwise() - centre).colwise().squaredNorm() / static_cast<double>(m))
          .cwiseSqrt()
          .cwiseMax(1e-6);
  const MatrixXd s = (lowest.rowwise() - centre).array().rowwise() / widths.array();
  // The unknowns are the constant, slopes and curvatures. The curvatures have a ridge. The slopes
  // have a trace of one, as all points may agree in a dimension.
  MatrixXd a = MatrixXd::Zero(m + 2 * d, 2 * d + 1);
  a.topLeftCorner(m, 1).setOnes();
  a.block(0, 1, m, d) = s;
  a.block(0, 1 + d, m, d) = s.cwiseAbs2();
  a.block(m, 1, d, d).diagonal().setConstant(1e-6);
  a.bottomRightCorner(d, d).diagonal().setConstant(0.3);
  VectorXd b = VectorXd::Zero(m + 2 * d);
  b.head(m) = y;
  const VectorXd solution = a.householderQr().solve(b);
  VectorXd out = points.row(order.front()).transpose();
  bool any = false;
  for (Index i = 0; i < d; ++i) {
    const double slope = solution[1 + i], curvature = solution[1 + d + i];
    if (!(curvature > 1e-3)) continue;  // no bowl in this dimension: the best point's value stays
    const double step =
        std::clamp(-slope / (2 * curvature), s.col(i).minCoeff(), s.col(i).maxCoeff());
    out[i] = std::clamp(centre[i] + step * widths[i], 0.0, 1.0);
    any = true;
  }
  return any ? std::optional(out) : std::nullopt;
}

}  // namespace dodona::common
