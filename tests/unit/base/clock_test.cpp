// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

#include "support/fake_clock.hpp"

#include <gtest/gtest.h>

namespace dodona::base {
namespace {

TEST(SystemClock, TellsTheDateAndNeverGoesBack) {
  const SystemClock clock;
  EXPECT_GT(clock.unix_nanos(), support::FakeClock::kStartUnixNanos);
  std::int64_t last = clock.steady_nanos();
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t now = clock.steady_nanos();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(FakeClock, StandsStillUntilMoved) {
  support::FakeClock clock;
  const std::int64_t date = clock.unix_nanos();
  EXPECT_EQ(clock.unix_nanos(), date);
  EXPECT_EQ(clock.steady_nanos(), 0);
  clock.advance(5);
  EXPECT_EQ(clock.unix_nanos(), date + 5);
  EXPECT_EQ(clock.steady_nanos(), 5);
  clock.set_unix_nanos(3);
  EXPECT_EQ(clock.unix_nanos(), 3);
  EXPECT_EQ(clock.steady_nanos(), 5);
}

}  // namespace
}  // namespace dodona::base
