// SPDX-License-Identifier: Apache-2.0
//
// The events of a study's log: all that happened, in total order. Everything else is derived.
//
// The types mirror dodona_event of abi.h, with values as cells of the space and metric names as
// indices of the study's Names. Objectives are signed: smaller is better.
#pragma once

#include <dodona/space.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace dodona::study {

inline constexpr std::uint64_t kNoTrial = UINT64_MAX;
inline constexpr std::uint64_t kNoSequence = UINT64_MAX;
inline constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

// The values of abi.h; a test compares them.
enum class TrialState : std::uint8_t {
  kWaiting = 1,
  kRunning,
  kCompleted,
  kStopped,  // early, by a verdict
  kFailed,
  kInvalid  // objective not finite after all attempts
};
enum class Verdict : std::uint8_t { kContinue = 1, kStopTrial, kStopStudy };

constexpr bool is_final(TrialState state) {
  return state >= TrialState::kCompleted;
}
constexpr bool is_failure(TrialState state) {
  return state == TrialState::kFailed || state == TrialState::kInvalid;
}

struct Metric {
  std::uint32_t name = 0;  // index of Names
  double value = 0.0;
};

struct Created {
  std::uint64_t seed = 0;
  std::string version;  // of the kernel
};
struct Configured {
  std::string document;  // JSON
};
struct SpaceGrown {
  std::uint32_t first = 0;
  std::vector<Param> params;
};
struct Enqueued {
  std::vector<Assignment> assignments;
};
struct Imported {
  TrialState state = TrialState::kCompleted;
  std::vector<Assignment> assignments;
  std::vector<Metric> metrics;
  double objective = kNoScore;
  std::string source;
};
struct Noted {
  std::string key;
  std::string value;
};
struct Proposed {
  std::vector<Assignment> assignments;
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = kNoTrial;
  std::uint64_t tag = 0;
  // Its oracle had observed the sequences below this; in turns, the trials below this.
  std::uint64_t seen = 0;
  std::uint64_t enqueued = kNoSequence;
  std::string note;  // JSON
};
struct Started {
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
};
struct Filled {
  Assignment assignment;
};
struct Reported {
  std::uint32_t execution = 0;
  std::uint64_t step = 0;
  std::vector<Metric> metrics;
  double objective = kNoScore;
  Verdict verdict = Verdict::kContinue;
};
struct Finished {
  TrialState state = TrialState::kCompleted;
  std::vector<Assignment> assignments;  // those used
  std::vector<Metric> metrics;
  double objective = kNoScore;
  std::uint64_t best_step = 0;
  std::string message;
  // Where there were several, the objective of each execution, NaN where one has none there.
  std::vector<double> executions{};
};
struct Stopped {
  std::string reason;
};

// The alternatives stand in the order of DODONA_EVENT_*, from 1: index() + 1 is the type.
using Body = std::variant<Created, Configured, SpaceGrown, Enqueued, Imported, Noted, Proposed,
                          Started, Filled, Reported, Finished, Stopped>;

struct Event {
  std::uint64_t sequence = kNoSequence;  // from 0 without gaps; set by Store::append
  std::uint64_t trial = kNoTrial;
  std::int64_t unix_nanos = 0;
  Body body;
};

}  // namespace dodona::study
