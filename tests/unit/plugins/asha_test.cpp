// SPDX-License-Identifier: Apache-2.0
#include "support/built_plugin.hpp"

#include <dodona/random.hpp>
#include <dodona/testing/stopper_study.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using dodona::testing::StopperStudy;

StopperStudy asha(std::int64_t min_resource, std::int64_t factor, std::uint64_t max_steps = 0) {
  return StopperStudy(
      dodona::support::plugin("asha"),
      {.max_steps = max_steps, .options = {{"min_resource", min_resource}, {"factor", factor}}});
}

TEST(Asha, LetsOnlyTheBestGoOnWhereFewArrived) {
  StopperStudy study = asha(1, 3);
  EXPECT_EQ(study.stopped_at({5, 5}), 0U);
  EXPECT_EQ(study.stopped_at({6, 0}), 1U);
  EXPECT_EQ(study.stopped_at({5, 5}), 0U);  // as good as the best
}

TEST(Asha, LetsTheBestThirdGoOn) {
  StopperStudy study = asha(1, 3);
  for (const double value : {1.0, 2.0, 3.0, 4.0, 5.0}) study.complete({value});
  EXPECT_EQ(study.stopped_at({1.5, 1}), 0U);  // the second of six
  EXPECT_EQ(study.stopped_at({1.6, 1}), 1U);  // the third of seven
}

TEST(Asha, DecidesAtRungsAlone) {
  StopperStudy study = asha(2, 2);  // 2, 4, 8
  study.complete({1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(study.stopped_at({9, 9, 0, 0}), 2U);
  EXPECT_EQ(study.stopped_at({9, 0.5, 9, 9, 9, 9}), 0U);  // by its best so far, at 4 too
  EXPECT_EQ(study.stopped_at({9, 1, 9, 9}), 4U);
}

TEST(Asha, JudgesAtTheFirstReportPastARung) {
  StopperStudy study = asha(4, 2);
  const auto at_three_and_six = [&](double objective) {
    const std::uint64_t trial = study.enqueue(dodona::Point());
    EXPECT_EQ(study.report(trial, 3, objective), DODONA_CONTINUE);
    return study.report(trial, 6, objective);
  };
  EXPECT_EQ(at_three_and_six(1.0), DODONA_CONTINUE);
  EXPECT_EQ(at_three_and_six(2.0), DODONA_STOP_TRIAL);
}

// The second objective falls where the first one rises.
TEST(Asha, JudgesByTheFirstObjective) {
  for (const std::uint64_t objectives : {1U, 2U, 3U}) {
    StopperStudy study(dodona::support::plugin("asha"), {.objectives = objectives});
    for (const double value : {1.0, 2.0, 3.0, 4.0, 5.0}) study.complete({value});
    EXPECT_EQ(study.stopped_at({1.5, 1}), 0U);
    EXPECT_EQ(study.stopped_at({1.6, 1}), 1U);
  }
}

TEST(Asha, LeavesTheLastStepAlone) {
  StopperStudy study = asha(2, 2, 2);
  study.complete({1, 1});
  EXPECT_EQ(study.stopped_at({2, 2}), 0U);
}

TEST(Asha, ForgetsWhatAnEarlierAttemptReached) {
  StopperStudy study = asha(1, 2);
  const std::uint64_t trial = study.enqueue(dodona::Point());
  study.report(trial, 1, 0.0);
  study.start(trial, 0, 1);
  EXPECT_EQ(study.report(trial, 1, 5.0), DODONA_CONTINUE);
  EXPECT_EQ(study.stopped_at({4.0}), 0U);
}

TEST(Asha, KeepsWhatATrialReachedBeforeTheStepFromWhichItGoesOn) {
  StopperStudy study = asha(1, 2);
  const std::uint64_t trial = study.enqueue(dodona::Point());
  study.report(trial, 1, 5.0);
  study.report(trial, 2, 3.0);
  study.report(trial, 4, 1.0);
  study.go_on(trial, 0, 2);
  EXPECT_EQ(study.stopped_at({6.0}), 1U);         // of two at the first rung
  EXPECT_EQ(study.stopped_at({5.0, 4.0}), 2U);    // and at the second
  EXPECT_EQ(study.stopped_at({5, 2, 2, 2}), 0U);  // the first at the third
  EXPECT_EQ(study.report(trial, 4, 1.0), DODONA_CONTINUE);
}

TEST(Asha, KeepsExecutionsApart) {
  StopperStudy study = asha(1, 2);
  study.complete({1.0});
  const std::uint64_t trial = study.enqueue(dodona::Point());
  EXPECT_EQ(study.report(trial, 1, 0.5), DODONA_CONTINUE);
  study.start(trial, 1, 0);
  EXPECT_EQ(study.report(trial, 1, 9.0, 1), DODONA_CONTINUE);  // the first to reach it there
}

// Against the rule itself, on objectives of which many are equal.
TEST(Asha, DecidesAsCountingDoes) {
  StopperStudy study = asha(1, 3);
  dodona::RandomStream random(1, 0, dodona::Purpose::kProposal);
  std::vector<double> arrived;
  const auto expect_the_rule = [&](std::uint64_t trial) {
    const auto objective = static_cast<double>(random.below(40));
    const auto better = static_cast<std::size_t>(std::count_if(
        arrived.begin(), arrived.end(), [&](double each) { return each < objective; }));
    const bool good = better < std::max<std::size_t>(1, (arrived.size() + 1) / 3);
    EXPECT_EQ(study.report(trial, 1, objective), good ? DODONA_CONTINUE : DODONA_STOP_TRIAL);
    arrived.push_back(objective);
  };
  for (std::uint32_t i = 0; i < 300; ++i) {
    const std::uint64_t trial = study.enqueue(dodona::Point());
    expect_the_rule(trial);
    if (random.below(4) != 0) continue;
    arrived.pop_back();  // it starts again
    study.start(trial, 0, 1);
    expect_the_rule(trial);
  }
}

}  // namespace
