// SPDX-License-Identifier: Apache-2.0
//
// The neighbourhood of the best result, in which a quadratic model is believed.
//
// Its radius follows how well the steps in it were foreseen, which their notes tell.
//
// Source:  Powell (2009), the BOBYQA algorithm (quadratic_model.hpp).
// Threads: one call at a time.
// Cost:    that of a quadratic model.
#pragma once

#include "common/oracle/past.hpp"
#include "common/search/choice.hpp"
#include "common/search/features.hpp"
#include "common/search/results.hpp"

#include <dodona/history.hpp>

#include <Eigen/Core>

#include <cstdint>
#include <limits>
#include <optional>

namespace dodona::common {

class TrustRegion {
 public:
  // Takes notice of a trial that has ended; `at` are its features. `objective` is NaN where it has
  // none or breaks a limit.
  void follow(const PastTrial& trial, double objective, const Eigen::VectorXd& at);

  // The step of turn `turn`, or nothing where a quadratic has no more to give: not all is
  // continuous, there are too many dimensions, the last digits are reached, or the step is known.
  std::optional<Choice> step(const Past& past, const Features& features, const Results& results,
                             std::uint64_t turn) const;

 private:
  double best_ = std::numeric_limits<double>::infinity();
  Eigen::VectorXd row_;  // of the best result
  double radius_ = 0.2;
};

// True if no row is within `distance` of x in every coordinate.
bool is_apart(const PointRows& rows, const PointRow& x, double distance);

// Two rows that are nearer to each other count as one, in the unit cube: Cholesky factors exist for
// rows that are farther apart (prototype, algorithms of Gaussian processes).
inline constexpr double kDistinct = 1e-7;

}  // namespace dodona::common
