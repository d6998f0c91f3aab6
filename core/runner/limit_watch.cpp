// SPDX-License-Identifier: Apache-2.0
#include "runner/limit_watch.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace dodona::runner {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
constexpr Seconds kGraceMin{1};
constexpr double kGraceShare = 0.1;

}  // namespace

LimitWatch::LimitWatch(const Limits& limits, Seconds spent, Clock::time_point now)
    : limits_(limits),
      begun_(now - std::chrono::duration_cast<Clock::duration>(spent)),
      heard_(now) {}

void LimitWatch::find(Clock::time_point now, std::uint64_t resident_bytes,
                      std::uint64_t output_bytes) {
  const auto reach = [&](study::Outcome outcome, const std::string& how, double seconds) {
    reached_ = now;
    outcome_ = outcome;
    how_ = how;
    grace_ = std::chrono::duration_cast<Clock::duration>(
        std::max(kGraceMin, Seconds(seconds * kGraceShare)));
  };
  if (limits_.seconds > 0 && now - begun_ > Seconds(limits_.seconds)) {
    return reach(study::Outcome::kTime,
                 "ran for more than " + base::format_real(limits_.seconds) + " s", limits_.seconds);
  }
  if (limits_.step_seconds > 0 && now - heard_ > Seconds(limits_.step_seconds)) {
    return reach(study::Outcome::kSilence,
                 "reported nothing for more than " + base::format_real(limits_.step_seconds) + " s",
                 limits_.step_seconds);
  }
  if (limits_.memory_mb > 0 && resident_bytes > limits_.memory_mb * kMegabyte) {
    return reach(study::Outcome::kMemory,
                 "took " + std::to_string(resident_bytes / kMegabyte) +
                     " MB of memory, more than " + std::to_string(limits_.memory_mb),
                 0);
  }
  if (limits_.output_mb > 0 && output_bytes > limits_.output_mb * kMegabyte) {
    reach(study::Outcome::kOutput,
          "wrote more than " + std::to_string(limits_.output_mb) + " MB of output", 0);
  }
}

LimitWatch::Due LimitWatch::look(Clock::time_point now, std::uint64_t resident_bytes,
                                 std::uint64_t output_bytes) {
  if (!reached_) find(now, resident_bytes, output_bytes);
  if (!reached_) return Due::kNothing;
  const Clock::duration since = now - *reached_;
  if (since >= 2 * grace_) return Due::kKill;
  return since >= grace_ ? Due::kTerminate : Due::kStop;
}

}  // namespace dodona::runner
