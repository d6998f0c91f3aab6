// SPDX-License-Identifier: Apache-2.0
//
// The parts of a StudyStatus: what the log says, the pace of a search, and its workers.
//
// Threads: pure; the state under its lock.
// Cost:    add_pace() looks at each trial.
#pragma once

#include "base/json.hpp"
#include "schedule/scheduler.hpp"
#include "study/state.hpp"
#include "tuner/view.hpp"

#include <dodona/status.hpp>
#include <dodona/study_options.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace dodona::tuner {

// The counts, the best trial, and the limits, which are those of `settings`.
StudyStatus standing_of(const View& view, const study::State& state, const StudyOptions& settings);

// The pace of a search that began so many seconds ago.
void add_pace(StudyStatus& status, const study::State& state, std::int64_t now_unix_nanos,
              double seconds);

// The answer of the owner to a request, which gets the sender's name; nothing where there is none.
// Throws what the owner refuses.
std::optional<base::JsonDocument> ask_owner(const std::string& directory,
                                            boost::json::object request);

void add_runners(StudyStatus& status, const schedule::Scheduler::Runners& runners);

}  // namespace dodona::tuner
