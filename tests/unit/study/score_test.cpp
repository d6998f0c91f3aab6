// SPDX-License-Identifier: Apache-2.0
#include "study/score.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::study {
namespace {

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
  EXPECT_EQ(result.objective, -0.75);
  EXPECT_EQ(result.best_step, 2u);
  ASSERT_EQ(result.metrics.size(), 2u);
  EXPECT_EQ(result.metrics[1].value, 2.0);
}

TEST_F(ScoreTest, PrefersWhatTheModelSaysAtItsEnd) {
  TrialScore score = maximise();
  score.report(1, {{accuracy_, 0.9}});
  score.end_execution({{accuracy_, 0.25}});
  EXPECT_EQ(score.outcome(names_).objective, -0.25);
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
  EXPECT_EQ(result.objective, -0.625);
  EXPECT_EQ(result.best_step, 2u);
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
  TrialScore score = maximise();
  score.report(1, {{accuracy_, NAN}});
  score.end_execution({});
  const Finished result = score.outcome(names_);
  EXPECT_EQ(result.state, TrialState::kInvalid);
  EXPECT_TRUE(std::isnan(result.objective));
  EXPECT_EQ(result.message, "the objective \"accuracy\" was never finite");
}

TEST_F(ScoreTest, FailsWhereTheModelNeverSaidTheObjective) {
  TrialScore silent = maximise();
  silent.end_execution({});
  EXPECT_EQ(silent.outcome(names_).state, TrialState::kFailed);
  EXPECT_EQ(silent.outcome(names_).message,
            "the model never said the objective \"accuracy\"; it reported nothing");
  TrialScore other = maximise();
  other.report(1, {{loss_, 1.0}});
  other.report(2, {{loss_, 1.0}});
  other.end_execution({});
  EXPECT_EQ(other.outcome(names_).message,
            "the model never said the objective \"accuracy\"; it said \"loss\"");
}

}  // namespace
}  // namespace dodona::study
