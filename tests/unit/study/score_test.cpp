// SPDX-License-Identifier: Apache-2.0
#include "study/score.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace dodona::study {
namespace {

// How a user can mend an objective that was never said.
const std::string kRemedy =
    "; the key objective names the metric that decides, and without the key that is "
    "default_objective, a number without a name";

class ScoreTest : public ::testing::Test {
 protected:
  ScoreTest() : accuracy_(names_.intern("accuracy")), loss_(names_.intern("loss")) {}

  TrialScore maximise() const { return TrialScore({accuracy_, -1.0}); }

  Names names_;
  std::uint32_t accuracy_;
  std::uint32_t loss_;
};

TEST_F(ScoreTest, TakesTheFirstBestStep) {
  TrialScore score = maximise();
  score.report(1, {{accuracy_, 0.5}, {loss_, 3.0}});
  score.report(2, {{accuracy_, 0.75}, {loss_, 2.0}});
  score.report(3, {{accuracy_, 0.75}, {loss_, 1.0}});
  score.end_execution({});
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.state, TrialState::kCompleted);
  EXPECT_EQ(result.objectives.first(), -0.75);
  EXPECT_EQ(result.best_step, 2u);
  ASSERT_EQ(result.metrics.size(), 2u);
  EXPECT_EQ(result.metrics[1].value, 2.0);
}

// The first objective decides which step; a step without one of them is none.
TEST_F(ScoreTest, TakesAllObjectivesAtTheBestStepOfTheFirst) {
  const std::uint32_t size = names_.intern("size");
  const ScoreRule rule{accuracy_, -1.0, {}, {{loss_, 1.0}, {size, 1.0}}};
  TrialScore score(rule);
  score.report(1, {{accuracy_, 0.5}, {loss_, 3.0}, {size, 7.0}});
  score.report(2, {{accuracy_, 0.75}, {loss_, 4.0}, {size, 7.0}});
  score.report(3, {{accuracy_, 0.875}, {loss_, 1.0}});
  score.end_execution({});
  score.report(2, {{accuracy_, 0.25}, {loss_, 2.0}, {size, 9.0}});
  score.end_execution({});
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.state, TrialState::kCompleted);
  EXPECT_EQ(result.best_step, 1u);
  EXPECT_EQ(std::vector(result.objectives.begin(), result.objectives.end()),
            (std::vector{-0.5, 3.0, 7.0}));
  EXPECT_TRUE(std::isnan(rule.all_of({{loss_, 2.0}})[0]));
  EXPECT_EQ(rule.all_of({{loss_, 2.0}})[1], 2.0);
}

TEST_F(ScoreTest, IsInvalidOrFailedWhereOneOfSeveralObjectivesIs) {
  const ScoreRule rule{accuracy_, -1.0, {}, {{loss_, 1.0}}};
  TrialScore infinite(rule);
  infinite.report(1, {{accuracy_, 0.5}, {loss_, INFINITY}});
  infinite.end_execution({});
  Finished result = infinite.outcome(names_);
  EXPECT_EQ(result.state, TrialState::kInvalid);
  EXPECT_EQ(result.message, "the objectives \"accuracy\" and \"loss\" were never finite");
  EXPECT_EQ(result.objectives.size(), 2u);
  EXPECT_TRUE(std::isnan(result.objectives[1]));
  TrialScore silent(rule);
  silent.report(1, {{accuracy_, 0.5}});
  silent.end_execution({});
  result = silent.outcome(names_);
  EXPECT_EQ(result.state, TrialState::kFailed);
  EXPECT_EQ(result.message.substr(0, 98),
            "the model never said the objectives \"accuracy\" and \"loss\" as a whole; it said "
            "\"accuracy\"; the key ");
}

TEST_F(ScoreTest, PrefersWhatTheModelSaysAtItsEnd) {
  TrialScore score = maximise();
  score.report(1, {{accuracy_, 0.9}});
  score.end_execution({{accuracy_, 0.25}});
  EXPECT_EQ(score.outcome(names_).objectives.first(), -0.25);
}

TEST_F(ScoreTest, AveragesAStepOverExecutionsBeforeItTakesTheBest) {
  TrialScore score = maximise();
  score.report(1, {{accuracy_, 0.25}});
  score.report(2, {{accuracy_, 1.0}});
  score.end_execution({});
  score.report(1, {{accuracy_, 0.75}});
  score.report(2, {{accuracy_, 0.25}});
  score.end_execution({});
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.objectives.first(), -0.625);
  EXPECT_EQ(result.best_step, 2u);
}

