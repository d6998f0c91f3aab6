// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands still until a test moves it.
//
// Threads: call from any thread. steady_nanos never goes back; set_unix_nanos moves the date alone.
#pragma once

#include "base/clock.hpp"

#include <atomic>
#include <cstdint>

namespace dodona::support {

class FakeClock final : public base::Clock {
 public:
  // 2020-01-01 00:00:00 UTC, a date that is easy to see in a log.
  static constexpr std::int64_t kStartUnixNanos = 1'577'836'800'000'000'000;

  std::int64_t unix_nanos() const override { return unix_.load(); }
  std::int64_t steady_nanos() const override { return steady_.load(); }

  // Moves the date and the steady count by `nanos`, which is not negative.
  void advance(std::int64_t nanos) {
    unix_ += nanos;
    steady_ += nanos;
  }
  void set_unix_nanos(std::int64_t nanos) { unix_ = nanos; }

 private:
  std::atomic<std::int64_t> unix_{kStartUnixNanos};
  std::atomic<std::int64_t> steady_{0};
};

}  // namespace dodona::support
