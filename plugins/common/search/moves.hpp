// SPDX-License-Identifier: Apache-2.0
//
// How a search gets from what it knows to better points of the acquisition: it climbs from many
// starts, or lets one hyperparameter of few values take another one.
//
// Threads: one call at a time; work is spread by the host.
#pragma once

#include "common/oracle/past.hpp"
#include "common/search/acquisition.hpp"
#include "common/search/candidates.hpp"
#include "common/search/features.hpp"
#include "common/search/goal.hpp"

#include <dodona/random.hpp>

#include <Eigen/Core>

#include <optional>
#include <vector>

namespace dodona::common {

// Climbs from the best of the candidates and of random neighbours of `centres`, the rows of the best
// results: the best one first. `values` is the acquisition at each candidate. With `stay` nothing
// climbs: the starts are what is found. Nothing is found only where all of them break a constraint.
//
// Cost:    kClimbs climbs, each of at most 40 evaluations of the processes.
std::vector<Climb> climbs(const Past& past, const Features& features,
                          const Acquisition& acquisition, const Candidates& candidates,
                          const Eigen::VectorXd& values, const Eigen::MatrixXd& centres, bool stay,
                          RandomStream& random);

// A climb, and the acquisition by which it was made.
struct OtherValue {
  Climb climb;
  Acquisition acquisition;
};

// From result `home` one hyperparameter of few values goes to another one, the least tried, the
// others of few values stay, and what is continuous goes where the most improvement is expected
// over the known results with these: a model that is sure of what it hardly saw finds nothing to
// improve there. `home` and `goal` count the points of the first process. Nothing where no
// hyperparameter has another value that may well keep the limits.
//
// Cost:    linear in the number of values and of results.
std::optional<OtherValue> other_value(const Past& past, const Features& features,
                                      const Acquisition& acquisition, const Goal& goal,
                                      Eigen::Index home, RandomStream& random);

}  // namespace dodona::common
