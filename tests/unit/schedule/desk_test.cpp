// SPDX-License-Identifier: Apache-2.0
#include "schedule/desk.hpp"

#include "store/memory_store.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

using study::Answer;
using study::TrialState;
using support::contains;
using support::error_of;

// A study in memory, at which desks open one after another.
class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    plan_.seed = 7;
    plan_.max_trials = 4;
    plan_.rule.name = store_->names().intern("loss");
    plan_.declared = true;
  }

  void declare() {
    const Param x = support::real("x", 0, 1);
    space_.add({{x, x}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  }
  std::unique_ptr<Desk> open() {
    return std::make_unique<Desk>(plan_, journal_, space_, oracle_, judges_, [](const Notice&) {});
  }
  static std::shared_ptr<Desk::Asked> given(Desk& desk) {
    std::shared_ptr<Desk::Asked> trial;
    EXPECT_EQ(desk.ask(trial), Answer::kProposed);
    return trial;
  }
  static Answer answer(Desk& desk) {
    std::shared_ptr<Desk::Asked> trial;
    return desk.ask(trial);
  }
  static void tell(Desk& desk, Desk::Asked& trial, double loss) {
    const study::NamedMetric metrics[] = {{"loss", loss}};
    desk.tell(trial, TrialState::kCompleted, metrics, "");
  }
  static bool report(Desk& desk, Desk::Asked& trial, std::uint64_t step, double loss) {
    const study::NamedMetric metrics[] = {{"loss", loss}};
    return desk.report(trial, step, metrics);
  }
  const study::TrialRecord& trial(std::size_t id) const { return state_.trials()[id]; }

  Plan plan_;
  const std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  support::FakeClock clock_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  support::FakeOracle oracle_;
  std::vector<study::Oracle*> judges_;
};

TEST_F(DeskTest, GivesProposalsUntilAllWereGiven) {
  declare();
  const auto desk = open();
  std::vector<std::shared_ptr<Desk::Asked>> held;
  for (std::uint64_t id = 0; id < 4; ++id) {
    const auto trial = held.emplace_back(given(*desk));
    EXPECT_EQ(trial->run.trial, id);
    EXPECT_EQ(this->trial(id).state, TrialState::kRunning);
    if (id % 2 == 0) tell(*desk, *trial, 0.5);
  }
  EXPECT_EQ(answer(*desk), Answer::kExhausted);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 2U);
}

TEST_F(DeskTest, ProposesFromAllThatWasTold) {
  declare();
  const auto desk = open();
  tell(*desk, *given(*desk), 0.5);
  std::size_t finished = 0;
  oracle_.on_propose = [&](std::uint64_t) {
    for (const study::Event& event : oracle_.seen) {
      if (std::holds_alternative<study::Finished>(event.body)) ++finished;
    }
    return Answer::kProposed;
  };
  given(*desk);
  EXPECT_EQ(finished, 1U);
}

TEST_F(DeskTest, AnswersWhatWasNotToldFirst) {
  declare();
  {
    const auto desk = open();
    const auto first = given(*desk);
    tell(*desk, *given(*desk), 0.5);
    report(*desk, *given(*desk), 1, 0.1);
  }
  plan_.max_trials = 3;  // was reached
  const auto desk = open();
  const auto first = given(*desk);
  EXPECT_EQ(first->run.trial, 0U);
  const auto last = given(*desk);
  EXPECT_EQ(last->run.trial, 2U);
  EXPECT_EQ(answer(*desk), Answer::kExhausted);
  EXPECT_TRUE(report(*desk, *last, 1, 0.9));  // step 1 again: it begins anew
  desk->tell(*last, TrialState::kCompleted, {}, "");
  EXPECT_EQ(trial(2).score, 0.9);
}

TEST_F(DeskTest, TakesWhatIsToldOfATrialFromBefore) {
  declare();
  given(*open());
  const auto desk = open();
  tell(*desk, *desk->asked(0), 0.25);
  EXPECT_EQ(trial(0).score, 0.25);
  EXPECT_EQ(given(*desk)->run.trial, 1U);
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { desk->asked(0); }), "has ended"));
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { desk->asked(2); }), "never asked for"));
}

