// SPDX-License-Identifier: Apache-2.0
//
// The best so many of several results: by their ranks (common/oracle/standing.hpp), and of the
// front that does not fit as a whole those that together dominate the largest volume.
//
// Source:  Guerreiro, Fonseca & Paquete (2016), Evol. Comput. 24:521-544: taking the point that adds
//          most, again and again, comes within 1 - 1/e of the largest volume of so many points. A
//          point never adds more later, so that most of them need not be looked at again.
// Threads: pure functions.
#pragma once

#include "common/oracle/standing.hpp"

#include <dodona/pareto.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace dodona::common {

// The rows of a front that are taken one after another, `count` of them, each for the volume that it
// adds. Objectives count by their ranges over the finite values; the reference lies a tenth beyond.
// Ties go to the first one. Cost: O(k count) for two objectives, usually; beyond, as many volumes.
std::vector<std::size_t> spread_of(dodona::PointRows front, std::size_t count);

// The indices of the best `count` results, in no order; of all, if there are not so many.
std::vector<std::size_t> best_of(std::span<const Standing* const> standings, std::size_t count);

}  // namespace dodona::common
