// SPDX-License-Identifier: Apache-2.0
#include "tuner/view.hpp"

#include "document/document.hpp"
#include "study/seed.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

using study::TrialState;

// A study of units in 1..9 and act in {relu, tanh}, whose trials finish as told.
class ViewTest : public ::testing::Test {
 protected:
  ViewTest() {
    apply(study::kNoTrial, study::Created{5, "0"});
    apply(study::kNoTrial,
          study::SpaceGrown{
              0,
              {support::integer("units", 1, 9),
               support::choice("act", {support::text("relu"), support::text("tanh")})}});
  }

  void apply(std::uint64_t trial, study::Body body) {
    study::Event event;
    event.sequence = state_.events();
    event.trial = trial;
    event.unix_nanos = 100 + static_cast<std::int64_t>(state_.events());
    event.body = std::move(body);
    state_.apply(event);
  }

  // With a signed objective.
  std::uint64_t finish(TrialState state, const study::Numbers& objectives,
                       std::vector<double> executions = {}) {
    const double objective = objectives.first();
    const std::uint64_t id = state_.trials().size();
    study::Proposed proposed;
    proposed.assignments = {{0, Cell::whole(3)}, {1, Cell::whole(1)}};
    apply(id, std::move(proposed));
    apply(id, study::Started{0, 2});
    study::Finished finished;
    finished.state = state;
    finished.assignments = {{0, Cell::whole(3)}, {1, Cell::whole(1)}};
    finished.objectives = objectives;
    if (state == TrialState::kFailed) finished.outcome = study::Outcome::kModelError;
    finished.metrics = {{names_.intern("acc"), -objective}, {names_.intern("size"), 8.0}};
    finished.best_step = 4;
    finished.message = state == TrialState::kFailed ? "why" : "";
    finished.executions = std::move(executions);
    apply(id, std::move(finished));
    return id;
  }

  std::vector<std::uint64_t> best(std::uint64_t count) const {
    std::vector<std::uint64_t> ids;
    for (const Result& result : view_.best(count)) ids.push_back(result.trial);
    return ids;
  }

  study::State state_;
  study::Names names_;
  study::Objective objective_{study::ObjectiveTerm{"acc", study::Direction::kMaximize}};
  View view_{state_, names_, objective_};
};

// Front 0: trials 1, 3 and 4; trial 0 is behind 3, trial 2 behind all.
TEST_F(ViewTest, RanksTrialsOfSeveralObjectives) {
  objective_.others = {{"size", study::Direction::kMinimize}};
  finish(TrialState::kCompleted, {-0.5, 6.0});
  finish(TrialState::kCompleted, {-0.9, 9.0});
  finish(TrialState::kStopped, {-0.4, 9.0});
  finish(TrialState::kCompleted, {-0.6, 5.0});
  finish(TrialState::kCompleted, {-0.1, 1.0});
  finish(TrialState::kFailed, {});
  finish(TrialState::kInvalid, {study::kNoScore, study::kNoScore});
  const std::vector<Result> all = view_.trials();
  using Rank = std::optional<std::uint64_t>;
  EXPECT_EQ(all[0].rank, Rank(1));
  EXPECT_EQ(all[1].rank, Rank(0));
  EXPECT_EQ(all[2].rank, Rank(2));
  EXPECT_EQ(all[3].rank, Rank(0));
  EXPECT_EQ(all[4].rank, Rank(0));
  EXPECT_EQ(all[5].rank, std::nullopt);
  EXPECT_EQ(all[6].rank, std::nullopt);
  EXPECT_EQ(all[5].outcome, "model_error");
  ASSERT_EQ(all[3].scores.size(), 2U);
  EXPECT_EQ(all[3].scores[0], (std::pair<std::string, std::optional<double>>("acc", 0.6)));
  EXPECT_EQ(all[3].scores[1], (std::pair<std::string, std::optional<double>>("size", 5.0)));
  EXPECT_EQ(all[6].scores[1].second, std::nullopt);
  // The ends of a front have the most room.
  EXPECT_EQ(best(0), (std::vector<std::uint64_t>{1, 4, 3, 0, 2}));
  EXPECT_EQ(best(2), (std::vector<std::uint64_t>{1, 4}));
  std::vector<std::uint64_t> front;
  for (const Result& each : view_.front()) front.push_back(each.trial);
  EXPECT_EQ(front, (std::vector<std::uint64_t>{1, 4, 3}));
}