TEST_F(ScoreTest, ForgetsWhatDoesNotStandAfterAStart) {
  TrialScore score = maximise();
  const auto report = [&](std::uint64_t step, double accuracy) {
    score.report(step, {{accuracy_, accuracy}});
  };
  const auto best_step = [&] {
    TrialScore ended = score;
    ended.end_execution({});
    return ended.outcome().best_step;
  };
  score.start({0, 0, 0}, 0);
  report(1, 0.5);
  report(2, 0.9);
  score.start({1, 0, 0}, 0);
  report(1, 0.5);
  report(2, 0.5);
  report(3, 1.0);
  score.start({1, 0, 2}, 0);  // goes on in the middle of the second execution
  EXPECT_EQ(best_step(), 2u);
  report(3, 0.2);
  EXPECT_EQ(best_step(), 2u);
  score.start({0, 0, 1}, 0);  // and then of the first
  EXPECT_EQ(best_step(), 1u);
  report(2, 0.1);
  EXPECT_EQ(best_step(), 1u);
  score.start({0, 0, 0}, 0);
  EXPECT_TRUE(score.is_empty());
  score.start({2, 0, 0}, 0);  // two executions that said nothing came before
  report(1, 0.5);
  score.end_execution({});
  ASSERT_EQ(score.outcome().executions.size(), 3u);
  EXPECT_TRUE(std::isnan(score.outcome().executions[1]));
}

TEST_F(ScoreTest, PassesOverStepsThatAreNotFinite) {
  TrialScore score = maximise();
  score.report(1, {{accuracy_, NAN}});
  score.report(2, {{accuracy_, 0.5}});
  score.report(3, {{accuracy_, INFINITY}});
  score.end_execution({});
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.state, TrialState::kCompleted);
  EXPECT_EQ(result.best_step, 2u);
}

TEST_F(ScoreTest, IsInvalidWhereTheObjectiveWasNeverFinite) {
  for (const double bad : {static_cast<double>(NAN), HUGE_VAL, -HUGE_VAL}) {
    for (const bool at_the_end : {false, true}) {
      TrialScore score = maximise();
      score.report(1, {{accuracy_, at_the_end ? 0.5 : bad}});
      score.end_execution(at_the_end ? std::vector<MetricValue>{{accuracy_, bad}}
                                     : std::vector<MetricValue>{});
      const Finished result = score.outcome(names_);
      EXPECT_EQ(result.state, TrialState::kInvalid) << bad;
      EXPECT_TRUE(std::isnan(result.objectives.first()));
      EXPECT_EQ(result.message, "the objective \"accuracy\" was never finite");
    }
  }
}

TEST_F(ScoreTest, FailsWhereTheModelNeverSaidTheObjective) {
  TrialScore silent = maximise();
  silent.end_execution({});
  EXPECT_EQ(silent.outcome(names_).state, TrialState::kFailed);
  EXPECT_EQ(silent.outcome(names_).message,
            "the model never said the objective \"accuracy\"; it reported nothing" + kRemedy);
  TrialScore other = maximise();
  other.report(1, {{loss_, 1.0}});
  other.report(2, {{loss_, 1.0}});
  other.end_execution({});
  EXPECT_EQ(other.outcome(names_).message,
            "the model never said the objective \"accuracy\"; it said \"loss\"" + kRemedy);
}

TEST_F(ScoreTest, KeepsTheObjectiveOfEachExecution) {
  TrialScore steps = maximise();
  steps.report(1, {{accuracy_, 0.5}});
  steps.report(2, {{accuracy_, 0.75}});
  steps.end_execution({});
  steps.report(2, {{accuracy_, 0.25}});
  steps.end_execution({});
  steps.report(1, {{accuracy_, 0.375}});  // stopped before the others' best step
  steps.end_execution({});
  const Finished best = steps.outcome(names_);
  EXPECT_EQ(best.best_step, 2u);
  ASSERT_EQ(best.executions.size(), 3u);
  EXPECT_EQ(best.executions[0], -0.75);
  EXPECT_EQ(best.executions[1], -0.25);
  EXPECT_TRUE(std::isnan(best.executions[2]));

  TrialScore finals = maximise();
  finals.end_execution({{accuracy_, 0.5}});
  finals.end_execution({{accuracy_, 0.25}});
  EXPECT_EQ(finals.outcome(names_).executions, (std::vector<double>{-0.5, -0.25}));
  EXPECT_EQ(finals.outcome(names_).objectives.first(), -0.375);

  TrialScore alone = maximise();
  alone.end_execution({{accuracy_, 0.5}});
  EXPECT_TRUE(alone.outcome(names_).executions.empty());
}

TEST_F(ScoreTest, IsZeroOfTheUsersSignWhereAGainIsZero) {
  TrialScore score = maximise();
  score.end_execution({{accuracy_, 0.0}});
  EXPECT_TRUE(std::signbit(score.outcome(names_).objectives.first()));
}

// ---- the sum of several metrics ----------------------------------------------------------------

class SumTest : public ScoreTest {
 protected:
  ScoreRule rule() {
    return rule_of(Objective({{"loss", Direction::kMinimize}, {"accuracy", Direction::kMaximize}}),
                   names_);
  }
};

// KerasTuner's: of those to minimise, less those to maximise.
TEST_F(SumTest, IsSigned) {
  EXPECT_EQ(rule().of({{accuracy_, 0.75}, {loss_, 2.0}}), 1.25);
  EXPECT_EQ(rule().of({{loss_, 2.0}, {accuracy_, 0.75}, {names_.intern("x"), 9.0}}), 1.25);
}

