// SPDX-License-Identifier: Apache-2.0
//
// Minimises a smooth function in a box: L-BFGS over the variables that are free to move, with a
// backtracking search along the projected path.
//
// Source:  Nocedal & Wright (2006), Numerical Optimization, algorithm 7.4; Bertsekas (1982),
//          SIAM J. Control Optim. 20:221-246 (projection).
// Shapes:  x, low, high, gradient: n.
// Errors:  a value that is not finite counts as worse than any other. A start whose value is not
//          finite is returned as it is.
#pragma once

#include <Eigen/Core>

#include <functional>

namespace dodona::common {

// The value at x, and its gradient.
using Smooth = std::function<double(const Eigen::VectorXd& x, Eigen::VectorXd& gradient)>;

struct BoxOptions {
  int evaluations_max = 60;
  double gradient_tolerance = 1e-2;  // of the projected gradient's largest part
  double value_tolerance = 1e-9;     // relative decrease of a step
};

struct BoxMinimum {
  Eigen::VectorXd x;
  double value = 0;
  int evaluations = 0;
};

BoxMinimum minimize_in_box(const Smooth& function, const Eigen::VectorXd& start,
                           const Eigen::VectorXd& low, const Eigen::VectorXd& high,
                           const BoxOptions& options);

}  // namespace dodona::common