TEST_F(DeskTest, ScoresByWhatWasToldElseByTheBestStep) {
  declare();
  const auto desk = open();
  const auto told = given(*desk);
  report(*desk, *told, 1, 0.1);
  tell(*desk, *told, 0.5);
  EXPECT_EQ(trial(0).score, 0.5);
  const auto reported = given(*desk);
  report(*desk, *reported, 1, 0.3);
  report(*desk, *reported, 2, 0.2);
  report(*desk, *reported, 3, 0.4);
  desk->tell(*reported, TrialState::kStopped, {}, "enough");
  EXPECT_EQ(trial(1).score, 0.2);
  EXPECT_EQ(trial(1).best_step, 2U);
  EXPECT_EQ(trial(1).state, TrialState::kStopped);
  const auto infinite = given(*desk);
  tell(*desk, *infinite, INFINITY);
  EXPECT_EQ(trial(2).state, TrialState::kInvalid);
  const auto failed = given(*desk);
  desk->tell(*failed, TrialState::kFailed, {}, "no memory");
  EXPECT_EQ(trial(3).message, "no memory");
  EXPECT_EQ(trial(3).assignments.size(), 1U);
}

TEST_F(DeskTest, ChangesNothingWhereTheObjectiveIsMissing) {
  declare();
  const auto desk = open();
  const auto asked = given(*desk);
  const std::uint64_t events = state_.events();
  const study::NamedMetric metrics[] = {{"los", 1.0}};
  const auto tell_wrongly = [&] { desk->tell(*asked, TrialState::kCompleted, metrics, ""); };
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, tell_wrongly), "\"loss\""));
  EXPECT_EQ(state_.events(), events);
  tell(*desk, *asked, 0.5);
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { tell(*desk, *asked, 0.5); }), "has ended"));
  EXPECT_TRUE(
      contains(error_of(DODONA_E_STATE, [&] { report(*desk, *asked, 1, 0.5); }), "has ended"));
}

// The log once took the second end, and could never be opened again.
TEST_F(DeskTest, TakesOneOfTwoEndsThatAreToldAtOnce) {
  plan_.max_trials = 50;
  declare();
  const auto desk = open();
  for (int round = 0; round < 50; ++round) {
    const auto asked = given(*desk);
    std::atomic<int> refused = 0;
    const auto tell_it = [&] {
      try {
        tell(*desk, *asked, 0.5);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), DODONA_E_STATE);
        EXPECT_TRUE(contains(error.what(), "has ended"));
        ++refused;
      }
    };
    std::thread other(tell_it);
    tell_it();
    other.join();
    ASSERT_EQ(refused, 1);
  }
  study::State again;
  store_->read(0, [&](const study::Event& event) {
    again.apply(event);
    return true;
  });
  EXPECT_EQ(again.count(TrialState::kCompleted), 50U);
}

TEST_F(DeskTest, WaitsForTheFirstTrialOfASpaceThatIsNotKnown) {
  plan_.declared = false;
  const auto desk = open();
  const auto first = given(*desk);
  EXPECT_EQ(answer(*desk), Answer::kWait);
  const auto known = first->run.asker().define(support::real("y", 2, 4));
  EXPECT_EQ(known.cell.real(), 2.0);  // the default
  tell(*desk, *first, 0.5);
  EXPECT_EQ(trial(0).assignments.size(), 1U);
  const auto second = given(*desk);
  EXPECT_DOUBLE_EQ(second->run.asker().get("y").cell.real(), 2.02);  // proposed
  EXPECT_TRUE(contains(
      error_of(DODONA_E_STATE, [&] { first->run.asker().define(support::real("late", 0, 1)); }),
      "ended"));
}

TEST_F(DeskTest, FillsWhatATrialMeetsFirst) {
  declare();
  oracle_.fill_with = Cell::real(0.75);
  const auto desk = open();
  const auto first = given(*desk);
  EXPECT_EQ(first->run.asker().define(support::real("z", 0, 1)).cell.real(), 0.75);
  tell(*desk, *first, 0.5);
  EXPECT_EQ(trial(0).assignments.size(), 2U);
  EXPECT_EQ(given(*desk)->run.asker().get("z").cell.real(), 0.01);
}

TEST_F(DeskTest, ObeysTheOracle) {
  declare();
  const auto desk = open();
  oracle_.on_propose = [](std::uint64_t) { return Answer::kWait; };
  EXPECT_TRUE(contains(error_of(DODONA_E_PLUGIN, [&] { answer(*desk); }), "waits although"));
  oracle_.on_propose = [](std::uint64_t) { return Answer::kProposed; };
  oracle_.on_judge = [](const study::Event& event) {
    const auto step = std::get<study::Reported>(event.body).step;
    return step < 2 ? study::Verdict::kContinue : study::Verdict::kStopStudy;
  };
  const auto first = given(*desk);
  const auto second = given(*desk);
  oracle_.on_propose = [](std::uint64_t) { return Answer::kWait; };
  EXPECT_EQ(answer(*desk), Answer::kWait);
  EXPECT_TRUE(report(*desk, *first, 1, 0.5));
  EXPECT_FALSE(report(*desk, *first, 2, 0.5));
  EXPECT_FALSE(report(*desk, *second, 1, 0.5));  // the study is over
  EXPECT_EQ(answer(*desk), Answer::kExhausted);
}

