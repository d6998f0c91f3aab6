// SPDX-License-Identifier: Apache-2.0
#include "support/params.hpp"

#include <dodona/history.hpp>
#include <dodona/plugin.hpp>
#include <dodona/testing/oracle_study.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace {

using dodona::Cell;
using dodona::History;
using dodona::PastTrial;
using dodona::Point;
using dodona::testing::OracleStudy;

// An oracle that only remembers; the latest one shows its history.
template <dodona::Reports kReports>
struct Rememberer {
  Rememberer() { latest = this; }
  void set_space(const dodona::Space& space) { history.set_space(space); }
  void observe(const dodona_event& event) { history.observe(event); }
  void propose(std::uint64_t trial, dodona::Proposals& out) {
    Point point(1);
    point.set(0, Cell::whole(static_cast<std::int64_t>(trial)));
    dodona::Proposal more;
    more.budget = 3;
    if (trial == 1) more = {.budget = 9, .start_step = 3, .resume_of = 0, .tag = 77, .note = "{}"};
    out.push(point, more);
  }
  History history{kReports};
  static inline Rememberer* latest = nullptr;
};
using Keeper = Rememberer<dodona::Reports::kKept>;

template <class Oracle>
struct Remembered {
  Remembered() {
    oracle.settle();
    dodona::Space space;
    space.add(dodona::support::integer("n", 0, 9));
    study = std::make_unique<OracleStudy>(oracle.base, space);
  }
  // A new fold of the whole log.
  const History& history() {
    study->restart();
    return Oracle::latest->history;
  }
  decltype(dodona::oracle<Oracle>({})) oracle =
      dodona::oracle<Oracle>({.id = "test", .name = "test", .description = "test"});
  std::unique_ptr<OracleStudy> study;
};

std::vector<double> objectives(const PastTrial& trial) {
  std::vector<double> out;
  for (const dodona::PastReport& report : trial.reports) out.push_back(report.objective);
  return out;
}

TEST(History, KnowsWhatWasProposed) {
  Remembered<Keeper> test;
  test.study->ask();
  test.study->ask();
  const auto& trials = test.history().trials();
  ASSERT_EQ(trials.size(), 2U);
  EXPECT_EQ(trials[0].state, DODONA_RUNNING);
  EXPECT_EQ(trials[0].budget, 3U);
  EXPECT_EQ(trials[0].resume_of, DODONA_NO_TRIAL);
  EXPECT_FALSE(trials[0].enqueued);
  EXPECT_TRUE(std::isnan(trials[0].objective));
  EXPECT_EQ(trials[1].point[0].whole(), 1);
  EXPECT_EQ(trials[1].resume_of, 0U);
  EXPECT_EQ(trials[1].start_step, 3U);
  EXPECT_EQ(trials[1].budget, 9U);
  EXPECT_EQ(trials[1].tag, 77U);
  EXPECT_EQ(trials[1].note, "{}");
}

