// SPDX-License-Identifier: Apache-2.0
#include "study/state.hpp"

#include "support/params.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <type_traits>
#include <utility>

namespace dodona::study {
namespace {

using Values = std::pmr::vector<Assignment>;

Reported report(std::uint64_t step) {
  Reported reported;
  reported.step = step;
  return reported;
}

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
    finished.objectives = objective;
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

TEST_F(StateTest, TakesTheBestOfThoseThatKeepTheLimitsOrAreNearest) {
  const auto finish_beyond = [&](std::uint64_t trial, double objective, Numbers excesses) {
    Finished finished;
    finished.objectives = objective;
    finished.excesses = std::move(excesses);
    apply(trial, std::move(finished));
  };
  for (std::uint64_t trial = 0; trial < 4; ++trial) propose(trial);
  finish_beyond(0, 1.0, {0.5, 0.5});
  finish_beyond(1, 9.0, {0.25, -1.0});
  EXPECT_EQ(state_.best(), 1u);
  EXPECT_EQ(state_.trials()[0].violation(), 1.0);
  finish_beyond(2, 20.0, {0.0, -5.0});
  EXPECT_EQ(state_.best(), 2u);
  finish_beyond(3, 2.0, {kNoScore, -5.0});
  EXPECT_EQ(state_.best(), 2u);
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

TEST_F(StateTest, LetsALostTrialWaitForItsNextRun) {
  propose(0);
  apply(0, Started{0, 0});
  apply(0, Lost{0, "the node went away"});
  EXPECT_EQ(state_.count(TrialState::kWaiting), 1u);
  EXPECT_EQ(state_.count(TrialState::kRunning), 0u);
  EXPECT_EQ(state_.trials()[0].losses, 1u);
  apply(0, Started{0, 0});
  apply(0, report(5));
  apply(0, Lost{0, "once more"});
  apply(0, Started{0, 0, 4});
  EXPECT_EQ(state_.trials()[0].losses, 2u);
  EXPECT_EQ(state_.trials()[0].lost, "once more");
  EXPECT_EQ(state_.trials()[0].last_step, 4u);
  finish(0, TrialState::kCompleted, 1.0);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 1u);
}

// Events are a nanosecond apart here.
TEST_F(StateTest, AddsUpTheTimeOfAnExecutionOverItsStarts) {
  const auto nanos = [&](std::uint32_t execution, std::uint32_t attempt) {
    return std::lround(1e9 * state_.trials()[0].spent_seconds(execution, attempt));
  };
  propose(0);
  EXPECT_EQ(nanos(0, 0), 0);
  apply(0, Started{0, 0});
  apply(0, Noted{"k", "v"});
  apply(0, report(1));
  EXPECT_EQ(nanos(0, 0), 2);
  EXPECT_EQ(nanos(1, 0), 0);  // another execution has its own time
  EXPECT_EQ(nanos(0, 1), 0);
  apply(0, Noted{"k", "v"});
  apply(0, Started{0, 0, 1});  // what came after the last report of the first start is not known
  EXPECT_EQ(nanos(0, 0), 2);
  apply(0, Lost{0, "gone"});
  EXPECT_EQ(nanos(0, 0), 3);
  apply(0, Started{0, 1});
  apply(0, report(1));
  EXPECT_EQ(nanos(0, 1), 1);
}

// Nothing needs a second state of a log.
static_assert(!std::is_copy_constructible_v<State> && !std::is_copy_assignable_v<State> &&
              !std::is_move_assignable_v<State>);

TEST_F(StateTest, GoesWhereItIsMovedTo) {
  propose(0);
  State moved(std::move(state_));
  EXPECT_EQ(moved.count(TrialState::kWaiting), 1u);
  EXPECT_EQ(moved.trials()[0].assignments, (Values{{0, Cell::real(0.5)}}));
}

TEST_F(StateTest, KnowsTheStepThatATrialHasDone) {
  Proposed promoted;
  promoted.start_step = 3;
  apply(0, promoted);
  apply(0, Started{0, 0, 3});
  EXPECT_EQ(state_.trials()[0].last_step, 3u);
  apply(0, report(4));
  apply(0, report(6));
  EXPECT_EQ(state_.trials()[0].last_step, 6u);
  apply(0, Started{0, 0, 4});  // from a checkpoint of its own
  EXPECT_EQ(state_.trials()[0].last_step, 4u);
  apply(0, report(5));
  apply(0, Started{1, 0, 3});
  EXPECT_EQ(state_.trials()[0].execution, 1u);
  EXPECT_EQ(state_.trials()[0].last_step, 3u);
  apply(0, Started{0, 1});  // as 0.1 wrote it
  EXPECT_EQ(state_.trials()[0].execution, 0u);
  EXPECT_EQ(state_.trials()[0].last_step, 3u);
}

TEST(Stands, WhatTheExecutionHadDoneWhereItGoesOnAndWhatThoseBeforeItSaid) {
  const Started goes_on{1, 0, 4};
  EXPECT_TRUE(stands(0, 9, goes_on, 0));
  EXPECT_TRUE(stands(1, 4, goes_on, 0));
  EXPECT_FALSE(stands(1, 5, goes_on, 0));
  EXPECT_FALSE(stands(2, 1, goes_on, 0));
  for (const Started& anew : {Started{1, 0, 0}, Started{1, 0}, Started{1, 0, 3}}) {
    EXPECT_TRUE(stands(0, 9, anew, 3));
    EXPECT_FALSE(stands(1, 0, anew, 3));
    EXPECT_FALSE(
        stands(1, 1, anew, 3));  // as an asked trial may report that began at its first step
  }
}

TEST_F(StateTest, KnowsTheStudyAndThePluginsOfTheDocumentInForce) {
  const StudyId id = {1, 2, 3};
  apply(kNoTrial, Created{42, "0.2.0", id});
  EXPECT_EQ(state_.id(), id);
  const PluginIdentity one{"dodona.oracle/1", "org.dodona.random", "0.2.0", "aa"};
  apply(kNoTrial, Configured{"{}", {one}});
  EXPECT_EQ(state_.plugins(), std::vector{one});
  apply(kNoTrial, Configured{"{}", {}, true});
  EXPECT_TRUE(state_.plugins().empty());
  EXPECT_TRUE(state_.oracle_kept());
  apply(kNoTrial, Configured{"{}"});
  EXPECT_FALSE(state_.oracle_kept());
}

TEST_F(StateTest, KnowsWhichTrialLastEndedWithAMessage) {
  for (std::uint64_t trial = 0; trial < 3; ++trial) propose(trial);
  EXPECT_FALSE(state_.last_message().has_value());
  Finished failed{TrialState::kFailed, {}, {}, kNoScore, 0, "why"};
  apply(2, failed);
  apply(1, failed);
  finish(0, TrialState::kCompleted, 1.0);
  EXPECT_EQ(state_.last_message(), 1u);
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
  EXPECT_THROW(apply(0, Started{0xffffffff}), Error);  // each takes memory
  finish(0, TrialState::kCompleted, 1.0);
  EXPECT_THROW(apply(0, Started{}), Error);
  EXPECT_THROW(apply(kNoTrial, SpaceGrown{5, {}}), Error);
  EXPECT_THROW(apply(7, Noted{"a", "b"}), Error);
  Event gap;
  gap.sequence = 99;
  EXPECT_THROW(state_.apply(gap), Error);
}

// An event is refused before anything of it is in the state.
TEST_F(StateTest, IsAsBeforeAfterAnEventThatCannotFollow) {
  propose(0);
  apply(0, Started{});
  const std::uint64_t events = state_.events();
  Proposed out_of_turn;
  out_of_turn.enqueued = 0;
  EXPECT_THROW(apply(1, out_of_turn), Error);
  EXPECT_THROW(finish(0, TrialState::kRunning, 1.0), Error);
  EXPECT_THROW(finish(1, TrialState::kCompleted, 1.0), Error);
  EXPECT_EQ(state_.events(), events);
  EXPECT_EQ(state_.trials().size(), 1u);
  EXPECT_EQ(state_.count(TrialState::kRunning), 1u);
  finish(0, TrialState::kCompleted, 1.0);
}

TEST_F(StateTest, AdmitsOnlyWhatCanBeReadAgain) {
  apply(kNoTrial, SpaceGrown{0, {support::real("x", 0, 1)}});
  propose(0);
  const auto admit = [this](std::uint64_t trial, Body body) -> std::string {
    Event event;
    event.sequence = state_.events();
    event.trial = trial;
    event.body = std::move(body);
    try {
      state_.admit(event);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), DODONA_E_STATE);
      return error.what();
    }
  };
  EXPECT_EQ(admit(0, Started{}), "");
  apply(0, Started{});
  EXPECT_EQ(admit(0, Reported{}), "");
  EXPECT_EQ(admit(0, Started{0, 0, 2}), "it goes on from step 2, which trial 0 has not done");
  apply(0, report(2));
  EXPECT_EQ(admit(0, Started{0, 0, 2}), "");
  EXPECT_EQ(admit(0, Started{0, 1, 2}), "it goes on from step 2, which trial 0 has not done");
  EXPECT_EQ(admit(0, Started{1, 0, 2}), "it goes on from step 2, which trial 0 has not done");
  EXPECT_EQ(admit(0, Started{1, 0, 0}), "");
  EXPECT_EQ(admit(0, Started{2, 0, 0}),
            "it starts execution 2 of trial 0, which is in execution 0");
  EXPECT_EQ(admit(1, Reported{}), "it belongs to trial 1, which was not proposed");
  EXPECT_EQ(admit(0, Filled{{0, Cell::real(2.0)}}), "it has a value that \"x\" cannot have");
  EXPECT_EQ(admit(0, Filled{{1, Cell::real(0.5)}}), "it has a value of no hyperparameter");
  EXPECT_EQ(admit(0, Finished{}), "");
  finish(0, TrialState::kCompleted, 1.0);
  for (const Body& body : {Body(Finished{}), Body(Reported{}), Body(Started{}), Body(Lost{})}) {
    EXPECT_EQ(admit(0, body), "trial 0 has ended");
  }
  EXPECT_EQ(admit(0, Noted{"key", "value"}), "");
}

}  // namespace
}  // namespace dodona::study
