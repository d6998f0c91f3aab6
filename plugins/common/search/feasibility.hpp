// SPDX-License-Identifier: Apache-2.0
//
// The probability that a quantity keeps a limit: that a normal distribution is at most 0.
//
// Excesses are warped for a process by sign(e) log(1 + |e| / s), s the median of |e|: what is near
// the limit is told apart best, and outliers are drawn in. 0 stays 0.
//
// Source:  Eriksson & Poloczek (2021), "Scalable constrained Bayesian optimization", arXiv
//          2002.08526 (bilog warp); Gardner et al. (2014), ICML, 937-945 (expected improvement times
//          the probability).
// Threads: pure functions.
#pragma once

#include "common/search/utility.hpp"

#include <Eigen/Core>

namespace dodona::common {

// Of variance 1, unless all are equal. An infinite excess counts as the extreme; none is NaN.
Eigen::VectorXd warp_excesses(const Eigen::VectorXd& excesses);

double log_probability_kept(const GaussianProcess::Posterior& posterior);
// The slopes of log_probability_kept.
Utility::Factors slopes_of_kept(const GaussianProcess::Posterior& posterior);

}  // namespace dodona::common
