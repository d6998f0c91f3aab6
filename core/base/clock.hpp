// SPDX-License-Identifier: Apache-2.0
//
// The kernel's clock: a date for the log, and a steady count for durations. It is abstract, so
// that tests can move time by hand.
//
// Units:   nanoseconds; the date since 1970-01-01 UTC, the steady count since an unknown moment.
// Threads: call from any thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace dodona::base {

class Clock {
 public:
  virtual ~Clock() = default;
  // The date. It jumps when somebody sets the machine's clock, so no duration is made of two dates.
  virtual std::int64_t unix_nanos() const = 0;
  // The steady count. It never goes back.
  virtual std::int64_t steady_nanos() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t unix_nanos() const override { return nanos(std::chrono::system_clock::now()); }
  std::int64_t steady_nanos() const override { return nanos(std::chrono::steady_clock::now()); }

 private:
  template <class TimePoint>
  static std::int64_t nanos(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  }
};

}  // namespace dodona::base
