// SPDX-License-Identifier: Apache-2.0
//
// The next step of a trust-region search by a quadratic through the best point: what brings the
// last digits, which a Gaussian process is slow to find.
//
// The model passes through the best point; further points weigh by max(distance, radius)^-3, the
// quadratic part has a ridge, so that fewer points than unknowns are enough. Where there are more,
// those nearest reach beyond the radius, and each of them lies on the quadratic that the others
// give, the radius does not count.
//
// Source:  Powell (2009), the BOBYQA algorithm (models within a box and a trust region).
// Shapes:  points[n][d] in the unit cube, objectives[n]; n >= d + 2.
// Cost:    about 5 m p^2 with p = d (d + 3) / 2 unknowns and m = min(n, 2 p) points.
#pragma once

#include <Eigen/Core>

#include <optional>

namespace dodona::common {

struct QuadraticStep {
  Eigen::VectorXd x;
  double predicted = 0;
  bool at_edge = false;  // of the trust region
  bool whole = false;    // the nearest points lie on one quadratic: there was no region
};

std::optional<QuadraticStep> quadratic_step(const Eigen::MatrixXd& points,
                                            const Eigen::VectorXd& objectives, double radius);

// The bottom of the bowl in which the best points lie: where a quadratic without mixed terms, by
// least squares over those of lowest value, has its minimum. It looks past the ripples that hold a
// model through the best point. Nothing where the best points show no bowl.
//
// Cost:    m d^2, m = max(4 d + 2, n / 4) points.
std::optional<Eigen::VectorXd> bowl_bottom(const Eigen::MatrixXd& points,
                                           const Eigen::VectorXd& objectives);

}  // namespace dodona::common
