// SPDX-License-Identifier: Apache-2.0
//
// Names of files. TensorBoard reads every file whose name has "tfevents" in it, those of a run in
// the order of their names. The name of a run is the path of its directory.
//
//   events.out.tfevents.1764167690.dodona                the experiment, in the root run
//   trial_0003/execution_0/events.out.tfevents.1764167690.000000000042.dodona
//                                 the second, and the event of the log with which the file began
//   state.dodona                                         the state from which the sink goes on
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace tensorboard {

inline constexpr std::string_view kEventsPrefix = "events.out.tfevents.";
inline constexpr std::string_view kTrialPrefix = "trial_";
inline constexpr std::string_view kStateFile = "state.dodona";
inline constexpr std::string_view kTemporaryFile = "temporary.dodona";

inline std::string padded(std::uint64_t number, int digits) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*llu", digits, static_cast<unsigned long long>(number));
  return text;
}

inline std::uint64_t seconds_of(std::int64_t unix_nanos) {
  return unix_nanos < 0 ? 0 : static_cast<std::uint64_t>(unix_nanos / 1'000'000'000);
}

inline std::string experiment_file(std::int64_t unix_nanos) {
  return std::string(kEventsPrefix) + padded(seconds_of(unix_nanos), 10) + ".dodona";
}

// The name of a trial's directory, and of the session group of its executions.
inline std::string trial_name(std::uint64_t trial) {
  return std::string(kTrialPrefix) + padded(trial, 4);
}

inline std::string run_file(std::uint64_t trial, std::uint32_t execution, std::int64_t unix_nanos,
                            std::uint64_t sequence) {
  return trial_name(trial) + "/execution_" + std::to_string(execution) + '/' +
         std::string(kEventsPrefix) + padded(seconds_of(unix_nanos), 10) + '.' +
         padded(sequence, 12) + ".dodona";
}

// True if a name in the sink's directory is one of the above, or a leftover of a crash.
inline bool is_ours(std::string_view name) {
  return name.starts_with(kEventsPrefix) || name.starts_with(kTrialPrefix) || name == kStateFile ||
         name == kTemporaryFile;
}

}  // namespace tensorboard
