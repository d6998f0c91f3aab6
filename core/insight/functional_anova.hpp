// SPDX-License-Identifier: Apache-2.0
//
// Functional ANOVA: the share of an objective's variance over the whole space that comes from each
// hyperparameter alone.
//
// The variance is that of a forest's prediction under values drawn uniformly on the unit line, each
// hyperparameter where its conditions hold. The effect of a hyperparameter that is not always active
// counts where it is, by how often that is: P(active) * Var(E[f | value, active]). Of hyperparameters
// drawn independently while active these effects are uncorrelated, so the shares add up to at most 1.
// That a hyperparameter is there at all is the effect of its parents. The rest to 1 comes from
// values together.
//
// Each forest is grown twice, from two halves of the trials. Variances are products of the two, in
// which noise is zero on average, as the halves have none in common. So a hyperparameter without
// effect has a share of about 0 however few trials there are. A forest has three stages, each of
// which predicts what those before it leave over: so small effects beside large ones keep their size.
//
// Source:  Hutter, Hoos & Leyton-Brown (2014), "An efficient approach for assessing hyperparameter
//          importance", ICML, section 4; stages: Ghosal &
//          Hooker (2021), "Boosting random forests to reduce bias", JCGS 30; halves and conditions
//          are ours.
// Errors:  none.
// Threads: pure; works on up to eight. The answer is a function of its arguments.
// Cost:    O(n log n * d) for each of 576 trees, of 500 trials at most, and O(leaves * contexts).
#pragma once

#include "insight/observations.hpp"

#include <dodona/space.hpp>

#include <cstddef>
#include <vector>

namespace dodona::insight {

// A number and the interval in which it lies nine times of ten.
struct Estimated {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

struct Shares {
  std::vector<Estimated> definitions;  // by index
  // Of the differences between the trials of one half, the share that the other half predicts.
  double explained = 0.0;
};

// The fewest observations of which shares are made.
inline constexpr std::size_t kSharesMin = 20;

// At least kSharesMin observations.
Shares functional_anova(const Space& space, const Observations& all);

}  // namespace dodona::insight
