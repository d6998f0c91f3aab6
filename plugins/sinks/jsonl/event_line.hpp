// SPDX-License-Identifier: Apache-2.0
//
// An event of the log as one line of JSON that people can read: values and metrics by name, states
// and verdicts as words, scores with the sign that the user knows, times in UTC.
//
//   {"sequence":3,"time":"2026-01-02T03:04:05.000000006Z","trial":0,"type":"proposed","values":{}}
//
// A member that an event does not have is left out. A missing score is null.
//
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

namespace jsonl {

// Every line begins with it; the number of the event follows.
inline constexpr std::string_view kLineStart = "{\"sequence\":";

struct Context {
  const dodona::Space& space;  // knows every definition of the event
  const std::vector<dodona::common::Objective>& objectives;
  const std::vector<dodona::Limit>& limits;
};

// The sequence of a whole line, or nothing.
std::optional<std::uint64_t> sequence_of(std::string_view line);

// Appends the line, without a line break. An unknown type is written as its number.
void append_line(const dodona_event& event, const Context& context, std::string& out);

}  // namespace jsonl
