// SPDX-License-Identifier: Apache-2.0
#include "schedule/silence.hpp"

#include "support/fake_clock.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

using Named = std::vector<std::pair<std::uint64_t, std::int64_t>>;

Named take(Silence& silence) {
  Named named;
  for (const Silence::Silent& each : silence.take_long()) {
    named.emplace_back(each.trial, each.seconds);
  }
  return named;
}

TEST(Silence, IsNamedOnceAMinute) {
  support::FakeClock clock;
  clock.advance(5 * kSecond);
  Silence silence(clock);
  silence.hear(3);
  clock.advance(59 * kSecond);
  silence.hear(4);
  EXPECT_TRUE(take(silence).empty());
  clock.advance(kSecond);
  EXPECT_EQ(take(silence), (Named{{3, 60}}));
  clock.advance(59 * kSecond);
  EXPECT_TRUE(take(silence).empty() == false) << "trial 4";
  clock.advance(kSecond);
  EXPECT_EQ(take(silence), (Named{{3, 120}}));
  silence.hear(3);
  silence.forget(4);
  clock.advance(59 * kSecond);
  EXPECT_TRUE(take(silence).empty());
  clock.advance(kSecond);
  EXPECT_EQ(take(silence), (Named{{3, 60}}));
}

}  // namespace
}  // namespace dodona::schedule
