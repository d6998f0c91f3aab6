// SPDX-License-Identifier: Apache-2.0
//
// Log expected improvement of several objectives rolled into one, with weights that change from
// proposal to proposal: for four objectives and more, where boxes are too many.
//
//   s(y) = max_k w_k t_k + 0.05 sum_k w_k t_k,  t_k = (y_k - ideal_k) / (nadir_k - ideal_k)
//
// The expectation over independent normal objectives is a mean over 128 quasi-random draws, the
// improvement in each is softened, and all is added in logarithms: the value has a slope where no
// draw improves.
//
// Source:  Knowles (2006), "ParEGO", IEEE Trans. Evol. Comput. 10:50-66 (augmented Chebyshev
//          function); Daulton, Balandat & Bakshy (2020), arXiv 2006.05078 (its expectation over
//          independent processes).
// Shapes:  m objectives, m >= 2.
// Cost:    to make it 128 m normal quantiles; a value 128 (m + 2 exponentials).
#pragma once

#include "common/search/utility.hpp"

#include <dodona/pareto.hpp>
#include <dodona/random.hpp>

#include <Eigen/Core>

#include <span>
#include <vector>

namespace dodona::common {

class ChebyshevImprovement : public Utility {
 public:
  // `points` are the results to improve on: at least one. Their front gives ideal and nadir. Weights
  // and draws come from the stream.
  ChebyshevImprovement(dodona::PointRows points, RandomStream& random);

  double log_value(Posteriors posteriors) const override;
  double log_value(Posteriors posteriors, std::span<Factors> factors) const override;

  // The value that counts for objectives as they are. For tests.
  double rolled(std::span<const double> objectives) const;

 private:
  Eigen::Index m_;
  std::vector<double> ideal_, weights_;  // weights over the ranges of the front
  double best_ = 0;
  Eigen::MatrixXd draws_;  // normal, one in a column
};

}  // namespace dodona::common
