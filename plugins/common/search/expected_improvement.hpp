// SPDX-License-Identifier: Apache-2.0
//
// Log expected improvement of one objective over the best result.
//
// With noise it is augmented by the share of the deviation that one more trial would take away, so
// that it ends where there is nothing to learn, however good that is.
//
// Source:  arXiv 2310.20708 (log_improvement in normal.hpp); Huang, Allen, Notz & Zeng (2006),
//          "Global optimization of stochastic black-box systems", equation 10.
#pragma once

#include "common/search/utility.hpp"

#include <span>

namespace dodona::common {

class ExpectedImprovement : public Utility {
 public:
  // `noise`: variance of what a trial scores; 0: scores are exact.
  explicit ExpectedImprovement(double best, double noise = 0) : best_(best), noise_(noise) {}

  double log_value(Posteriors posteriors) const override;
  double log_value(Posteriors posteriors, std::span<Factors> factors) const override;

 private:
  double learned(double variance) const;  // 1 - sqrt(noise / (variance + noise))

  double best_, noise_;
};

}  // namespace dodona::common
