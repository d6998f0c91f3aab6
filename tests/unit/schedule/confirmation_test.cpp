// SPDX-License-Identifier: Apache-2.0
#include "schedule/confirmation.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

using study::TrialState;

class ConfirmationTest : public ::testing::Test {
 protected:
  void apply(std::uint64_t trial, study::Body body) {
    study::Event event;
    event.sequence = state_.events();
    event.trial = trial;
    event.body = std::move(body);
    state_.apply(event);
  }
  void finish(std::uint64_t trial, double score, TrialState end = TrialState::kCompleted) {
    study::Finished finished;
    finished.state = end;
    finished.objectives = score;
    apply(trial, std::move(finished));
  }
  std::uint64_t add(double score, TrialState end = TrialState::kCompleted) {
    const std::uint64_t id = state_.trials().size();
    apply(id, study::Proposed{});
    finish(id, score, end);
    return id;
  }
  std::uint64_t repeat(std::uint64_t of) {
    const std::uint64_t sequence = state_.events();
    apply(study::kNoTrial, study::Enqueued{});
    const std::uint64_t id = state_.trials().size();
    study::Proposed proposed;
    proposed.repeat_of = of;
    proposed.enqueued = sequence;
    apply(id, std::move(proposed));
    return id;
  }
  // One round of repeats with these scores, in the order of asking.
  std::vector<std::uint64_t> round(std::uint64_t rounds, const std::vector<double>& scores) {
    std::vector<std::uint64_t> repeated;
    std::vector<std::uint64_t> runs;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const Confirmation next = confirmation(state_, rounds);
      EXPECT_EQ(next.step, Confirmation::Step::kRepeat);
      repeated.push_back(next.trial);
      runs.push_back(repeat(next.trial));
    }
    EXPECT_EQ(confirmation(state_, rounds).step, Confirmation::Step::kWait);
    for (std::size_t i = 0; i < scores.size(); ++i) finish(runs[i], scores[i]);
    return repeated;
  }

  study::State state_;
};

using Trials = std::vector<std::uint64_t>;

TEST_F(ConfirmationTest, RepeatsTheFiveBestSoOften) {
  for (const double score : {9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0}) add(score);
  add(0.0, TrialState::kFailed);
  EXPECT_EQ(round(2, {1.0, 2.0, 3.0, 4.0, 5.0}), (Trials{1, 2, 3, 4, 5}));
  // Noise of the size of the differences tells nothing.
  EXPECT_EQ(round(2, {5.0, 1.0, 4.0, 2.0, 3.0}), (Trials{1, 2, 3, 4, 5}));
  EXPECT_EQ(confirmation(state_, 2).step, Confirmation::Step::kDone);
  EXPECT_EQ(state_.confirmations(), 10U);
  EXPECT_EQ(state_.trials()[1].runs, 3U);
  EXPECT_DOUBLE_EQ(state_.trials()[1].mean, (1.0 + 1.0 + 5.0) / 3.0);
  EXPECT_EQ(state_.best(), 2U) << "by the mean, (2 + 2 + 1) / 3";
}

TEST_F(ConfirmationTest, EndsOnceTheBestIsToldFromTheRest) {
  for (const double score : {1.0, 2.0, 3.0}) add(score);
  EXPECT_EQ(round(9, {1.0, 20.0, 3.0}), (Trials{0, 1, 2}));
  EXPECT_EQ(round(9, {1.1, 20.2, 2.9}), (Trials{0, 1, 2}));
  EXPECT_EQ(confirmation(state_, 9).step, Confirmation::Step::kDone);
}

TEST_F(ConfirmationTest, GoesOnWithThoseThatAreLeft) {
  for (const double score : {1.0, 2.0, 3.0}) add(score);
  round(3, {1.0, 20.0, 1.2});
  round(3, {1.1, 20.2, 1.0});
  EXPECT_EQ(round(3, {1.0, 1.0}), (Trials{0, 2}));
  EXPECT_EQ(confirmation(state_, 3).step, Confirmation::Step::kDone);
}

TEST_F(ConfirmationTest, PassesOverRunsWithoutAScore) {
  for (const double score : {1.0, 2.0}) add(score);
  const std::uint64_t a = repeat(confirmation(state_, 2).trial);
  const std::uint64_t b = repeat(confirmation(state_, 2).trial);
  finish(a, study::kNoScore, TrialState::kFailed);
  finish(b, 2.0);
  round(2, {1.0, 2.0});
  EXPECT_EQ(state_.trials()[0].runs, 2U);
  EXPECT_EQ(state_.trials()[1].runs, 3U);
  EXPECT_EQ(confirmation(state_, 2).step, Confirmation::Step::kDone);
}

TEST_F(ConfirmationTest, HasNothingToDoWithoutTwoTrials) {
  EXPECT_EQ(confirmation(state_, 3).step, Confirmation::Step::kDone);
  add(1.0);
  EXPECT_EQ(confirmation(state_, 3).step, Confirmation::Step::kDone);
}

// A trial that nobody ran again may have been lucky.
TEST_F(ConfirmationTest, PutsWhatWasConfirmedFirst) {
  for (const double score : {1.0, 1.1, 1.2, 1.3, 1.4, 1.5}) add(score);
  round(1, {4.0, 3.0, 2.0, 5.0, 6.0});
  EXPECT_EQ(state_.best(), 2U);
  EXPECT_TRUE(place_of(state_.trials()[4]) < place_of(state_.trials()[5]));
}

}  // namespace
}  // namespace dodona::schedule
