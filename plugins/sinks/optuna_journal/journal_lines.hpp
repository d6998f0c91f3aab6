// SPDX-License-Identifier: Apache-2.0
//
// An event of the log as operations of Optuna's journal, one a line of JSON. Trials have the numbers
// that they have here. An event that Optuna has no word for, such as a value that waits in the queue,
// has no lines.
//
// The `worker_id` of a line tells the study, the event's sequence and how many lines of the event
// follow: dodona-0123456789abcdef0123456789abcdef-42-0. So a file that a crash has cut is known.
//
// Source: Optuna 3.1, JournalOperation and its replay; later versions read the same.
// Threads: pure.
#pragma once

#include "common/text/sink_study.hpp"

#include <dodona/event.hpp>
#include <dodona/limits.hpp>
#include <dodona/space.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace optuna {

// Every line begins with it, the study's id follows.
inline constexpr std::string_view kLineStart = "{\"worker_id\":\"dodona-";

struct Study {
  std::string name;
  std::string id;  // 32 hexadecimal digits
  std::vector<dodona::common::Objective> objectives;
  bool has_limits = false;
};

// The sequence of the event whose last line this is; nothing for another line.
std::optional<std::uint64_t> last_of(std::string_view line);

// Appends the lines of an event, without the last line break. `space` knows every definition of the
// event.
void append_lines(const dodona_event& event, const Study& study, const dodona::Space& space,
                  std::string& out);

}  // namespace optuna
