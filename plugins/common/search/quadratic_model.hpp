// SPDX-License-Identifier: Apache-2.0
//
// The next step of a trust-region search, by a quadratic through the best point. It finds the last
// digits, for which a Gaussian process is slow.
//
// The model passes through the best point. Other points have the weight max(distance, radius)^-3.
// The quadratic part has a ridge, so that fewer points than unknowns are enough. The radius does
// not count if there are more points than unknowns, the nearest ones reach beyond it, and each of
// them lies on the quadratic of the others.
//
// Source:  Powell (2009), the BOBYQA algorithm (models within a box and a trust region).
// Shapes:  points[n][d] in the unit cube, objectives[n]; n > d.
// Cost:    about 5 m p^2 with p = d (d + 3) / 2 unknowns and m = min(n, 2 p) points.
#pragma once

#include <Eigen/Core>

#include <optional>

namespace dodona::common {

struct QuadraticStep {
  Eigen::VectorXd x;
  double predicted = 0;
  bool at_edge = false;  // true: the step ends at the edge of the trust region
  bool whole = false;    // true: the nearest points lie on one quadratic, and no region counted
};

std::optional<QuadraticStep> quadratic_step(const Eigen::MatrixXd& points,
                                            const Eigen::VectorXd& objectives, double radius);

// The bottom of the bowl in which the best points lie: the minimum of a quadratic without mixed
// terms, by least squares over the points of lowest value. It ignores ripples that would trap a
// model through the best point. Nothing if the best points show no bowl.
//
// Cost:    m d^2, m = max(4 d + 2, n / 4) points.
std::optional<Eigen::VectorXd> bowl_bottom(const Eigen::MatrixXd& points,
                                           const Eigen::VectorXd& objectives);

}  // namespace dodona::common
