// SPDX-License-Identifier: Apache-2.0
//
// A stopper that goes by another metric than the first objective: it sees a study whose one
// objective is that metric.
//
// Errors, threads: those of the stopper.
// Cost:    a copy of each event that has an objective.
#pragma once

#include "study/names.hpp"
#include "study/objective.hpp"
#include "study/roles.hpp"

#include <memory>

namespace dodona::tuner {

// The metric's name becomes known to `names`.
std::unique_ptr<study::Oracle> going_by(const study::ObjectiveTerm& metric, study::Names& names,
                                        std::unique_ptr<study::Oracle> stopper);

}  // namespace dodona::tuner
