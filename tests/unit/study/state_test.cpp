// SPDX-License-Identifier: Apache-2.0
#include "study/state.hpp"

#include "support/params.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <utility>

namespace dodona::study {
namespace {

using Values = std::pmr::vector<Assignment>;

class StateTest : public ::testing::Test {
 protected:
  void apply(std::uint64_t trial, Body body) {
    Event event;
    event.sequence = state_.events();
    event.trial = trial;
    event.unix_nanos = static_cast<std::int64_t>(1000 + event.sequence);
    event.body = std::move(body);
    state_.apply(event);
  }

  void propose(std::uint64_t trial) {
    Proposed proposed;
    proposed.assignments = {{0, Cell::real(0.5)}};
    apply(trial, std::move(proposed));
  }

  void finish(std::uint64_t trial, TrialState state, double objective) {
    Finished finished;
    finished.state = state;
    finished.objective = objective;
    apply(trial, std::move(finished));
  }

  State state_;
};

TEST_F(StateTest, FollowsATrialThroughItsLife) {
  apply(kNoTrial, Created{42, "0.1.0"});
  apply(kNoTrial, SpaceGrown{0, {support::real("x", 0, 1)}});
  EXPECT_EQ(state_.seed(), 42u);
  propose(0);
  EXPECT_EQ(state_.count(TrialState::kWaiting), 1u);
  apply(0, Started{0, 0});
  EXPECT_EQ(state_.count(TrialState::kWaiting), 0u);
  EXPECT_EQ(state_.count(TrialState::kRunning), 1u);
  apply(0, Started{0, 1});
  EXPECT_EQ(state_.trials()[0].attempt, 1u);
  EXPECT_EQ(state_.count(TrialState::kRunning), 1u);
  EXPECT_EQ(state_.trials()[0].started_unix_nanos, 1003);
  finish(0, TrialState::kCompleted, 1.5);
  EXPECT_EQ(state_.finished(), 1u);
  EXPECT_EQ(state_.best(), 0u);
}

TEST_F(StateTest, AddsFilledValuesInTheOrderOfTheSpace) {
  Proposed proposed;
  proposed.assignments = {{1, Cell::whole(1)}, {3, Cell::whole(3)}};
  apply(0, std::move(proposed));
  apply(0, Filled{{2, Cell::whole(2)}});
  apply(0, Filled{{2, Cell::whole(7)}});  // a rerun fills again
  EXPECT_EQ(state_.trials()[0].assignments,
            (Values{{1, Cell::whole(1)}, {2, Cell::whole(7)}, {3, Cell::whole(3)}}));
}

TEST_F(StateTest, TakesTheFirstOfEqualScoresAndNoFailedOne) {
  for (std::uint64_t trial = 0; trial < 4; ++trial) propose(trial);
  finish(2, TrialState::kCompleted, 1.0);
  finish(1, TrialState::kStopped, 1.0);
  finish(0, TrialState::kFailed, -5.0);
  finish(3, TrialState::kCompleted, 2.0);
  EXPECT_EQ(state_.best(), 1u);
}

TEST_F(StateTest, KeepsTheLastNoteOfAKeyAlsoAfterTheEnd) {
  apply(0, Proposed{});
  apply(0, Noted{"host", "a"});
  apply(0, Started{});
  apply(0, Finished{});
  apply(0, Noted{"host", "b"});
  ASSERT_EQ(state_.trials()[0].notes.size(), 1U);
  EXPECT_EQ(state_.trials()[0].notes[0].second, "b");
}

TEST_F(StateTest, CountsFailedAndInvalidTrialsInARowApart) {
  for (std::uint64_t trial = 0; trial < 6; ++trial) propose(trial);
  finish(0, TrialState::kFailed, kNoScore);
  finish(1, TrialState::kInvalid, kNoScore);
  finish(2, TrialState::kFailed, kNoScore);
  EXPECT_EQ(state_.streaks().failed, 2u);
  EXPECT_EQ(state_.streaks().invalid, 1u);
  EXPECT_FALSE(state_.streaks().scored);
  finish(3, TrialState::kStopped, 1.0);
  finish(4, TrialState::kInvalid, kNoScore);
  EXPECT_EQ(state_.streaks().failed, 0u);
  EXPECT_EQ(state_.streaks().invalid, 1u);
  EXPECT_TRUE(state_.streaks().scored);
}

TEST_F(StateTest, RefusesALogThatNoKernelWrote) {
  propose(0);
  EXPECT_THROW(propose(0), Error);
  EXPECT_THROW(apply(9, Started{}), Error);
  finish(0, TrialState::kCompleted, 1.0);
  EXPECT_THROW(apply(0, Started{}), Error);
  EXPECT_THROW(apply(kNoTrial, SpaceGrown{5, {}}), Error);
  Event gap;
  gap.sequence = 99;
  EXPECT_THROW(state_.apply(gap), Error);
}

}  // namespace
}  // namespace dodona::study
