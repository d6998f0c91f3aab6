// SPDX-License-Identifier: Apache-2.0
#include "schedule/execution.hpp"

#include "store/memory_store.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/params.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

using study::NamedMetric;
using study::Verdict;
using support::error_of;

class FakeSupervisor : public Supervisor {
 public:
  Ending ending() const override { return ends; }
  Verdict judge(const study::Event& report) override {
    if (on_judge) on_judge();
    judged.push_back(report);
    return verdict;
  }
  void reported(const Execution& run, std::uint64_t step, double objective) override {
    EXPECT_EQ(run.attempt, 2U);
    shown.emplace_back(step, objective);
    if (on_reported) on_reported();
  }
  Cell fill(std::uint64_t, bool first_trial, const Param&, const Fits&) override {
    first = first_trial;
    return Cell::real(0.25);
  }
  void filled(std::uint64_t trial, const Assignment& assignment) override {
    EXPECT_EQ(trial, 0U);
    fills.push_back(assignment);
  }
  void grown(const space::Growth& growth) override {
    EXPECT_TRUE(fills.empty());  // the space grows before it has values
    for (const Param& param : growth.params) grew.emplace_back(growth.first, param.name);
  }
  bool can_go_on(std::uint64_t) override { return goes_on; }
  void warn(const std::string& message) override { warned.push_back(message); }

  bool goes_on = true;
  std::vector<std::string> warned;
  Ending ends = Ending::kNone;
  Verdict verdict = Verdict::kContinue;
  std::vector<study::Event> judged;
  std::vector<std::pair<std::uint64_t, double>> shown;
  std::function<void()> on_judge;
  std::function<void()> on_reported;
  std::optional<bool> first;
  std::vector<Assignment> fills;
  std::vector<std::pair<std::uint32_t, std::string>> grew;
};

// Trial 0 of a study of x in [0, 1], maximising "acc"; its x is 0.5.
class ExecutionTest : public ::testing::Test {
 protected:
  ExecutionTest() {
    const Param x = support::real("x", 0, 1);
    space_.add({{x, x}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
    values_.assignments = {{0, Cell::real(0.5)}};
    study::Proposed proposed;
    proposed.assignments = {{0, Cell::real(0.5)}};
    journal_.append(0, proposed);
    journal_.append(0, study::Started{1, 2});
    before_ = store_->size();
  }

  Execution& run() {
    if (!run_) {
      const Execution::Place place{0, 1, 2};
      run_ =
          std::make_unique<Execution>(place, values_, supervisor_, journal_, space_, score_, rule_);
    }
    return *run_;
  }

  Verdict report(std::uint64_t step, std::vector<NamedMetric> metrics) {
    return run().report(step, metrics);
  }

  // Events that the execution wrote.
  std::vector<study::Event> written() {
    std::vector<study::Event> events;
    store_->read(before_, [&](const study::Event& event) {
      events.push_back(event);
      return true;
    });
    return events;
  }

  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  FakeSupervisor supervisor_;
  study::ScoreRule rule_{store_->names().intern("acc"), -1.0};
  study::TrialScore score_{rule_};
  study::TrialRecord values_;
  std::uint64_t before_ = 0;
  std::unique_ptr<Execution> run_;
};

TEST_F(ExecutionTest, LogsAReportWithItsVerdict) {
  supervisor_.verdict = Verdict::kStopTrial;
  EXPECT_EQ(report(3, {{"acc", 0.75}, {"size", 8}}), Verdict::kStopTrial);
  EXPECT_TRUE(run().told_to_stop());
  EXPECT_TRUE(run().cancelled());
  const auto events = written();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].trial, 0U);
  const auto& body = std::get<study::Reported>(events[0].body);
  EXPECT_EQ(body.execution, 1U);
  EXPECT_EQ(body.step, 3U);
  EXPECT_EQ(body.objectives.first(), -0.75);
  EXPECT_EQ(body.verdict, Verdict::kStopTrial);
  ASSERT_EQ(body.metrics.size(), 2U);
  EXPECT_EQ(store_->names()[body.metrics[1].name], "size");
  EXPECT_EQ(body.metrics[1].value, 8.0);
  ASSERT_EQ(supervisor_.judged.size(), 1U);
  EXPECT_EQ(std::get<study::Reported>(supervisor_.judged[0].body).objectives.first(), -0.75);
  ASSERT_EQ(supervisor_.shown.size(), 1U);
  EXPECT_EQ(supervisor_.shown[0], std::pair(std::uint64_t{3}, -0.75));
}

// A display once showed what a full disk then refused.
TEST_F(ExecutionTest, ShowsAReportOnceItIsInTheLog) {
  std::size_t in_the_log = 0;
  supervisor_.on_reported = [&] { in_the_log = written().size(); };
  report(1, {{"acc", 0.75}});
  EXPECT_EQ(in_the_log, 1U);
}

