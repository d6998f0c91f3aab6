// SPDX-License-Identifier: Apache-2.0
#include <dodona/trial_limits.hpp>

#include <gtest/gtest.h>

namespace dodona {
namespace {

using Due = LimitWatch::Due;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
const LimitWatch::Clock::time_point kStart{};

TEST(LimitWatch, WantsNothingWithoutLimits) {
  LimitWatch watch({}, seconds(0), kStart);
  EXPECT_EQ(watch.look(kStart + seconds(1000000), UINT64_MAX, UINT64_MAX), Due::kNothing);
}

TEST(LimitWatch, GoesUpTheLadder) {
  LimitWatch watch({.seconds = 20}, seconds(0), kStart);
  EXPECT_EQ(watch.look(kStart + seconds(20), 0, 0), Due::kNothing);
  EXPECT_EQ(watch.look(kStart + milliseconds(20001), 0, 0), Due::kStop);
  EXPECT_EQ(watch.look(kStart + milliseconds(22000), 0, 0), Due::kStop);
  EXPECT_EQ(watch.look(kStart + milliseconds(22001), 0, 0), Due::kTerminate);
  EXPECT_EQ(watch.look(kStart + milliseconds(24001), 0, 0), Due::kKill);
  EXPECT_EQ(watch.outcome(), DODONA_OUTCOME_TIME);
  EXPECT_EQ(watch.how(), "ran for more than 20 s");
}

TEST(LimitWatch, CountsTheTimeOfEarlierStarts) {
  LimitWatch watch({.seconds = 20}, seconds(15), kStart);
  EXPECT_EQ(watch.look(kStart + seconds(5), 0, 0), Due::kNothing);
  EXPECT_EQ(watch.look(kStart + seconds(6), 0, 0), Due::kStop);
}

TEST(LimitWatch, MeasuresSilenceFromTheLastReport) {
  LimitWatch watch({.step_seconds = 5}, seconds(0), kStart);
  EXPECT_EQ(watch.look(kStart + seconds(5), 0, 0), Due::kNothing);
  watch.hear(kStart + seconds(5));
  EXPECT_EQ(watch.look(kStart + seconds(10), 0, 0), Due::kNothing);
  EXPECT_EQ(watch.look(kStart + seconds(11), 0, 0), Due::kStop);
  EXPECT_EQ(watch.outcome(), DODONA_OUTCOME_SILENCE);
  EXPECT_EQ(watch.how(), "reported nothing for more than 5 s");
}

TEST(LimitWatch, HoldsSizes) {
  LimitWatch memory({.memory_mb = 2}, seconds(0), kStart);
  EXPECT_EQ(memory.look(kStart, 2 * kMegabyte, 0), Due::kNothing);
  EXPECT_EQ(memory.look(kStart, 3 * kMegabyte, 0), Due::kStop);
  // A limit that was reached stays reached.
  EXPECT_EQ(memory.look(kStart + seconds(1), 0, 0), Due::kTerminate);
  EXPECT_EQ(memory.look(kStart + seconds(2), 0, 0), Due::kKill);
  EXPECT_EQ(memory.outcome(), DODONA_OUTCOME_MEMORY);
  EXPECT_EQ(memory.how(), "took 3 MB of memory, more than 2");
  LimitWatch output({.output_mb = 2}, seconds(0), kStart);
  EXPECT_EQ(output.look(kStart, 0, 2 * kMegabyte), Due::kNothing);
  EXPECT_EQ(output.look(kStart, 0, 2 * kMegabyte + 1), Due::kStop);
  EXPECT_EQ(output.outcome(), DODONA_OUTCOME_OUTPUT);
}

TEST(LimitWatch, TellsTheEndInOneLine) {
  EXPECT_EQ(tell_end("ran for more than 5 s", 3, 2, ""),
            "ran for more than 5 s in trial 3 after step 2");
  EXPECT_EQ(tell_end("crashed", 3, 0, "one\ntwo"), "crashed in trial 3 after step 0: one two");
}

}  // namespace
}  // namespace dodona
