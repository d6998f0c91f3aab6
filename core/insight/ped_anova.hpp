// SPDX-License-Identifier: Apache-2.0
//
// PED-ANOVA: the part of each hyperparameter in what tells the best trials from all others.
//
// For each definition, the Pearson divergence between the density of its values among the best tenth
// and among all trials where it is active, times how often that is by the space. From it the
// divergence of as many random trials is subtracted, as few values always differ. The divergences
// are shares of their sum.
//
// Source:  Watanabe, Bansal & Hutter (2023), "PED-ANOVA: efficiently quantifying hyperparameter
//          importance in arbitrary subspaces", IJCAI, eq. 16; the correction and the conditions are
//          ours.
// Errors:  none.
// Threads: pure. The answer is a function of its arguments.
// Cost:    O(60 * n * d).
#pragma once

#include "insight/functional_anova.hpp"
#include "insight/observations.hpp"

#include <dodona/space.hpp>

#include <vector>

namespace dodona::insight {

// A share for each definition; all 0 where nothing tells the best ones. At least kSharesMin
// observations.
std::vector<Estimated> ped_anova(const Space& space, const Observations& all);

}  // namespace dodona::insight
