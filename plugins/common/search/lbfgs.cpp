// SPDX-License-Identifier: Apache-2.0
#include "common/search/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace dodona::common {

namespace {

using Eigen::VectorXd;

struct Pair {
  VectorXd step, change;  // of x and of the gradient
  double curvature;       // step . change
};

constexpr std::size_t kMemory = 8;

// Minus the gradient, times the inverse Hessian that the pairs approximate.
VectorXd quasi_newton(const std::deque<Pair>& pairs, const VectorXd& gradient) {
  VectorXd q = -gradient;
  std::vector<double> alpha(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = pairs[i].step.dot(q) / pairs[i].curvature;
    q -= alpha[i] * pairs[i].change;
  }
  if (!pairs.empty()) q *= pairs.back().curvature / pairs.back().change.squaredNorm();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].change.dot(q) / pairs[i].curvature;
    q += (alpha[i] - beta) * pairs[i].step;
  }
  return q;
}

}  // namespace

BoxMinimum minimize_in_box(const Smooth& function, const VectorXd& start, const VectorXd& low,
                           const VectorXd& high, const BoxOptions& options) {
  BoxMinimum best{start.cwiseMax(low).cwiseMin(high), 0, 1};
  VectorXd gradient(start.size()), next_gradient(start.size());
  best.value = function(best.x, gradient);
  if (!std::isfinite(best.value)) return best;
  std::deque<Pair> pairs;
  while (best.evaluations < options.evaluations_max) {
    // A variable that would leave the box through its bound stands still.
    VectorXd free = gradient;
    for (Eigen::Index i = 0; i < free.size(); ++i) {
      const bool held =
          (best.x[i] <= low[i] && gradient[i] > 0) || (best.x[i] >= high[i] && gradient[i] < 0);
      if (held) free[i] = 0;
    }
    const double largest = free.size() == 0 ? 0 : free.cwiseAbs().maxCoeff();
    if (!(largest > options.gradient_tolerance)) break;
    VectorXd direction = quasi_newton(pairs, free);
    for (Eigen::Index i = 0; i < free.size(); ++i) {
      if (free[i] == 0) direction[i] = 0;
    }
    if (!(direction.dot(free) < 0)) {
      pairs.clear();
      direction = -free;
    }
    double scale = pairs.empty() ? std::min(1.0, 1 / free.norm()) : 1.0;
    bool moved = false;
    double decrease = 0;
    for (; !moved && scale > 1e-10 && best.evaluations < options.evaluations_max; scale *= 0.35) {
      VectorXd x = (best.x + scale * direction).cwiseMax(low).cwiseMin(high);
      const VectorXd step = x - best.x;
      const double promised = gradient.dot(step);
      if (!(promised < 0)) break;
      ++best.evaluations;
      const double value = function(x, next_gradient);
      if (!(value <= best.value + 1e-4 * promised)) continue;
      const VectorXd change = next_gradient - gradient;
      const double curvature = step.dot(change);
      if (curvature > 1e-10 * change.squaredNorm()) {
        pairs.push_back({step, change, curvature});
        if (pairs.size() > kMemory) pairs.pop_front();
      }
      decrease = best.value - value;
      best.x = std::move(x);
      best.value = value;
      gradient = next_gradient;
      moved = true;
    }
    if (!moved && pairs.empty()) break;
    if (!moved) {
      pairs.clear();
      continue;
    }
    if (decrease <= options.value_tolerance * (1 + std::abs(best.value))) break;
  }
  return best;
}

}  // namespace dodona::common
