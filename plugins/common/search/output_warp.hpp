// SPDX-License-Identifier: Apache-2.0
//
// Objectives as a Gaussian process likes them: outliers drawn in, the best spread out, mean 0 and
// variance 1.
//
// What lies above the median is replaced by normal scores of its half ranks; the whole is mapped to
// [0, 1] and through log(1 + q / 2) / log 1.5. Missing objectives (NaN) count as the worst seen, so
// that the regions of failed trials do not stay attractive; infinite ones as the extremes.
//
// Source:  Song et al. (2024), "The Vizier Gaussian process bandit algorithm", arXiv 2408.11527,
//          section 3 (output warping).
#pragma once

#include <Eigen/Core>

namespace dodona::common {

Eigen::VectorXd warp_objectives(const Eigen::VectorXd& objectives);

}  // namespace dodona::common
