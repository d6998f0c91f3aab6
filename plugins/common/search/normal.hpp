// SPDX-License-Identifier: Apache-2.0
//
// The normal distribution, exact to the far ends of its tails. Expected improvement and truncated
// kernels are made of it.
//
// Source:  Ament, Daulton, Eriksson, Balandat & Bakshy (2023), "Unexpected improvements to expected
//          improvement", arXiv 2310.20708, eq. 9 (log_improvement). Wichura (1988), algorithm
//          AS 241, Appl. Statist. 37:477-484 (quantile).
// Symbols: phi, Phi -> density and distribution function of N(0, 1)
// Errors:  none; a NaN gives a NaN.
// Threads: pure; call from any thread.
#pragma once

namespace dodona::common {

// exp(x^2) erfc(x) for x >= 0: no underflow.
double scaled_erfc(double x);

// phi(z) and its logarithm.
double normal_density(double z);
double log_normal_density(double z);

double normal_cdf(double z);

// log Phi(z); about -z^2/2 far down.
double log_normal_cdf(double z);

// log(Phi(high) - Phi(low)) for low < high, exact in both tails.
double log_normal_mass(double low, double high);

// The z with Phi(z) = p, 0 < p < 1; relative error about 1e-15.
double normal_quantile(double p);

// log(1 - exp(x)) for x <= 0.
double log1mexp(double x);

// h(z) = phi(z) + z Phi(z), exact in the lower tail too.
double improvement(double z);

// log h(z), h(z) = phi(z) + z Phi(z): expected improvement is sigma h((best - mean) / sigma).
double log_improvement(double z);

// d/dz log h(z) = Phi(z) / h(z).
double log_improvement_slope(double z);

// N(mean, sigma^2) cut off outside [low, high], which must hold the mean.
class TruncatedNormal {
 public:
  TruncatedNormal(double mean, double sigma, double low, double high);
  double log_density(double x) const;  // -infinity outside
  double sample(double u) const;       // the quantile at u in [0, 1]

 private:
  double mean_, sigma_, low_, high_;
  double cdf_low_, mass_, log_scale_;
};

}  // namespace dodona::common
