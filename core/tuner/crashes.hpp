// SPDX-License-Identifier: Apache-2.0
//
// The treatment of trials that ran when an earlier process crashed.
//
// The trial that the process was in has a note of it in the log; at the second such end it fails.
// Where the trial is not known, those that ran are run again one at a time, so that the next crash
// tells. Nobody else is blamed.
//
// Errors:  as the journal's.
// Threads: one.
#pragma once

#include "schedule/journal.hpp"
#include "study/roles.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dodona::tuner {

// The key of the note on a trial in which a process crashed.
inline constexpr const char* kCrashNote = "crash";

// Takes the witness of the project in `place` into the log, and says so to `services`. Answers the
// unfinished trials of which any may have been the one. The witness then stays, until they ran.
std::vector<std::uint64_t> take_witness(const std::string& place, schedule::Journal& journal,
                                        study::Services& services);

}  // namespace dodona::tuner