TEST(History, KeepsTheOrderOfEnding) {
  Remembered<Keeper> test;
  for (int i = 0; i < 4; ++i) test.study->ask();
  test.study->finish(2, 0.5);
  test.study->finish(0, std::numeric_limits<double>::quiet_NaN(), DODONA_FAILED);
  const History& history = test.history();
  EXPECT_EQ(history.ended(), (std::vector<std::uint64_t>{2, 0}));
  EXPECT_EQ(history.running(), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_TRUE(history.trials()[2].succeeded());
  EXPECT_EQ(history.trials()[2].objective, 0.5);
  EXPECT_TRUE(history.trials()[0].ended());
  EXPECT_FALSE(history.trials()[0].succeeded());
}

TEST(History, KeepsReportsThatHaveAnObjective) {
  Remembered<Keeper> test;
  test.study->ask();
  test.study->report(0, 1, 0.5);
  test.study->report(0, 2, std::numeric_limits<double>::quiet_NaN());
  test.study->report(0, 3, 0.25);
  const PastTrial& trial = test.history().trials()[0];
  EXPECT_EQ(objectives(trial), (std::vector<double>{0.5, 0.25}));
  EXPECT_EQ(trial.reports[1].step, 3U);
}

TEST(History, ForgetsTheMetricsOfWhatStartsAgain) {
  Remembered<Keeper> test;
  test.study->ask();
  test.study->report(0, 1, 1.0);
  test.study->start(0, 1, 0);
  test.study->report(0, 1, 2.0, 1);
  test.study->start(0, 1, 0);  // after an interruption
  test.study->report(0, 1, 3.0, 1);
  EXPECT_EQ(objectives(test.history().trials()[0]), (std::vector<double>{1.0, 3.0}));
  test.study->start(0, 0, 1);  // a retry
  EXPECT_TRUE(test.history().trials()[0].reports.empty());
}

TEST(History, AddsWhatATrialMetLater) {
  Remembered<Keeper> test;
  test.study->ask();
  test.study->ask();
  test.study->grow(0, dodona::support::integer("met", 5, 9));
  const auto& trials = test.history().trials();
  EXPECT_EQ(trials[0].point[1].whole(), 5);
  EXPECT_TRUE(trials[0].point.active(1));
  EXPECT_FALSE(trials[1].point.active(1));
}

TEST(History, TellsTheUsersTrialsApart) {
  Remembered<Keeper> test;
  test.study->enqueue(Point(0));
  EXPECT_TRUE(test.history().trials()[0].enqueued);
}

TEST(History, DropsReportsWhereTheyAreNotWanted) {
  using Dropper = Rememberer<dodona::Reports::kDropped>;
  Remembered<Dropper> test;
  test.study->ask();
  test.study->report(0, 1, 0.5);
  test.study->finish(0, 0.5);
  const PastTrial& trial = test.history().trials()[0];
  EXPECT_TRUE(trial.reports.empty());
  EXPECT_EQ(trial.objective, 0.5);
}

TEST(History, KeepsImportedTrialsApart) {
  dodona::Space space;
  space.add(dodona::support::integer("n", 0, 9));
  History history;
  history.set_space(space);
  const dodona_assignment n{0, 0, dodona::to_abi(dodona::Value(std::int64_t{4}))};
  dodona_imported_event body{};
  body.struct_size = DODONA_IMPORTED_EVENT_SIZE_MIN;
  body.state = DODONA_COMPLETED;
  body.assignments = {&n, 1};
  constexpr double kScore = 0.125;
  body.objectives = {&kScore, 1};
  body.source_trial = DODONA_NO_TRIAL;
  const dodona_event event{
      sizeof(dodona_event), DODONA_EVENT_IMPORTED, 0, DODONA_NO_TRIAL, 0, &body};
  history.observe(event);
  EXPECT_TRUE(history.trials().empty());
  ASSERT_EQ(history.imported().size(), 1U);
  EXPECT_EQ(history.imported()[0].point[0].whole(), 4);
  EXPECT_EQ(history.imported()[0].objective, 0.125);
}

// A start from a later step leaves the reports up to it, and those of earlier executions.
TEST(History, KeepsWhatStandsOfAnExecutionThatGoesOn) {
  dodona::Space space;
  History history;
  history.set_space(space);
  std::uint64_t sequence = 0;
  const auto give = [&](dodona_event_type type, const void* body) {
    history.observe({sizeof(dodona_event), type, sequence++, 0, 0, body});
  };
  dodona_proposed_event proposed{};
  proposed.struct_size = sizeof proposed;
  proposed.resume_of = proposed.repeat_of = DODONA_NO_TRIAL;
  proposed.enqueued = UINT64_MAX;
  give(DODONA_EVENT_PROPOSED, &proposed);
  const auto start = [&](std::uint32_t execution, std::uint64_t step) {
    const dodona_started_event body{sizeof body, execution, 0, 0, step, {}};
    give(DODONA_EVENT_STARTED, &body);
  };
  const auto report = [&](std::uint32_t execution, std::uint64_t step) {
    const double score = static_cast<double>(step);
    dodona_reported_event body{};
    body.struct_size = sizeof body;
    body.execution = execution;
    body.step = step;
    body.objectives = {&score, 1};
    give(DODONA_EVENT_REPORTED, &body);
  };
  const auto steps = [&] {
    std::vector<std::uint64_t> all;
    for (const auto& each : history.trials()[0].reports) all.push_back(each.step);
    return all;
  };
  using Steps = std::vector<std::uint64_t>;
  start(0, 0);
  report(0, 1);
  start(1, 0);
  for (std::uint64_t step = 1; step <= 4; ++step) report(1, step);
  start(1, 2);
  EXPECT_EQ(steps(), (Steps{1, 1, 2}));
  report(1, 3);
  start(1, UINT64_MAX);
  EXPECT_EQ(steps(), (Steps{1}));
}

// Values that a space lacked when the trial was handed over were once lost for good.
TEST(History, ReplacesAnImportedTrialThatComesAgainWithMoreValues) {
  dodona::Space space;
  space.add(dodona::support::integer("n", 0, 9));
  History history;
  history.set_space(space);
  const dodona_assignment values[] = {{0, 0, dodona::to_abi(dodona::Value(std::int64_t{4}))},
                                      {1, 0, dodona::to_abi(dodona::Value(std::int64_t{2}))}};
  dodona_imported_event body{};
  body.struct_size = sizeof body;
  body.state = DODONA_COMPLETED;
  body.source = dodona::to_abi("runs/other");
  const auto import = [&](std::uint64_t trial, std::uint64_t count) {
    body.source_trial = trial;
    body.assignments = {values, count};
    history.observe({sizeof(dodona_event), DODONA_EVENT_IMPORTED, 0, DODONA_NO_TRIAL, 0, &body});
  };
  import(7, 1);
  import(8, 1);
  space.add(dodona::support::integer("m", 0, 9));
  import(7, 2);
  EXPECT_EQ(history.revision(), 3U);
  ASSERT_EQ(history.imported().size(), 2U);
  EXPECT_EQ(history.imported()[0].point[1].whole(), 2);
  EXPECT_FALSE(history.imported()[1].point.active(1));
  import(DODONA_NO_TRIAL, 2);
  EXPECT_EQ(history.imported().size(), 3U) << "a source of 0.1 has no numbers";
}

TEST(History, KeepsAllThatATrialEndedWith) {
  dodona::Space space;
  space.add(dodona::support::integer("n", 0, 9));
  History history;
  history.set_space(space);
  dodona_proposed_event proposed{};
  proposed.struct_size = sizeof proposed;
  const double objectives[] = {1.0, 2.0};
  const double excesses[] = {-1.0, 0.5};
  dodona_finished_event finished{};
  finished.struct_size = sizeof finished;
  finished.state = DODONA_FAILED;
  finished.objectives = {objectives, 2};
  finished.excesses = {excesses, 2};
  finished.outcome = DODONA_OUTCOME_MEMORY;
  for (const std::uint64_t trial : {0U, 1U}) {
    history.observe({sizeof(dodona_event), DODONA_EVENT_PROPOSED, 0, trial, 0, &proposed});
    history.observe({sizeof(dodona_event), DODONA_EVENT_FINISHED, 0, trial, 0, &finished});
    finished.struct_size = DODONA_FINISHED_EVENT_SIZE_MIN;  // the second one: of an older host
  }
  const PastTrial& trial = history.trials()[0];
  EXPECT_EQ(trial.objective, 1.0);
  EXPECT_EQ(trial.objectives, (std::vector{1.0, 2.0}));
  EXPECT_EQ(trial.excesses, (std::vector{-1.0, 0.5}));
  EXPECT_EQ(trial.outcome, DODONA_OUTCOME_MEMORY);
  EXPECT_EQ(history.trials()[1].objective, 1.0);
  EXPECT_TRUE(history.trials()[1].excesses.empty());
}

// A search goes by the mean over the runs of the same values.
TEST(History, TakesTheMeanOfRepeats) {
  dodona::Space space;
  space.add(dodona::support::integer("n", 0, 9));
  History history;
  history.set_space(space);
  const auto propose = [&](std::uint64_t trial, std::uint64_t repeat_of) {
    dodona_proposed_event body{};
    body.struct_size = sizeof body;
    body.repeat_of = repeat_of;
    history.observe({sizeof(dodona_event), DODONA_EVENT_PROPOSED, 0, trial, 0, &body});
  };
  const auto finish = [&](std::uint64_t trial, double objective) {
    dodona_finished_event body{};
    body.struct_size = sizeof body;
    body.state = std::isnan(objective) ? DODONA_FAILED : DODONA_COMPLETED;
    body.objectives = {&objective, 1};
    history.observe({sizeof(dodona_event), DODONA_EVENT_FINISHED, 0, trial, 0, &body});
  };
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  propose(0, DODONA_NO_TRIAL);
  finish(0, 1.0);
  propose(1, DODONA_NO_TRIAL);
  finish(1, nothing);
  propose(2, 0);
  propose(3, 2);  // a repeat of a repeat
  propose(4, 0);
  propose(5, 1);
  finish(2, 3.0);
  finish(4, nothing);
  finish(3, 5.0);
  finish(5, 7.0);
  EXPECT_EQ(history.trials()[3].repeat_of, 0U);
  EXPECT_EQ(history.trials()[0].objective, 3.0);
  EXPECT_EQ(history.trials()[0].objectives, std::vector{3.0});
  EXPECT_EQ(history.trials()[0].runs, 3U);
  EXPECT_EQ(history.trials()[3].objective, 5.0);
  EXPECT_EQ(history.ended(), (std::vector<std::uint64_t>{0, 1, 5})) << "trial 1 has no score";
  EXPECT_EQ(history.revision(), 2U);
  EXPECT_TRUE(history.running().empty());
}

}  // namespace
