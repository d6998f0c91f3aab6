// SPDX-License-Identifier: Apache-2.0
//
// The next step of a trust-region search by a quadratic through the best point: what brings the
// last digits, which a Gaussian process is slow to find.
//
// The model passes through the best point; further points weigh by max(distance, radius)^-3, the
// quadratic part has a ridge, so that fewer points than unknowns are enough.
//
// Source:  Powell (2009), the BOBYQA algorithm (models within a box and a trust region).
// Shapes:  points[n][d] in the unit cube, objectives[n]; n >= d + 2.
// Cost:    m p^2 with p = d (d + 3) / 2 unknowns and m = min(n, 2 p) points.
#pragma once

#include <Eigen/Core>

#include <optional>

namespace dodona::common {

struct QuadraticStep {
  Eigen::VectorXd x;
  double predicted = 0;
  bool at_edge = false;  // of the trust region
};

std::optional<QuadraticStep> quadratic_step(const Eigen::MatrixXd& points,
                                            const Eigen::VectorXd& objectives, double radius);

}  // namespace dodona::common
