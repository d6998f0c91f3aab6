// SPDX-License-Identifier: Apache-2.0
//
// Scores of another objective: of a log as it is read, and of a study that goes on with it.
#include "project/rescored_store.hpp"

#include "document/document.hpp"
#include "store/memory_store.hpp"
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dodona {
namespace {

using study::Finished;
using study::TrialState;
using support::contains;
using support::error_of;
using support::TemporaryDirectory;

const study::ObjectiveTerm kLoss{"loss", study::Direction::kMinimize};
const study::ObjectiveTerm kAccuracy{"accuracy", study::Direction::kMaximize};

// ---- a log -------------------------------------------------------------------------------------

class RescoredStoreTest : public ::testing::Test {
 protected:
  RescoredStoreTest() : log_(store::memory_store()) {
    log_.names().intern("loss");
    log_.names().intern("accuracy");
    configure(kLoss);
  }

  void put(std::uint64_t trial, study::Body body) {
    study::Event event;
    event.trial = trial;
    event.body = std::move(body);
    log_.append(event);
  }
  void configure(const study::Objective& objective) {
    StudyOptions options;
    options.objective = document::to_facade(objective);
    put(study::kNoTrial, study::Configured{document::document_text(options)});
  }
  static std::vector<study::MetricValue> metrics(double loss, double accuracy) {
    return {{0, loss}, {1, accuracy}};
  }
  void report(std::uint64_t trial, std::uint32_t execution, std::uint64_t step,
              std::vector<study::MetricValue> metrics) {
    const double loss = metrics[0].value;
    put(trial, study::Reported{execution, step, std::move(metrics), loss});
  }
  void finish(std::uint64_t trial, TrialState state, std::vector<study::MetricValue> metrics,
              double objective, std::uint64_t best_step) {
    Finished finished;
    finished.state = state;
    finished.metrics = std::move(metrics);
    finished.objectives = objective;
    finished.best_step = best_step;
    finished.assignments = {{0, Cell::whole(3)}};
    put(trial, std::move(finished));
  }

  Finished end_of(std::uint64_t trial) {
    std::optional<Finished> found;
    log_.read(0, [&](const study::Event& event) {
      const auto* finished = std::get_if<Finished>(&event.body);
      if (finished != nullptr && event.trial == trial) found = *finished;
      return true;
    });
    return found.value_or(Finished());
  }

  project::RescoredStore log_;
};

TEST_F(RescoredStoreTest, TakesTheBestStepByTheNewObjective) {
  put(0, study::Started{});
  report(0, 0, 1, metrics(1, 0.9));
  report(0, 0, 2, metrics(0.5, 0.8));
  finish(0, TrialState::kCompleted, metrics(0.5, 0.8), 0.5, 2);
  const auto count = log_.rescore(kAccuracy);
  EXPECT_EQ(count.scored, 1U);
  EXPECT_EQ(count.unscored, 0U);
  const Finished end = end_of(0);
  EXPECT_EQ(end.state, TrialState::kCompleted);
  EXPECT_EQ(end.objectives.first(), -0.9);
  EXPECT_EQ(end.best_step, 1U);
  EXPECT_EQ(end.metrics[0].value, 1.0);
  EXPECT_EQ(end.assignments.size(), 1U);
  std::vector<double> reported;
  log_.read(2, [&](const study::Event& event) {
    if (const auto* each = std::get_if<study::Reported>(&event.body)) {
      reported.push_back(each->objectives.first());
    }
    return true;
  });
  EXPECT_EQ(reported, (std::vector<double>{-0.9, -0.8}));
}

// Its model named the objective at its end: that counted, and counts.
TEST_F(RescoredStoreTest, TakesTheMetricsOfTheEndWhereTheOldScoreDid) {
  put(0, study::Started{});
  report(0, 0, 1, metrics(1, 0.9));
  finish(0, TrialState::kCompleted, metrics(0.2, 0.7), 0.2, 1);
  log_.rescore(kAccuracy);
  EXPECT_EQ(end_of(0).objectives.first(), -0.7);
  EXPECT_EQ(end_of(0).best_step, 1U);
}

TEST_F(RescoredStoreTest, TakesTheReportsWhereTheEndLacksTheMetric) {
  put(0, study::Started{});
  report(0, 0, 1, metrics(1, 0.9));
  finish(0, TrialState::kCompleted, {{0, 0.2}}, 0.2, 1);
  log_.rescore(kAccuracy);
  EXPECT_EQ(end_of(0).objectives.first(), -0.9);
}

TEST_F(RescoredStoreTest, LeavesATrialWithoutTheMetricsUnscored) {
  put(0, study::Started{});
  report(0, 0, 1, {{0, 1.0}});
  finish(0, TrialState::kCompleted, {{0, 1.0}}, 1, 1);
  put(1, study::Started{});
  finish(1, TrialState::kStopped, {{0, 1.0}}, 1, 0);
  const auto count = log_.rescore(kAccuracy);
  EXPECT_EQ(count.scored, 0U);
  EXPECT_EQ(count.unscored, 2U);
  EXPECT_EQ(end_of(0).state, TrialState::kCompleted);
  EXPECT_TRUE(std::isnan(end_of(0).objectives.first()));
  EXPECT_EQ(end_of(0).message, "it lacks the metrics of the study's objective");
  EXPECT_EQ(end_of(1).state, TrialState::kStopped);
  EXPECT_EQ(log_.rescore(study::ObjectiveTerm{"nowhere", study::Direction::kMinimize}).unscored,
            2U);
  EXPECT_FALSE(log_.names().find("nowhere"));  // a log that is read gets no names
}

TEST_F(RescoredStoreTest, TellsInvalidTrialsFromValidOnesAnew) {
  put(0, study::Started{});
  report(0, 0, 1, metrics(NAN, 0.9));
  finish(0, TrialState::kInvalid, metrics(NAN, 0.9), study::kNoScore, 1);
  put(1, study::Started{});
  report(1, 0, 1, metrics(1, INFINITY));
  finish(1, TrialState::kCompleted, metrics(1, INFINITY), 1, 1);
  put(2, study::Started{});
  report(2, 0, 1, metrics(1, 0.9));
  finish(2, TrialState::kFailed, {}, study::kNoScore, 0);
  log_.rescore(kAccuracy);
  EXPECT_EQ(end_of(0).state, TrialState::kCompleted);
  EXPECT_EQ(end_of(0).objectives.first(), -0.9);
  EXPECT_EQ(end_of(1).state, TrialState::kInvalid);
  EXPECT_TRUE(std::isnan(end_of(1).objectives.first()));
  EXPECT_EQ(end_of(2).state, TrialState::kFailed);
}

TEST_F(RescoredStoreTest, TakesTheMeanOverExecutionsOfTheLastAttempt) {
  put(0, study::Started{0, 0});
  report(0, 0, 1, metrics(9, 0.99));
  put(0, study::Started{0, 1});
  report(0, 0, 1, metrics(1, 0.5));
  put(0, study::Started{1, 1});
  report(0, 1, 1, metrics(2, 0.7));
  finish(0, TrialState::kCompleted, metrics(1.5, 0.6), 1.5, 1);
  log_.rescore(kAccuracy);
  EXPECT_DOUBLE_EQ(end_of(0).objectives.first(), -0.6);
  EXPECT_EQ(end_of(0).executions, (std::vector<double>{-0.5, -0.7}));
}

// The execution went on from its checkpoint at step 1: what it had reported up to there counts.
TEST_F(RescoredStoreTest, TakesTheReportsThatStandWhereATrialWentOn) {
  put(0, study::Started{0, 0, 0});
  report(0, 0, 1, metrics(1, 0.8));
  report(0, 0, 2, metrics(0.5, 0.99));
  put(0, study::Lost{0, "the node went away"});
  put(0, study::Started{0, 0, 1});
  report(0, 0, 2, metrics(0.7, 0.7));
  finish(0, TrialState::kCompleted, metrics(0.7, 0.7), 0.7, 2);
  log_.rescore(kAccuracy);
  EXPECT_EQ(end_of(0).objectives.first(), -0.8);
  EXPECT_EQ(end_of(0).best_step, 1U);
}

TEST_F(RescoredStoreTest, AddsTheTermsOfASum) {
  put(0, study::Started{});
  report(0, 0, 1, metrics(1, 0.75));
  finish(0, TrialState::kCompleted, metrics(1, 0.75), 1, 1);
  log_.rescore(study::Objective({kLoss, kAccuracy}));
  EXPECT_EQ(end_of(0).objectives.first(), 0.25);
}

TEST_F(RescoredStoreTest, LeavesAloneWhatWasLoggedUnderTheObjectiveAtHand) {
  put(0, study::Started{});
  finish(0, TrialState::kCompleted, metrics(0.5, 0.8), 0.5, 0);
  configure(kAccuracy);
  put(1, study::Started{});
  finish(1, TrialState::kCompleted, metrics(0.5, 0.8), 77, 0);  // whatever it says
  study::Imported imported;
  imported.metrics = metrics(0.5, 0.6);
  imported.objectives = -0.6;
  put(study::kNoTrial, imported);
  EXPECT_EQ(log_.rescore(kAccuracy).scored, 1U);
  EXPECT_EQ(end_of(0).objectives.first(), -0.8);
  EXPECT_EQ(end_of(1).objectives.first(), 77.0);
  EXPECT_EQ(log_.rescore(kLoss).scored, 1U);  // the other way round
  EXPECT_EQ(end_of(0).objectives.first(), 0.5);
  EXPECT_EQ(end_of(1).objectives.first(), 0.5);
  log_.read(log_.size() - 1, [&](const study::Event& event) {
    EXPECT_EQ(std::get<study::Imported>(event.body).objectives.first(), 0.5);
    return true;
  });
  EXPECT_EQ(log_.as_logged().size(), log_.size());
}

// ---- a study -----------------------------------------------------------------------------------

// Good in loss is bad in accuracy; trial 2 says no accuracy.
void train(Trial& trial) {
  const double x = trial.hp().real("x", {.min = 0, .max = 1});
  for (std::uint64_t step = 1; step <= 3; ++step) {
    const double loss = x + 1 / static_cast<double>(step);
    if (trial.id() == 2) {
      trial.report(step, {{"loss", loss}});
    } else {
      trial.report(step, {{"loss", loss}, {"accuracy", x + static_cast<double>(step) / 100}});
    }
  }
}

TunerOptions options_in(const TemporaryDirectory& directory, std::uint64_t max_trials) {
  TunerOptions options;
  options.study.oracle = {"tpe"};
  options.study.objective = {"loss", Direction::kMin};
  options.study.max_trials = max_trials;
  options.study.seed = 7;
  options.study.directory = directory.string();
  options.study.project_name = "p";
  return options;
}

TEST(ChangedObjective, IsRefusedUnlessAcceptedAndThenScoresAllAnew) {
  const TemporaryDirectory directory;
  { Tuner(options_in(directory, 8)).search(train); }
  const auto by_loss = open((directory / "p").string()).best();
  EXPECT_EQ(by_loss.size(), 8U);

  TunerOptions options = options_in(directory, 16);
  options.study.objective = {"accuracy", Direction::kMax};
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { Tuner{options}; }),
                       "has the objective min loss, not max accuracy; go on with that one, or all "
                       "the same with --accept-changes (accept_changes)"));
  options.accept_changes = true;
  std::vector<std::string> said;
  options.on_log = [&](dodona_level, const std::string& text) { said.push_back(text); };
  {
    Tuner tuner(options);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(contains(said[0], "by the objective max accuracy: 7 trials have one, 1 lack"));
    const auto best = tuner.best();
    EXPECT_EQ(best.size(), 7U);
    for (const Result& result : best) {
      EXPECT_EQ(result.best_step, 3U);
      EXPECT_DOUBLE_EQ(*result.score, result.values.real("x") + 0.03);
    }
    EXPECT_EQ(tuner.trials()[2].state, dodona::TrialState::kCompleted);
    EXPECT_FALSE(tuner.trials()[2].score);
    EXPECT_EQ(tuner.search(train).completed, 16U);
  }
  const Study study = open((directory / "p").string());
  EXPECT_EQ(study.objective().name, "accuracy");
  EXPECT_EQ(study.best(1)[0].score, study.best()[0].score);
  const ReplayResult replay = study.replay();
  EXPECT_FALSE(replay.difference) << replay.difference->what;
  EXPECT_EQ(replay.verified, 15U);  // and the first, that asked for the space
}

