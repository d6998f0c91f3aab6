// SPDX-License-Identifier: Apache-2.0
//
// The task of a search, its possible ends, and the notices for displays.
#pragma once

#include "schedule/going.hpp"
#include "study/event.hpp"
#include "study/roles.hpp"
#include "study/score.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dodona::schedule {

// The part of a plan that may change while the search runs. 0 where there is no limit.
struct Limits {
  std::uint64_t max_trials = 0;
  double max_seconds = 0.0;
  std::uint32_t parallel_trials = 1;
  std::uint32_t threads_per_trial = 1;
};

// Limits are 0 where there is none.
struct Plan : Limits {
  std::uint64_t seed = 0;
  study::ScoreRule rule;
  std::uint64_t confirm = 0;  // runs more of each of the best trials, beyond max_trials
  std::uint64_t max_steps = 0;
  std::uint32_t executions = 1;
  std::uint32_t max_retries = 0;
  std::uint32_t max_losses = 0;  // of the runners of one trial, before it fails
  std::uint32_t max_consecutive_failures = 0;
  std::vector<std::string> devices;  // dealt out among the workers; as many as they, or none
  std::uint32_t slots_in_turns = 0;  // 0: results count as they come; see turns.hpp
  // Called before each proposal from a known space, so that what came in the meantime is logged
  // first. One call at a time; without the locks of the search.
  std::function<void()> before_proposal;
  // Called in turns, once the space has grown in the turn of a trial and before anybody observes
  // that turn. One call at a time; under the lock of the oracle, or when nothing is proposed.
  std::function<void()> space_grew;
  bool declared = false;         // the hypermodel described the space
  bool keeps_last = false;       // the oracle's proposals go on from earlier trials
  std::uint64_t keep = 0;        // of so many of the best trials the best model stays
  CheckpointEvery checkpoint{};  // of running trials; only for models that can go on
  std::string directory;         // of the project; empty where nothing is written
  // Unfinished trials that run before all others, and each while no other runs: any of them may
  // have crashed an earlier process. Of no effect on trials that others run.
  std::vector<std::uint64_t> alone{};
  // Called with each message of the search, from any thread. Must not throw.
  std::function<void(study::Level, const std::string&)> log;
};

// How a search ended.
enum class End : std::uint8_t { kMaxTrials = 1, kExhausted, kMaxSeconds, kInterrupted, kFailures };

// The degree to which a search must end.
enum class Ending : int {
  kNone = 0,
  kNoNewTrials = 1,
  kStopTrials = 2,  // running trials end with what they have
  kInterrupt = 3    // running trials are dropped and run again another time
};

// Something that happened, for displays.
struct Notice {
  enum class Kind : std::uint8_t {
    kStarted = 1,
    kReported,
    kFinished,
    kChanged  // of no trial: it was paused or goes on, or has other limits
  };
  Kind kind = Kind::kStarted;
  std::uint64_t trial = 0;
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint64_t step = 0;  // of a start: from which the trial goes on; 0: it begins
  double objective = study::kNoScore;
};

}  // namespace dodona::schedule
