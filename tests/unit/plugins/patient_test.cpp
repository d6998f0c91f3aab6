// SPDX-License-Identifier: Apache-2.0
#include "support/built_plugin.hpp"

#include <dodona/testing/stopper_study.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace {

using dodona::testing::StopperStudy;

StopperStudy patient(std::int64_t patience, double min_delta = 0.0, std::uint64_t max_steps = 0) {
  return StopperStudy(
      dodona::support::plugin("patient"),
      {.max_steps = max_steps, .options = {{"patience", patience}, {"min_delta", min_delta}}});
}

TEST(Patient, StopsAfterSoManyReportsWithoutABetterOne) {
  StopperStudy study = patient(2);
  EXPECT_EQ(study.stopped_at({5, 4, 4, 4, 3}), 4U);
  EXPECT_EQ(study.stopped_at({5, 4, 4.5, 3, 3.5, 2}), 0U);
}

TEST(Patient, AsksForMoreThanMinDelta) {
  StopperStudy study = patient(2, 0.5);
  EXPECT_EQ(study.stopped_at({5, 4.6, 4.5, 4.4}), 3U);
  EXPECT_EQ(study.stopped_at({5, 4.6, 4.4, 4, 3.8}), 0U);  // small steps add up
}

TEST(Patient, DoesNotCountReportsWithoutObjective) {
  StopperStudy study = patient(1);
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(study.stopped_at({5, nothing, nothing, 4, 4}), 5U);
}

TEST(Patient, LeavesTheLastStepAlone) {
  StopperStudy study = patient(1, 0.0, 3);
  EXPECT_EQ(study.stopped_at({5, 4, 4}), 0U);
  EXPECT_EQ(study.stopped_at({5, 5, 4}), 2U);
}

TEST(Patient, LooksAtEachExecutionAndAttemptAlone) {
  StopperStudy study = patient(2);
  const std::uint64_t trial = study.enqueue(dodona::Point());
  study.report(trial, 1, 1);
  study.report(trial, 2, 1);
  study.start(trial, 1, 0);
  EXPECT_EQ(study.report(trial, 1, 3, 1), DODONA_CONTINUE);
  EXPECT_EQ(study.report(trial, 2, 2, 1), DODONA_CONTINUE);
  study.start(trial, 0, 1);
  study.start(trial, 1, 1);
  EXPECT_EQ(study.report(trial, 1, 3, 1), DODONA_CONTINUE);
  EXPECT_EQ(study.report(trial, 2, 3, 1), DODONA_CONTINUE);
  EXPECT_EQ(study.report(trial, 3, 3, 1), DODONA_STOP_TRIAL);
}

}  // namespace
