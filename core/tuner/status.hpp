// SPDX-License-Identifier: Apache-2.0
//
// The parts of a StudyStatus: what the log says, the pace of a search, and its workers.
//
// Threads: pure; the state under its lock.
// Cost:    add_pace() looks at each trial.
#pragma once

#include "schedule/scheduler.hpp"
#include "study/state.hpp"
#include "tuner/view.hpp"

#include <dodona/status.hpp>
#include <dodona/study_options.hpp>

#include <cstdint>

namespace dodona::tuner {

// The counts, the best trial, and the limits, which are those of `settings`.
StudyStatus standing_of(const View& view, const study::State& state, const StudyOptions& settings);

// The pace of a search that began so many seconds ago.
void add_pace(StudyStatus& status, const study::State& state, std::int64_t now_unix_nanos,
              double seconds);

void add_runners(StudyStatus& status, const schedule::Scheduler::Runners& runners);

}  // namespace dodona::tuner