TEST_F(DeskTest, LetsATrialBeginAtItsFirstStep) {
  declare();
  study::Proposed proposal;
  proposal.assignments = {{0, Cell::real(0.5)}};
  proposal.start_step = 3;
  journal_.append(0, std::move(proposal));
  const auto again = open();
  const auto goes_on = given(*again);
  EXPECT_EQ(goes_on->run.start_step, 3U);
  EXPECT_TRUE(report(*again, *goes_on, 1, 0.5));
  EXPECT_TRUE(report(*again, *goes_on, 2, 0.5));
  EXPECT_TRUE(
      contains(error_of(DODONA_E_INVALID, [&] { report(*again, *goes_on, 2, 0.5); }), "count up"));
}

// A refused report from the first step on left the trial without its start step.
TEST_F(DeskTest, KeepsItsStartStepWhereAReportIsRefused) {
  declare();
  study::Proposed proposal;
  proposal.assignments = {{0, Cell::real(0.5)}};
  proposal.start_step = 3;
  journal_.append(0, std::move(proposal));
  const auto desk = open();
  const auto out = given(*desk);
  const study::NamedMetric twice[] = {{"loss", 1}, {"loss", 2}};
  error_of(DODONA_E_INVALID, [&] { desk->report(*out, 2, twice); });
  EXPECT_EQ(out->run.start_step, 3U);
  EXPECT_TRUE(report(*desk, *out, 4, 0.5));
  error_of(DODONA_E_INVALID, [&] { report(*desk, *out, 2, 0.5); });
}

// Reports beyond max_steps once counted, and were answered to go on.
TEST_F(DeskTest, HoldsATrialToItsBudget) {
  declare();
  plan_.max_steps = 3;
  const auto desk = open();
  const auto out = given(*desk);
  EXPECT_EQ(out->run.budget, 3U);
  EXPECT_TRUE(report(*desk, *out, 2, 0.5));
  EXPECT_FALSE(report(*desk, *out, 3, 0.4));
  const std::uint64_t events = state_.events();
  EXPECT_FALSE(report(*desk, *out, 4, 0.1));
  EXPECT_EQ(state_.events(), events);
  desk->tell(*out, TrialState::kCompleted, {}, "");
  EXPECT_EQ(trial(0).score, 0.4);
  EXPECT_EQ(trial(0).best_step, 3U);
}

// The limit was lowered below what the trial before had done.
TEST_F(DeskTest, KeepsTheScoreOfTheTrialBeforeWhereTheLimitLeavesNothingToDo) {
  declare();
  plan_.max_steps = 3;
  oracle_.shape = [](std::uint64_t trial, study::Proposed& proposal) {
    if (trial == 0) return;
    proposal.assignments[0].cell = Cell::real(0);  // as that of trial 0
    proposal.budget = 5;
    proposal.resume_of = 0;
    proposal.start_step = 3;
  };
  const auto desk = open();
  const auto before = given(*desk);
  EXPECT_FALSE(report(*desk, *before, 3, 0.4));
  desk->tell(*before, TrialState::kCompleted, {}, "");
  const auto idle = given(*desk);
  EXPECT_EQ(idle->run.start_step, 3U);
  EXPECT_EQ(idle->run.budget, 3U);
  desk->tell(*idle, TrialState::kCompleted, {}, "");
  EXPECT_EQ(trial(1).state, TrialState::kCompleted);
  EXPECT_EQ(trial(1).score, 0.4);
  const auto trained = given(*desk);  // by a program that cannot go on
  EXPECT_TRUE(report(*desk, *trained, 1, 0.7));
  desk->tell(*trained, TrialState::kCompleted, {}, "");
  EXPECT_EQ(trial(2).score, 0.7);
}

