// SPDX-License-Identifier: Apache-2.0
#include "support/built_plugin.hpp"

#include <dodona/testing/stopper_study.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace {

using dodona::testing::StopperStudy;

// Trials of three steps: at step 2 they have 1, 2, 3, 4, so the median there is 2.5.
StopperStudy four(std::int64_t startup = 4, std::int64_t warmup = 0) {
  StopperStudy study(dodona::support::plugin("median"),
                     {.options = {{"startup_trials", startup}, {"warmup_steps", warmup}}});
  for (const double at_two : {3.0, 1.0, 4.0, 2.0}) study.complete({9.0, at_two, 0.0});
  return study;
}

TEST(Median, StopsWhatIsWorseThanTheMedianOfItsStep) {
  StopperStudy study = four();
  EXPECT_EQ(study.stopped_at({9.0, 2.6, 9.0}), 2U);
  EXPECT_EQ(study.stopped_at({9.0, 2.5, 0.0}), 0U);
}

TEST(Median, ComparesTheBestSoFar) {
  StopperStudy study = four();
  EXPECT_EQ(study.stopped_at({2.4, 8.0, 0.0}), 0U);
}

TEST(Median, WaitsForStartupTrials) {
  StopperStudy study = four(5);
  EXPECT_EQ(study.stopped_at({10.0, 10.0, 10.0}), 0U);
  EXPECT_EQ(study.stopped_at({11.0, 11.0, 11.0}), 1U);
}

TEST(Median, LeavesWarmupStepsAlone) {
  StopperStudy study = four(4, 1);
  EXPECT_EQ(study.stopped_at({11.0, 2.0, 0.0}), 0U);
  EXPECT_EQ(study.stopped_at({11.0, 11.0, 0.0}), 2U);
}

TEST(Median, CountsCompletedTrialsAlone) {
  StopperStudy study(dodona::support::plugin("median"),
                     {.options = {{"startup_trials", std::int64_t{2}}}});
  study.complete({1.0});
  study.complete({1.0}, DODONA_FAILED);
  study.complete({1.0}, DODONA_STOPPED);
  EXPECT_EQ(study.stopped_at({2.0}), 0U);
  EXPECT_EQ(study.stopped_at({2.0}), 1U);
}

TEST(Median, SaysNothingWhereItKnowsNothing) {
  StopperStudy study = four();
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(study.stopped_at({nothing, nothing, nothing, 99.0}), 0U);  // nobody had a step 4
}

TEST(Median, LeavesTheLastStepAlone) {
  StopperStudy study(dodona::support::plugin("median"),
                     {.max_steps = 2, .options = {{"startup_trials", std::int64_t{1}}}});
  study.complete({1.0, 1.0});
  EXPECT_EQ(study.stopped_at({0.5, 9.0}), 0U);
  EXPECT_EQ(study.stopped_at({9.0, 9.0}), 1U);
}

}  // namespace