TEST_F(ViewTest, PutsTrialsThatBreakLimitsLast) {
  objective_.limits = {{.metric = "size", .high = 5.0}};
  finish(TrialState::kCompleted, -0.9);
  finish(TrialState::kCompleted, -0.5);
  const study::Numbers excess = 0.5;
  study::Finished beyond;
  beyond.objectives = -0.99;
  beyond.excesses = excess;
  apply(2, study::Proposed{});
  apply(2, std::move(beyond));
  EXPECT_EQ(best(0), (std::vector<std::uint64_t>{0, 1, 2}));
  const Result result = view_.result(2);
  ASSERT_EQ(result.excesses.size(), 1U);
  EXPECT_EQ(result.excesses[0], (std::pair<std::string, std::optional<double>>("size", 0.5)));
  EXPECT_EQ(view_.result(0).excesses[0].second, std::nullopt);
}

TEST_F(ViewTest, ShowsATrialInTheWordsOfItsUser) {
  finish(TrialState::kCompleted, -0.75);
  const Result result = view_.result(0);
  EXPECT_EQ(result.state, dodona::TrialState::kCompleted);
  EXPECT_EQ(result.score, 0.75);  // signed within, as reported without
  EXPECT_EQ(result.values.integer("units"), 3);
  EXPECT_EQ(result.values.text("act"), "tanh");
  EXPECT_EQ(result.metrics,
            (std::vector<std::pair<std::string, double>>{{"acc", 0.75}, {"size", 8.0}}));
  EXPECT_EQ(result.best_step, 4U);
  EXPECT_EQ(result.attempt, 2U);
  EXPECT_EQ(result.seed, study::execution_seed(5, 0, 0, 2));
  EXPECT_FALSE(result.resume_of);
  EXPECT_EQ(result.started_unix_nanos, 103);
  EXPECT_EQ(result.finished_unix_nanos, 104);
}

TEST_F(ViewTest, ShowsWhatIsNotFinishedWithoutAScore) {
  study::Proposed proposed;
  proposed.budget = 9;
  proposed.resume_of = 0;
  finish(TrialState::kFailed, study::kNoScore);
  apply(1, std::move(proposed));
  const std::vector<Result> trials = view_.trials();
  ASSERT_EQ(trials.size(), 2U);
  EXPECT_EQ(trials[0].message, "why");
  EXPECT_FALSE(trials[0].score);
  EXPECT_EQ(trials[1].state, dodona::TrialState::kWaiting);
  EXPECT_FALSE(trials[1].score);
  EXPECT_EQ(trials[1].budget, 9U);
  EXPECT_EQ(trials[1].resume_of, 0U);
}

// 0.5, 0.7 and 0.9: a mean distance of 0.2 in a sample of three.
TEST_F(ViewTest, ShowsTheScoresOfExecutionsAndTheirSpread) {
  finish(TrialState::kCompleted, -0.7, {-0.5, -0.9, study::kNoScore, -0.7});
  finish(TrialState::kCompleted, -0.7, {study::kNoScore, -0.7});
  finish(TrialState::kCompleted, -0.7);
  const Result several = view_.result(0);
  EXPECT_EQ(several.execution_scores,
            (std::vector<std::optional<double>>{0.5, 0.9, std::nullopt, 0.7}));
  ASSERT_TRUE(several.spread);
  EXPECT_NEAR(*several.spread, 0.2, 1e-15);
  EXPECT_EQ(view_.result(1).spread, std::nullopt) << "of one score";
  EXPECT_TRUE(view_.result(2).execution_scores.empty());
}

TEST_F(ViewTest, RanksTrialsThatHaveAScore) {
  finish(TrialState::kCompleted, -0.5);
  finish(TrialState::kStopped, -0.9);
  finish(TrialState::kCompleted, -0.5);
  finish(TrialState::kFailed, -7.0);
  finish(TrialState::kInvalid, study::kNoScore);
  finish(TrialState::kCompleted, -std::numeric_limits<double>::infinity());
  finish(TrialState::kCompleted, -0.7);
  EXPECT_EQ(best(0), (std::vector<std::uint64_t>{1, 6, 0, 2}));
  EXPECT_EQ(best(2), (std::vector<std::uint64_t>{1, 6}));
  EXPECT_EQ(best(99).size(), 4U);
}

TEST_F(ViewTest, LeavesScoresAsTheyAreWhereLessIsBetter) {
  objective_.direction = study::Direction::kMinimize;
  EXPECT_EQ(view_.score(-2.0), -2.0);
  EXPECT_EQ(view_.score(std::nan("")), std::nullopt);
  EXPECT_EQ(document::to_facade(objective_).direction, Direction::kMin);
  EXPECT_EQ(document::to_facade(objective_).name, "acc");
}

}  // namespace
}  // namespace dodona::tuner
