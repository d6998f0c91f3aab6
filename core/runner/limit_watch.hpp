// SPDX-License-Identifier: Apache-2.0
//
// The limits of an execution in a runner, and what is due once one is reached:
//
//   kStop        the model is told to stop, at its next report or when it asks
//   kTerminate   its process is asked to end, so that a script may tidy up
//   kKill        its process is killed
//
// The time between two of them is a tenth of the limit, and one second at least.
//
// Threads: one.
#pragma once

#include "study/event.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace dodona::runner {

// 0: no limit. Times are in seconds.
struct Limits {
  double seconds = 0;       // of an execution, over all its starts
  double step_seconds = 0;  // between two reports
  std::uint64_t memory_mb = 0;
  std::uint64_t output_mb = 0;
};

class LimitWatch {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Due : std::uint8_t { kNothing = 1, kStop, kTerminate, kKill };

  // `spent` is the time that earlier starts of the execution took.
  LimitWatch(const Limits& limits, std::chrono::duration<double> spent, Clock::time_point now);

  // A report came.
  void hear(Clock::time_point now) { heard_ = now; }
  // The step of the ladder that is due by now, with these sizes.
  Due look(Clock::time_point now, std::uint64_t resident_bytes, std::uint64_t output_bytes);

  // The limit that was reached, as an outcome and for people: `ran for more than 5 s`. Only once
  // something was due.
  study::Outcome outcome() const { return outcome_; }
  const std::string& how() const { return how_; }

 private:
  void find(Clock::time_point now, std::uint64_t resident_bytes, std::uint64_t output_bytes);

  const Limits limits_;
  const Clock::time_point begun_;  // as if it had run in one go
  Clock::time_point heard_;
  std::optional<Clock::time_point> reached_;
  Clock::duration grace_{};
  study::Outcome outcome_ = study::Outcome::kTime;
  std::string how_;
};

}  // namespace dodona::runner