TEST_F(ExecutionTest, TakesANamelessMetricForTheObjective) {
  report(1, {{"", 0.5}});
  EXPECT_EQ(supervisor_.shown.at(0).second, -0.5);
  report(2, {{"size", 8}});  // the objective may be missing
  EXPECT_TRUE(std::isnan(supervisor_.shown.at(1).second));
}

TEST_F(ExecutionTest, RefusesAMetricThatStandsTwice) {
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [&] {
                       report(1, {{"acc", 1}, {"", 2}});
                     }),
            "metric \"acc\" stands twice in one report");
  EXPECT_TRUE(written().empty());
}

TEST_F(ExecutionTest, TakesTheCorrectedFormOfWhatItRefused) {
  EXPECT_THROW(report(1, {{"acc", 1}, {"", 2}}), Error);
  EXPECT_EQ(report(1, {{"acc", 0.5}}), Verdict::kContinue);
  EXPECT_EQ(written().size(), 1U);
  const std::vector<NamedMetric> twice = {{"", 0.25}, {"acc", 3}};
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { run().finish(twice); }),
            "metric \"acc\" stands twice in one report");
  const std::vector<NamedMetric> once = {{"", 0.25}};
  run().finish(once);
  run().close();
  EXPECT_EQ(score_.outcome(store_->names()).objectives.first(), -0.25);
}

// A search whose oracle failed throws it at whoever reports.
TEST_F(ExecutionTest, TakesAReportAgainThatNobodyCouldJudge) {
  supervisor_.on_judge = [] { throw Error(DODONA_E_PLUGIN, "the oracle is lost"); };
  EXPECT_THROW(report(0, {{"acc", 0.5}}), Error);
  supervisor_.on_judge = nullptr;
  EXPECT_EQ(report(0, {{"acc", 0.5}}), Verdict::kContinue);
  EXPECT_EQ(written().size(), 1U);
}

// A full disk costs the checkpoint, not the trial.
TEST_F(ExecutionTest, GoesOnWithoutAModelThatTheDiskRefuses) {
  namespace fs = std::filesystem;
  const support::TemporaryDirectory directory;
  const std::string file = directory / "file";
  std::ofstream(file) << "no directory";
  study::Standing best;
  run().keep_best(best);
  run().directory = file;
  report(1, {{"acc", 0.5}});
  EXPECT_TRUE(support::contains(error_of(DODONA_E_IO, [&] { run().make_directory(); }), file));
  EXPECT_TRUE(run().wants_save());
  EXPECT_EQ(run().save_directory(), "");
  ASSERT_EQ(supervisor_.warned.size(), 1U);
  EXPECT_TRUE(support::contains(
      supervisor_.warned[0],
      "trial 0 goes on without its checkpoint of step 1, as that could not be kept: "));
  EXPECT_TRUE(support::contains(supervisor_.warned[0], file));
  EXPECT_FALSE(run().wants_save());

  // The next report is no better, but better than what is there: nothing.
  run().directory = directory / "trial";
  report(2, {{"acc", 0.4}});
  EXPECT_EQ(run().save_directory(), directory / "trial/best.new");
  run().saved();
  EXPECT_EQ(best.value, -0.4);

  // The model cannot write: the former one stays, and is told of once.
  report(3, {{"acc", 0.6}});
  EXPECT_NE(run().save_directory(), "");
  EXPECT_FALSE(run().save_failed(Error(DODONA_E_FAILED, "a mistake"))) << "of the model";
  EXPECT_TRUE(run().save_failed(Error(DODONA_E_IO, "full")));
  EXPECT_EQ(best.value, -0.4);
  EXPECT_TRUE(fs::exists(directory / "trial/best"));
  EXPECT_FALSE(fs::exists(directory / "trial/best.new"));
  EXPECT_EQ(supervisor_.warned.size(), 1U);
}

TEST_F(ExecutionTest, HasNoLastModelThatTheDiskRefuses) {
  namespace fs = std::filesystem;
  const support::TemporaryDirectory directory;
  study::Standing best;
  run().keep_best(best);
  run().keep_last();
  run().budget = 1;
  run().directory = directory / "trial";
  report(1, {{"acc", 0.5}});
  EXPECT_EQ(run().save_directory(), directory / "trial/best.new");
  std::ofstream(directory / "trial/1") << "in the way of the last model";
  run().saved();
  ASSERT_EQ(supervisor_.warned.size(), 1U);
  EXPECT_TRUE(support::contains(supervisor_.warned[0], "trial/1"));
  EXPECT_FALSE(fs::exists(directory / "trial/best"));
  EXPECT_THROW(run().saved(), Error) << "nothing is wanted any more";
}

