// SPDX-License-Identifier: Apache-2.0
//
// The first trials of a search, before it has a model.
//
// The first point has the default of each hyperparameter that declares one, and the middle of the
// range of each other number. Where all hyperparameters are continuous, each next trial goes a step
// along another axis, from the best result so far: these points make the first linear model. Points
// beyond, and those of all other spaces, are quasi-random and keep away from the ends of ranges.
//
// A trial that the user enqueued takes the place of the point of its number. Several objectives have
// no best result, and no middle: their first points fill the whole space.
//
// Source:  Powell (1994), COBYLA (the simplex that is built from its best corner).
// Threads: pure functions.
// Cost:    linear in the number of results.
#pragma once

#include "common/oracle/past.hpp"
#include "common/search/features.hpp"
#include "common/search/results.hpp"

#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>

namespace dodona::common {

// The number of trials that open a search, if its options do not tell it.
std::size_t opening_size(const Past& past, const Features& features);

// The point of a trial. It may break a constraint, and a trial may have had it.
Point opening_point(const Past& past, const Features& features, const Results& results,
                    std::uint64_t trial);

// The same without steps: the defaults, then quasi-random points.
Point spread_point(const Past& past, const Features& features, std::uint64_t trial);

}  // namespace dodona::common