TEST_F(DeskTest, WaitsForTurnsWithALag) {
  declare();
  plan_.slots_in_turns = 2;
  const auto desk = open();
  const auto first = given(*desk);
  const auto second = given(*desk);
  tell(*desk, *second, 0.5);
  EXPECT_EQ(answer(*desk), Answer::kWait);  // trial 2 rests on trial 0
  tell(*desk, *first, 0.5);
  EXPECT_EQ(given(*desk)->run.trial, 2U);
}

TEST_F(DeskTest, GivesNothingOnceStopped) {
  declare();
  const auto desk = open();
  const auto out = given(*desk);
  EXPECT_FALSE(desk->close());  // it is out
  desk->stop();
  EXPECT_EQ(answer(*desk), Answer::kExhausted);
  EXPECT_FALSE(report(*desk, *out, 1, 0.5));
  tell(*desk, *out, 0.5);  // but what is told is taken
  EXPECT_TRUE(desk->close());
  EXPECT_EQ(state_.finished(), 1U);
}

// A dropped trial once stalled the oracle that waited for it.
TEST_F(DeskTest, GivesATrialAgainThatNobodyHolds) {
  declare();
  plan_.max_trials = 2;
  const auto desk = open();
  auto first = given(*desk);
  report(*desk, *first, 1, 0.5);
  const auto second = given(*desk);
  oracle_.on_propose = [](std::uint64_t) { return Answer::kWait; };
  EXPECT_EQ(answer(*desk), Answer::kExhausted) << "both are out";
  first.reset();
  first = given(*desk);
  EXPECT_EQ(first->run.trial, 0U);
  EXPECT_TRUE(report(*desk, *first, 1, 0.25)) << "its reports begin anew";
  EXPECT_EQ(desk->asked(0), first);
  tell(*desk, *first, 0.25);
  tell(*desk, *second, 0.5);
  EXPECT_TRUE(desk->close());
}

TEST_F(DeskTest, KeepsATrialOutThatIsToBeKept) {
  declare();
  const auto desk = open();
  desk->keep(given(*desk));
  EXPECT_EQ(given(*desk)->run.trial, 1U);
  report(*desk, *desk->asked(0), 1, 0.5);
  report(*desk, *desk->asked(0), 2, 0.5);
  EXPECT_FALSE(desk->close());
  const auto kept = desk->asked(0);
  tell(*desk, *kept, 0.5);
  EXPECT_EQ(trial(0).state, TrialState::kCompleted);
}

TEST_F(DeskTest, WaitsForATrialThatIsToldOrLetGo) {
  declare();
  const auto desk = open();
  auto out = given(*desk);
  std::atomic<bool> waits = true;
  oracle_.on_propose = [&](std::uint64_t) { return waits ? Answer::kWait : Answer::kProposed; };
  const auto ask_in_time = [&] {
    std::shared_ptr<Desk::Asked> next;
    return std::pair(desk->ask(next, std::chrono::hours(24)), next);
  };
  std::thread teller([&] {
    waits = false;
    tell(*desk, *out, 0.5);
  });
  const auto [answer_after_tell, second] = ask_in_time();
  teller.join();
  EXPECT_EQ(answer_after_tell, Answer::kProposed);
  waits = true;
  std::shared_ptr<Desk::Asked> held = second;
  std::thread dropper([&, mine = std::move(held)]() mutable {
    mine.reset();
    desk->let_go();
  });
  dropper.join();
  std::shared_ptr<Desk::Asked> none;
  EXPECT_EQ(desk->ask(none, std::chrono::milliseconds(1)), Answer::kWait) << "`second` holds it";
  std::thread stopper([&] { desk->stop(); });
  EXPECT_EQ(ask_in_time().first, Answer::kExhausted);
  stopper.join();
}

TEST_F(DeskTest, KeepsNotes) {
  declare();
  const auto desk = open();
  const auto out = given(*desk);
  desk->note(*out, "host", "a");
  desk->note(*out, "gpu", "1");
  desk->note(*out, "host", "b");
  tell(*desk, *out, 0.5);
  using Notes = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(trial(0).notes, (Notes{{"host", "b"}, {"gpu", "1"}}));
}

TEST_F(DeskTest, ServesManyThreads) {
  declare();
  plan_.max_trials = 200;
  const auto desk = open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      std::shared_ptr<Desk::Asked> out;
      while (desk->ask(out) == Answer::kProposed) {
        report(*desk, *out, 1, 1.0);
        tell(*desk, *out, static_cast<double>(out->run.trial));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(state_.count(TrialState::kCompleted), 200U);
  EXPECT_EQ(state_.best(), 0U);
}

}  // namespace
}  // namespace dodona::schedule