// The oracle is one that had observed the log under the new objective from the start.
TEST(ChangedObjective, ChangesWhatTheOracleProposes) {
  std::vector<double> proposed;
  for (const Direction direction : {Direction::kMin, Direction::kMax}) {
    const TemporaryDirectory directory;
    { Tuner(options_in(directory, 14)).search(train); }
    TunerOptions options = options_in(directory, 15);
    options.study.objective.direction = direction;
    options.accept_changes = true;
    Tuner tuner(options);
    tuner.search(train);
    proposed.push_back(tuner.trials()[14].values.real("x"));
  }
  EXPECT_NE(proposed[0], proposed[1]);
}

TEST(ChangedObjective, MayChangeBackAndHoldsWithALag) {
  const TemporaryDirectory directory;
  for (std::uint64_t i = 0; i < 4; ++i) {
    TunerOptions options = options_in(directory, 8 + 6 * i);
    if (i % 2 == 1) options.study.objective = {"accuracy", Direction::kMax};
    options.study.lag = 2;
    options.study.parallel_trials = 2;
    options.accept_changes = true;
    Tuner(options).search(train);
  }
  const Study study = open((directory / "p").string());
  const ReplayResult replay = study.replay();
  EXPECT_FALSE(replay.difference) << replay.difference->what;
  EXPECT_EQ(study.best().size(), 25U);
}

}  // namespace
}  // namespace dodona