TEST_F(SumTest, IsNotThereWithoutAllTerms) {
  EXPECT_EQ(rule().of({{loss_, 2.0}}), std::nullopt);
  EXPECT_EQ(rule().of({{names_.intern("multi_objective"), 2.0}}), std::nullopt);
  TrialScore score(rule());
  score.report(1, {{accuracy_, 0.5}, {loss_, 3.0}});
  score.report(2, {{loss_, 0.0}});
  score.end_execution({{accuracy_, 1.0}});
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.objectives.first(), 2.5);
  EXPECT_EQ(result.best_step, 1u);
}

// Means of the terms over different executions would be the objective of none of them.
TEST_F(SumTest, IsTheMeanOfExecutionsThatSaidAllOfIt) {
  TrialScore score(rule());
  score.report(1, {{accuracy_, 0.5}, {loss_, 3.0}});
  score.end_execution({});
  score.report(1, {{loss_, 1.0}});
  score.end_execution({});
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.objectives.first(), 2.5);
  EXPECT_TRUE(std::isnan(result.executions[1]));
}

TEST_F(SumTest, SaysWhatIsMissing) {
  TrialScore score(rule());
  score.end_execution({{loss_, 1.0}});
  EXPECT_EQ(score.outcome(names_).message,
            "the model never said the objective \"loss\" - \"accuracy\" as a whole; it said "
            "\"loss\"" +
                kRemedy);
}

// A step that keeps the limits is better than one that does not, whatever its objective.
TEST_F(ScoreTest, PrefersStepsThatKeepTheLimits) {
  const ScoreRule rule{
      .name = accuracy_, .sign = -1.0, .limits = {{loss_, {.metric = "loss", .high = 2.0}}}};
  TrialScore score(rule);
  score.report(1, {{accuracy_, 0.5}, {loss_, 1.0}});
  score.report(2, {{accuracy_, 0.9}, {loss_, 3.0}});
  score.report(3, {{accuracy_, 0.7}, {loss_, 2.0}});
  score.report(4, {{accuracy_, 0.95}});
  score.end_execution({});
  Finished result = score.outcome(names_);
  EXPECT_EQ(result.best_step, 3U);
  EXPECT_EQ(result.objectives.first(), -0.7);
  ASSERT_EQ(result.excesses.size(), 1U);
  EXPECT_EQ(result.excesses[0], 0.0);
  TrialScore none(rule);
  none.report(1, {{accuracy_, 0.9}, {loss_, 4.0}});
  none.report(2, {{accuracy_, 0.5}, {loss_, 3.0}});
  none.end_execution({});
  result = none.outcome(names_);
  EXPECT_EQ(result.best_step, 2U) << "the one that is nearer";
  EXPECT_EQ(result.excesses[0], 0.5);
  EXPECT_TRUE(std::isnan(rule.excesses_of({})[0]));
}

TEST_F(ScoreTest, TakesALimitedMetricFromTheEndOfTheExecution) {
  const std::uint32_t size = names_.intern("size");
  const ScoreRule rule{
      .name = accuracy_, .sign = -1.0, .limits = {{size, {.metric = "size", .high = 4.0}}}};
  TrialScore score(rule);
  for (const double end : {6.0, 4.0}) {
    score.report(1, {{accuracy_, 0.5}});
    score.report(2, {{accuracy_, 0.25}});
    score.end_execution({{size, end}});
  }
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.state, TrialState::kCompleted);
  EXPECT_EQ(result.best_step, 1U);
  EXPECT_EQ(result.excesses[0], 0.25) << "of the mean, 5";
  TrialScore silent(rule);
  silent.report(1, {{accuracy_, 0.5}});
  silent.end_execution({});
  EXPECT_EQ(silent.outcome(names_).state, TrialState::kFailed);
  EXPECT_EQ(silent.outcome(names_).message,
            "the model never said \"size\", which has a limit; it said \"accuracy\"");
}

TEST_F(ScoreTest, GoesByAnotherMetricWhereTheStudySaysSo) {
  const ScoreRule rule{.name = accuracy_, .sign = -1.0, .stop_on = ScoreRule::Term{loss_, 1.0}};
  TrialScore score(rule);
  score.report(1, {{accuracy_, 0.9}, {loss_, 2.0}});
  score.report(2, {{accuracy_, 0.8}, {loss_, 1.0}});
  score.report(3, {{accuracy_, 0.7}, {loss_, 3.0}});
  score.end_execution({});
  EXPECT_EQ(score.outcome(names_).best_step, 2U);
  EXPECT_EQ(score.outcome(names_).objectives.first(), -0.8);
  TrialScore silent(rule);
  silent.report(1, {{accuracy_, 0.9}});
  silent.end_execution({});
  EXPECT_EQ(silent.outcome(names_).state, TrialState::kFailed);
  EXPECT_EQ(silent.outcome(names_).message,
            "no report of the model has \"loss\", which stop_on names; it said \"accuracy\"");
}

}  // namespace
}  // namespace dodona::study
