// SPDX-License-Identifier: Apache-2.0
//
// The worth of the objectives of one more trial, as far as independent normal distributions tell:
// the logarithm of an expected gain.
//
// Symbols: mu, sigma -> mean and deviation of one objective.
// Shapes:  m objectives; `posteriors` and `factors` have m.
// Units:   targets of the processes; smaller is better.
// Threads: const functions from any thread.
#pragma once

#include "common/search/gaussian_process.hpp"

#include <cmath>
#include <span>

namespace dodona::common {

// Added to each variance: no deviation is 0.
inline constexpr double kLeastVariance = 1e-12;

inline double deviation_of(const GaussianProcess::Posterior& posterior) {
  return std::sqrt(posterior.variance + kLeastVariance);
}

using Posteriors = std::span<const GaussianProcess::Posterior>;

class Utility {
 public:
  // The slopes of a value in the mean and in the variance of one objective.
  struct Factors {
    double by_mean = 0, by_variance = 0;
  };

  Utility() = default;
  Utility(const Utility&) = delete;
  Utility& operator=(const Utility&) = delete;
  virtual ~Utility() = default;

  virtual double log_value(Posteriors posteriors) const = 0;
  virtual double log_value(Posteriors posteriors, std::span<Factors> factors) const = 0;
};

}  // namespace dodona::common
