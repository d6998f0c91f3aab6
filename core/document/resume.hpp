// SPDX-License-Identifier: Apache-2.0
//
// Checks of the options with which a study goes on.
//
// Errors:  Error{kInvalid} that names what changed, both values, and the ways out.
// Threads: pure.
#pragma once

#include "study/objective.hpp"
#include "study/state.hpp"

#include <dodona/study_options.hpp>

#include <string>
#include <vector>

namespace dodona::document {

// Refuses options that change what the study's scores and proposals were made with: the seed, the
// objective, and, once there are trials, the schedule, the oracle, the stopper and the hypermodel.
// `accept_changes` allows all of them but the seed and the schedule. `directory` stands in messages.
void check_resume(const study::State& state, const StudyOptions& options,
                  const std::string& directory, bool accept_changes);

// Names in the study's space that the `space` of the last document gave, and that of the options
// does not.
std::vector<std::string> taken_out(const study::State& state, const StudyOptions& options);

// `max accuracy`, or `sum of min loss, max accuracy`.
std::string to_text(const study::Objective& objective);

}  // namespace dodona::document
