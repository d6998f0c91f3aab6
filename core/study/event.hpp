// SPDX-License-Identifier: Apache-2.0
//
// The events of a study's log: all that happened, in total order. Everything else is derived.
//
// The types mirror dodona_event of abi.h, with values as cells of the space and metric names as
// indices of the study's Names.
//
// Objectives stand in the study's order and are signed: smaller is better; NaN where one has no
// value. Excesses are those of dodona/limits.hpp, in the order of the study's limits. Objectives are
// empty where the study's metrics were never there.
#pragma once

#include "space/growth.hpp"
#include "study/numbers.hpp"

#include <dodona/space.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace dodona::study {

inline constexpr std::uint64_t kNoTrial = UINT64_MAX;
inline constexpr std::uint64_t kNoSequence = UINT64_MAX;
inline constexpr std::uint64_t kNoStep = UINT64_MAX;
inline constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kNoSeconds = std::numeric_limits<double>::quiet_NaN();

// The values of abi.h; a test compares them.
enum class TrialState : std::uint8_t {
  kWaiting = 1,
  kRunning,
  kCompleted,
  kStopped,  // early, by a verdict
  kFailed,
  kInvalid  // objective not finite after all attempts
};
// How a trial's last attempt ended, as its runner saw it.
enum class Outcome : std::uint8_t {
  kOk = 1,
  kModelError,  // the model said so, or threw
  kCrash,
  kExit,
  kTime,
  kSilence,
  kMemory,
  kOutput,
  kLost,
  kInfeasible
};
enum class Verdict : std::uint8_t { kContinue = 1, kStopTrial, kStopStudy };

constexpr bool is_final(TrialState state) {
  return state >= TrialState::kCompleted;
}
constexpr bool is_failure(TrialState state) {
  return state == TrialState::kFailed || state == TrialState::kInvalid;
}

// A value that a model reported. It may be infinite or NaN.
struct MetricValue {
  std::uint32_t name = 0;  // index of Names
  double value = 0.0;
};

// Tells studies apart wherever they lie; random.
using StudyId = std::array<std::uint8_t, 16>;

// The build of a plugin that the study used. A plugin that is part of the application has no build
// id.
struct PluginIdentity {
  std::string role;  // DODONA_ROLE_*
  std::string id;
  std::string version;
  std::string build_id;

  friend bool operator==(const PluginIdentity&, const PluginIdentity&) = default;
};

// The first event of a log.
struct Created {
  std::uint64_t seed = 0;
  std::string version;  // of the kernel
  StudyId id{};         // logs of 0.1: made of the seed and the time
};
// A study document comes into force. The oracle is made anew by it, and observes the log from its
// start; or it is kept, as only limits or the number of parallel trials changed while it searched.
struct Configured {
  std::string document;                   // JSON
  std::vector<PluginIdentity> plugins{};  // logs of 0.1: none
  bool keeps_oracle = false;
};
// Definitions and constraints join the space. The event's trial met them, or none did: they were
// declared or given.
using SpaceGrown = space::Growth;
// A value of a hyperparameter that the space did not have at the time of the event.
struct LaterValue {
  std::string name;
  Value value;

  friend bool operator==(const LaterValue&, const LaterValue&) = default;
};
// Values that a user wants tried. Proposals take enqueued values in the order of the log, but for
// those of which no name is known yet.
struct Enqueued {
  std::vector<Assignment> assignments;
  std::vector<LaterValue> later{};
};
// A trial of another study, for the oracle alone: it is not counted, and never the best. Once more
// the same trial of the same source: the space grew, and this event stands for the earlier one.
struct Imported {
  TrialState state = TrialState::kCompleted;
  std::vector<Assignment> assignments;
  std::vector<MetricValue> metrics;
  Numbers objectives;
  std::string source;
  Numbers excesses{};
  std::uint64_t trial = kNoTrial;  // in the source; logs of 0.1: kNoTrial
  std::vector<LaterValue> later{};
};
// A remark on the event's trial or, without one, on the study. The last one of a key counts.
struct Noted {
  std::string key;
  std::string value;
};
// The key of a note that follows the start of an execution: the devices that its trial holds.
inline constexpr const char* kDevicesNote = "dodona.devices";
// A trial begins its life, waiting. Ids count from 0 in the order of the log.
struct Proposed {
  std::vector<Assignment> assignments;
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = kNoTrial;
  std::uint64_t tag = 0;
  // Its oracle had observed the sequences below this; in turns, the trials below this.
  std::uint64_t seen = 0;
  std::uint64_t enqueued = kNoSequence;
  std::string note;                    // JSON
  std::uint64_t repeat_of = kNoTrial;  // the trial whose values it has once more
};
// An execution of the event's trial begins, or begins again after a retry or an interruption: anew
// from the proposal's start step, or from a checkpoint of its own at a later step.
struct Started {
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint64_t start_step = kNoStep;  // logs of 0.1: kNoStep, the proposal's
  std::string runner{};                // empty: this process
};
// The event's trial got a value for a hyperparameter that it met while it ran.
struct Filled {
  Assignment assignment;
};
// The result of the event's trial at a step, and the verdict on it. Steps increase within an
// execution.
struct Reported {
  std::uint32_t execution = 0;
  std::uint64_t step = 0;
  std::vector<MetricValue> metrics;
  Numbers objectives;
  Verdict verdict = Verdict::kContinue;
  Numbers excesses{};
};
// The event's trial has ended. No event but a note follows for it.
struct Finished {
  TrialState state = TrialState::kCompleted;
  std::vector<Assignment> assignments;  // those used
  std::vector<MetricValue> metrics;
  Numbers objectives;
  std::uint64_t best_step = 0;
  std::string message;
  // Where there were several, the first objective of each execution, NaN where one has none.
  std::vector<double> executions{};
  Numbers excesses{};
  Outcome outcome = Outcome::kOk;  // logs of 0.1: kModelError where the state is kFailed
  double seconds = kNoSeconds;     // that the last attempt ran here; NaN where nobody measured
};
// A search ended. Another one may go on with the study.
struct Stopped {
  std::string reason;
};
// An execution whose runner was lost; its trial waits for another one.
struct Lost {
  std::uint32_t execution = 0;
  std::string why;
};

// The alternatives stand in the order of DODONA_EVENT_*, from 1: index() + 1 is the type.
using Body = std::variant<Created, Configured, SpaceGrown, Enqueued, Imported, Noted, Proposed,
                          Started, Filled, Reported, Finished, Stopped, Lost>;

// True if an earlier report of the same attempt counts after the start: one of an earlier execution,
// or one up to the step from which this execution goes on. A new attempt has clean metrics.
// `proposed` is the proposal's start step, with which an execution begins anew.
constexpr bool stands(std::uint32_t execution, std::uint64_t step, const Started& started,
                      std::uint64_t proposed) {
  if (execution != started.execution) return execution < started.execution;
  const std::uint64_t from = started.start_step;
  const bool anew = from == 0 || from == kNoStep || from == proposed;
  return !anew && step <= from;
}

// One entry of the log. Times are those of the machine that wrote it, and may run backwards.
struct Event {
  std::uint64_t sequence = kNoSequence;  // from 0 without gaps; set by Store::append
  std::uint64_t trial = kNoTrial;
  std::int64_t unix_nanos = 0;
  Body body;
};

}  // namespace dodona::study
