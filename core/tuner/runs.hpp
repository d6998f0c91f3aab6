// SPDX-License-Identifier: Apache-2.0
//
// The starts of trials, and the beginning of a study, as its log has them.
//
// Errors:  Error{kIo} for a log that cannot be read.
// Threads: one.
// Cost:    runs_of() reads the log up to the state's last event, origin_of() its first event.
#pragma once

#include "study/state.hpp"
#include "study/store.hpp"

#include <dodona/study.hpp>

#include <vector>

namespace dodona::tuner {

std::vector<TrialRun> runs_of(study::Store& log, const study::State& state);
StudyOrigin origin_of(study::Store& log, const study::State& state);

}  // namespace dodona::tuner