// A point at the end is of no use, and one at the step of the proposal would void all before it.
TEST_F(ExecutionTest, IsSavedOnlyWhereItCanGoOn) {
  const support::TemporaryDirectory directory;
  values_.start_step = 3;
  run().start_at(0);  // there was no checkpoint to go on from
  run().budget = 8;
  run().directory = directory / "trial";
  Going going(directory / "trial", {.steps = 1}, clock_);
  run().keep_going(going, {});
  const auto saves_after = [&](std::uint64_t step) {
    report(step, {{"acc", 0.5}});
    return run().wants_save();
  };
  EXPECT_TRUE(saves_after(2));
  EXPECT_FALSE(saves_after(3));
  EXPECT_TRUE(saves_after(4));
  supervisor_.goes_on = false;
  EXPECT_FALSE(saves_after(5));
  supervisor_.goes_on = true;
  EXPECT_TRUE(saves_after(6));
  EXPECT_FALSE(saves_after(8));
  supervisor_.verdict = Verdict::kStopTrial;
  EXPECT_FALSE(saves_after(9));
}

TEST_F(ExecutionTest, CountsStepsFromWhereTheTrialGoesOn) {
  values_.start_step = 4;
  EXPECT_EQ(run().start_step, 4U);
  for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{4}}) {
    EXPECT_EQ(error_of(DODONA_E_INVALID,
                       [&] {
                         report(step, {{"acc", 1}});
                       }),
              "report at step " + std::to_string(step) +
                  " after step 4: steps count up from the trial's start step");
  }
  EXPECT_EQ(report(5, {{"acc", 1}}), Verdict::kContinue);
  EXPECT_EQ(written().size(), 1U);
}

TEST_F(ExecutionTest, DropsReportsOnceTheSearchIsInterrupted) {
  supervisor_.ends = Ending::kInterrupt;
  EXPECT_EQ(report(1, {{"acc", 1}}), Verdict::kStopStudy);
  EXPECT_TRUE(run().cancelled());
  EXPECT_TRUE(run().told_to_stop());
  EXPECT_TRUE(written().empty());
}

TEST_F(ExecutionTest, IsCancelledOnlyByEndingsThatStopTrials) {
  EXPECT_FALSE(run().cancelled());
  supervisor_.ends = Ending::kNoNewTrials;
  EXPECT_FALSE(run().cancelled());
  supervisor_.ends = Ending::kStopTrials;
  EXPECT_FALSE(run().told_to_stop());  // the model has not asked yet
  EXPECT_TRUE(run().cancelled());
  EXPECT_TRUE(run().told_to_stop());
}

TEST_F(ExecutionTest, IsStoppedAtTheNextReportOnceALimitIsReached) {
  EXPECT_EQ(report(1, {{"acc", 1}}), Verdict::kContinue);
  run().stop_at_next_report();
  EXPECT_TRUE(run().must_stop());
  EXPECT_FALSE(run().told_to_stop());
  EXPECT_EQ(report(2, {{"acc", 2}}), Verdict::kStopTrial);
  EXPECT_TRUE(run().told_to_stop());
  const auto events = written();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(std::get<study::Reported>(events[1].body).verdict, Verdict::kStopTrial);
}

TEST_F(ExecutionTest, EndsWithItsFinalMetrics) {
  report(1, {{"acc", 0.9}});
  const std::vector<NamedMetric> metrics = {{"", 0.25}, {"size", 3}};
  run().finish(metrics);
  EXPECT_EQ(error_of(DODONA_E_STATE, [&] { report(2, {{"acc", 1}}); }), "report after finish");
  EXPECT_EQ(error_of(DODONA_E_STATE, [&] { run().finish(metrics); }), "finish was called twice");
  run().close();
  const study::Finished outcome = score_.outcome(store_->names());
  EXPECT_EQ(outcome.state, study::TrialState::kCompleted);
  EXPECT_EQ(outcome.objectives.first(), -0.25);
  EXPECT_EQ(outcome.metrics.size(), 2U);
  EXPECT_EQ(outcome.best_step, 1U);
}

TEST_F(ExecutionTest, HasWhatTheProposalDidNotKnowFilledAndLogged) {
  EXPECT_EQ(run().asker().define(support::real("x", 0, 1)).cell.real(), 0.5);
  EXPECT_EQ(run().asker().define(support::real("late", 0, 1)).cell.real(), 0.25);
  EXPECT_EQ(supervisor_.first, false);
  using Growth = std::vector<std::pair<std::uint32_t, std::string>>;
  EXPECT_EQ(supervisor_.grew, (Growth{{1, "late"}}));
  EXPECT_EQ(supervisor_.fills, (std::vector<Assignment>{{1, Cell::real(0.25)}}));
  EXPECT_EQ(run().used(), (std::vector<Assignment>{{0, Cell::real(0.5)}, {1, Cell::real(0.25)}}));
}

TEST_F(ExecutionTest, TellsTheFirstTrialOfAModelThatDoesNotDeclare) {
  values_.proposed_empty = true;
  values_.assignments.clear();
  run().asker().define(support::real("x", 0, 1));
  EXPECT_EQ(supervisor_.first, true);
}

}  // namespace
}  // namespace dodona::schedule
