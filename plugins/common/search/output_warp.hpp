// SPDX-License-Identifier: Apache-2.0
//
// Warps objectives for a Gaussian process: outliers are drawn in, the best are spread out, the mean
// is 0 and the variance 1.
//
// Objectives above the median are replaced by normal scores of their half ranks. Then all are
// mapped to [0, 1] and through log(1 + q / 2) / log 1.5. A missing objective (NaN) counts as the
// worst one, so that the regions of failed trials do not stay attractive. An infinite one counts as
// the extreme.
//
// Source:  Song et al. (2024), "The Vizier Gaussian process bandit algorithm", arXiv 2408.11527,
//          section 3 (output warping).
#pragma once

#include <Eigen/Core>

namespace dodona::common {

Eigen::VectorXd warp_objectives(const Eigen::VectorXd& objectives);

}  // namespace dodona::common
