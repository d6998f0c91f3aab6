// SPDX-License-Identifier: Apache-2.0
//
// The limits of one execution of a trial, and the step that is due once one is reached:
//
//   kStop        the model is told to stop, at its next report or when it asks
//   kTerminate   its processes are asked to end, so that a script may tidy up
//   kKill        its processes are killed
//
// The time between two of them is a tenth of the limit, and one second at least. The kernel goes by
// it for trials in processes of their own. A hypermodel with DODONA_FLAG_LIMITS does so for the
// processes that it starts:
//
//   dodona::LimitWatch watch = trial.limit_watch();        // at the start
//   if (watch.look(now, resident, output) > done) ...      // now and then
//
// Threads: one at a time.
// Cost:    no allocation before a limit is reached.
#pragma once

#include <dodona/abi/scalars.h>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// 0: no limit. Times are in seconds.
struct TrialLimits {
  double seconds = 0;       // of an execution, over all its starts
  double step_seconds = 0;  // between two reports
  std::uint64_t memory_mb = 0;
  std::uint64_t output_mb = 0;

  bool any() const { return seconds > 0 || step_seconds > 0 || memory_mb > 0 || output_mb > 0; }
  friend bool operator==(const TrialLimits&, const TrialLimits&) = default;
};

// Watches one execution of a trial, and says what is due.
//
// Threads: one.
class LimitWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  enum class Due : std::uint8_t { kNothing = 1, kStop, kTerminate, kKill };

  // `spent` is the time that earlier starts of the execution took.
  LimitWatch(const TrialLimits& limits, Seconds spent, Clock::time_point now)
      : limits_(limits),
        begun_(now - std::chrono::duration_cast<Clock::duration>(spent)),
        heard_(now) {}

  const TrialLimits& limits() const { return limits_; }
  // A report came.
  void hear(Clock::time_point now) { heard_ = now; }
  // The step of the ladder that is due by now, with these sizes. A limit that was reached stays
  // reached.
  Due look(Clock::time_point now, std::uint64_t resident_bytes, std::uint64_t output_bytes) {
    if (!reached_) find(now, resident_bytes, output_bytes);
    if (!reached_) return Due::kNothing;
    const Clock::duration since = now - *reached_;
    if (since >= 2 * grace_) return Due::kKill;
    return since >= grace_ ? Due::kTerminate : Due::kStop;
  }

  // The limit that was reached, as an outcome and for people: `ran for more than 5 s`. Only once
  // something was due.
  dodona_outcome outcome() const { return outcome_; }
  const std::string& how() const { return how_; }

  // The time between two steps of the ladder for a limit of so many seconds; 0: of another kind.
  static Seconds grace_of(double seconds) { return std::max(Seconds(1), Seconds(seconds * 0.1)); }

 private:
  static constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;

  static std::string text(double seconds) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), seconds).ptr;
    return {buffer.data(), end};
  }
  void reach(Clock::time_point now, dodona_outcome outcome, const std::string& how,
             double seconds = 0) {
    reached_ = now;
    outcome_ = outcome;
    how_ = how;
    grace_ = std::chrono::duration_cast<Clock::duration>(grace_of(seconds));
  }
  void find(Clock::time_point now, std::uint64_t resident_bytes, std::uint64_t output_bytes) {
    if (limits_.seconds > 0 && now - begun_ > Seconds(limits_.seconds)) {
      return reach(now, DODONA_OUTCOME_TIME, "ran for more than " + text(limits_.seconds) + " s",
                   limits_.seconds);
    }
    if (limits_.step_seconds > 0 && now - heard_ > Seconds(limits_.step_seconds)) {
      return reach(now, DODONA_OUTCOME_SILENCE,
                   "reported nothing for more than " + text(limits_.step_seconds) + " s",
                   limits_.step_seconds);
    }
    if (limits_.memory_mb > 0 && resident_bytes > limits_.memory_mb * kMegabyte) {
      return reach(now, DODONA_OUTCOME_MEMORY,
                   "took " + std::to_string(resident_bytes / kMegabyte) +
                       " MB of memory, more than " + std::to_string(limits_.memory_mb));
    }
    if (limits_.output_mb > 0 && output_bytes > limits_.output_mb * kMegabyte) {
      reach(now, DODONA_OUTCOME_OUTPUT,
            "wrote more than " + std::to_string(limits_.output_mb) + " MB of output");
    }
  }

  TrialLimits limits_;
  Clock::time_point begun_;  // as if it had run in one go
  Clock::time_point heard_;
  std::optional<Clock::time_point> reached_;
  Clock::duration grace_{};
  dodona_outcome outcome_ = DODONA_OUTCOME_TIME;
  std::string how_;
};

// The end of a trial at a limit, in one line: `ran for more than 5 s in trial 3 after step 2: ...`.
// `words` are the last ones on its standard error, or empty.
inline std::string tell_end(std::string_view how, std::uint64_t trial, std::uint64_t step,
                            std::string words) {
  std::replace(words.begin(), words.end(), '\n', ' ');
  std::string text(how);
  text += " in trial " + std::to_string(trial) + " after step " + std::to_string(step);
  return words.empty() ? text : text + ": " + words;
}

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
