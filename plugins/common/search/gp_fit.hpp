// SPDX-License-Identifier: Apache-2.0
//
// Hyperparameters of a Gaussian process: the maximum of marginal likelihood and priors.
//
// The priors serve in many dimensions: a length scale is LogN(sqrt 2 + log(p)/2, sqrt 3), with the
// Jacobian 1/l that favours short ones; log s2 ~ N(0, 1). Noise is fixed at 1e-8 of the signal
// unless the evidence is for more. Then its variance ratio is LogN(-4, 1), at least 1e-6. Learned
// noise costs on clean functions, and noisy functions need it.
//
// Source:  Hvarfner, Hellsten & Nardi (2024), "Vanilla Bayesian optimization performs great in high
//          dimensions", arXiv 2402.02229 (dimension-scaled prior).
// Cost:    about 2 n^3 for a step.
#pragma once

#include "common/search/kernel.hpp"

#include <Eigen/Core>

namespace dodona::common {

inline constexpr double kLogNoiseFloor = -18.420680743952367;  // log 1e-8

// The log posterior density up to a constant, and its gradient in the order of FeatureShape. With
// `noisy` the noise is a variable with its prior. -infinity if there is no factor.
double log_posterior(const FeatureShape& shape, const Eigen::MatrixXd& points,
                     const Eigen::VectorXd& y, const Eigen::VectorXd& theta, bool noisy,
                     Eigen::VectorXd& gradient);

Eigen::VectorXd default_theta(const FeatureShape& shape);

struct Fit {
  Eigen::VectorXd theta;
  double log_posterior = 0;
  bool noisy = false;
  bool succeeded = false;  // false: theta is the default
};

// The best result of searches from `warm` (empty: none) and from the defaults, with noise as a
// variable and without.
Fit fit_hyperparameters(const FeatureShape& shape, const Eigen::MatrixXd& points,
                        const Eigen::VectorXd& y, const Eigen::VectorXd& warm);

}  // namespace dodona::common
