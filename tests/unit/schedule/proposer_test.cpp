// SPDX-License-Identifier: Apache-2.0
#include "schedule/proposer.hpp"

#include "schedule/scheduler.hpp"
#include "store/memory_store.hpp"
#include "support/digest_oracle.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "support/params.hpp"
#include "support/slow_oracle.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace dodona::schedule {
namespace {

// A study in memory that can be gone on with.
class LaggedStudy {
 public:
  LaggedStudy(std::uint32_t lag, bool declared) {
    plan_.seed = 7;
    plan_.rule.name = store_->names().intern("loss");
    plan_.declared = declared;
    plan_.slots_in_turns = lag;
    plan_.max_steps = 3;
    if (!declared) return;
    const Param x = support::real("x", 0, 1);
    space_.add({{x, x}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  }

  void run(std::uint32_t workers, std::uint64_t trials) {
    plan_.parallel_trials = workers;
    plan_.max_trials = trials;
    support::DigestOracle oracle(false);
    std::vector<std::unique_ptr<support::DigestOracle>> stoppers;
    std::vector<study::Oracle*> judges;
    for (std::uint32_t slot = 0; slot < plan_.slots_in_turns; ++slot) {
      stoppers.push_back(std::make_unique<support::DigestOracle>(true));
      judges.push_back(stoppers.back().get());
    }
    support::FakeModel model([&](study::Run& each) { return train(each, workers); });
    Scheduler(plan_, journal_, space_, oracle, judges, model, [](const Notice&) {}).run();
  }

  // Proposals, values by name, states, scores and verdicts of every trial, as text.
  std::string told() const {
    std::string text;
    for (std::size_t id = 0; id < state_.trials().size(); ++id) {
      const study::TrialRecord& trial = state_.trials()[id];
      text += std::to_string(id) + " state " + std::to_string(static_cast<int>(trial.state));
      text += " score " + std::to_string(trial.score) + " step " + std::to_string(trial.best_step);
      for (const Assignment& each : trial.assignments) {
        const std::string& name = state_.params()[each.param].name;
        text += " " + name + "=" + std::to_string(each.cell.real());
      }
      text += " " + trial.message + "\n";
    }
    return text;
  }

 private:
  static double ask(study::Run& run, const std::string& name) {
    const auto known = run.asker().known(name);
    return (known ? *known : run.asker().define(support::real(name, 0, 1))).cell.real();
  }

  // Some trials meet what others do not know, or require something, some fail, and each takes its
  // own time.
  bool train(study::Run& run, std::uint32_t workers) {
    for (std::uint64_t i = 0; i < run.trial * 37 % (11 * workers); ++i) std::this_thread::yield();
    double loss = ask(run, "x");
    if (run.trial % 5 == 3) {
      const std::string late = "late" + std::to_string(run.trial % 3);
      loss += ask(run, late);
      if (run.trial % 2 == 1) run.asker().require(late + " < x + 0.4");
    }
    if (run.trial % 7 == 4) throw std::runtime_error("no luck");
    for (std::uint64_t step = run.start_step + 1; step <= run.budget; ++step) {
      const study::NamedMetric metric{"loss", loss / static_cast<double>(step)};
      if (run.report(step, {&metric, 1}) != study::Verdict::kContinue) return false;
    }
    return true;
  }

  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  Plan plan_;
};

TEST(Proposer, WithALagGivesTheSameStudyOnAnyNumberOfWorkers) {
  for (const bool declared : {true, false}) {
    LaggedStudy alone(4, declared);
    alone.run(1, 60);
    EXPECT_NE(alone.told().find("late0="), std::string::npos);
    EXPECT_NE(alone.told().find("state 4"), std::string::npos) << "no trial was stopped";
    EXPECT_NE(alone.told().find("break the constraint"), std::string::npos);
    for (const std::uint32_t workers : {2u, 3u, 4u, 16u}) {
      LaggedStudy parallel(4, declared);
      parallel.run(workers, 60);
      EXPECT_EQ(parallel.told(), alone.told()) << workers << " workers, declared " << declared;
    }
  }
}

TEST(Proposer, WithALagGoesOnAsIfItHadNeverStopped) {
  LaggedStudy whole(3, true);
  whole.run(3, 50);
  for (const std::uint64_t first : {1u, 10u, 23u}) {
    LaggedStudy parts(3, true);
    parts.run(2, first);
    parts.run(3, 50);
    EXPECT_EQ(parts.told(), whole.told()) << "stopped at " << first;
  }
}

TEST(Proposer, WithAnotherLagGivesAnotherStudy) {
  LaggedStudy one(1, true);
  one.run(1, 30);
  LaggedStudy four(4, true);
  four.run(1, 30);
  EXPECT_NE(one.told(), four.told());
}

// ---- values that were enqueued -----------------------------------------------------------------

class EnqueuedTest : public ::testing::Test {
 protected:
  EnqueuedTest() {
    std::vector<space::Definition> definitions;
    Param y = support::real("y", 0, 1);
    y.conditions = {{"b", {true}}};
    for (const Param& param : {support::boolean("b"), y, support::real("z", 0, 1)}) {
      definitions.push_back({param, param});
    }
    space_.add(definitions,
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
    turns_->catch_up();
  }

  const auto& trial(std::size_t id) const { return state_.trials()[id].assignments; }
  Cell fill(std::uint64_t trial, const Param& param) {
    return proposer_.fill(trial, param, [](Cell) { return true; });
  }

  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  support::FakeOracle oracle_;
  std::unique_ptr<Turns> turns_ = make_turns(0, {journal_, space_, oracle_});
  Proposer proposer_{{.seed = 7}, journal_, space_, *turns_};
};

TEST_F(EnqueuedTest, ComeFirstInTheirOrder) {
  const auto yes = Cell::whole(1);
  journal_.append(study::kNoTrial,
                  study::Enqueued{{{0, yes}, {1, Cell::real(0.25)}, {2, Cell::real(0.5)}}});
  journal_.append(study::kNoTrial, study::Enqueued{{{2, Cell::real(0.75)}}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(proposer_.propose(), study::Answer::kProposed);
  EXPECT_EQ(trial(0)[1], (Assignment{1, Cell::real(0.25)}));
  EXPECT_EQ(trial(0)[2], (Assignment{2, Cell::real(0.5)}));
  EXPECT_EQ(trial(1).back(), (Assignment{2, Cell::real(0.75)}));
  EXPECT_EQ(trial(2).back(), (Assignment{2, Cell::real(0.02)})) << "the oracle's";
  EXPECT_TRUE(state_.waiting().empty());
}

TEST_F(EnqueuedTest, AreCompletedAndFreedOfWhatIsNotActive) {
  journal_.append(study::kNoTrial, study::Enqueued{{{0, Cell::whole(0)}, {1, Cell::real(0.25)}}});
  oracle_.fill_with = Cell::real(0.125);
  proposer_.propose();
  ASSERT_EQ(trial(0).size(), 2u);
  EXPECT_EQ(trial(0)[0], (Assignment{0, Cell::whole(0)}));
  EXPECT_EQ(trial(0)[1], (Assignment{2, Cell::real(0.125)}));
}

// A process that was killed between the two events of a repeat left values for no trial.
TEST_F(EnqueuedTest, AreTakenByTheRepeatThatTheyAreOf) {
  const study::Enqueued values{{{0, Cell::whole(0)}, {2, Cell::real(0.5)}}};
  journal_.append(study::kNoTrial, values);
  proposer_.propose();
  journal_.append(study::kNoTrial, values);
  EXPECT_EQ(proposer_.propose_repeat(0), study::Answer::kProposed);
  EXPECT_EQ(trial(1), trial(0));
  EXPECT_EQ(state_.trials()[1].repeat_of, 0U);
  EXPECT_EQ(state_.enqueued().size(), 2U);
  EXPECT_TRUE(state_.waiting().empty());
  EXPECT_EQ(proposer_.propose_repeat(0), study::Answer::kProposed);
  EXPECT_EQ(state_.enqueued().size(), 3U);
  EXPECT_EQ(state_.confirmations(), 2U);
}

// A conditional value of a model that does not declare once ended the search.
TEST_F(EnqueuedTest, WaitUntilANameOfTheirsIsKnown) {
  journal_.append(study::kNoTrial, study::Enqueued{{}, {{"late", 0.5}}});
  journal_.append(study::kNoTrial, study::Enqueued{{{2, Cell::real(0.75)}}});
  proposer_.propose();
  EXPECT_EQ(trial(0).back(), (Assignment{2, Cell::real(0.75)})) << "nobody waits for them";
  proposer_.propose();
  EXPECT_EQ(state_.waiting(), (std::vector<std::size_t>{0}));
  const Param late = support::real("late", 0, 1);
  space_.add({{late, late}},
             [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  proposer_.propose();
  EXPECT_TRUE(state_.waiting().empty());
  EXPECT_EQ(state_.enqueued()[0].trial, 2u);
  EXPECT_EQ(trial(2).back(), (Assignment{3, Cell::real(0.5)}));
}

TEST_F(EnqueuedTest, AreCompletedByValuesThatKeepTheConstraints) {
  for (int i = 0; i < 20; ++i) journal_.append(study::kNoTrial, study::Enqueued{});
  space_.require("y > 0.9 and z < 0.25",
                 [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    proposer_.propose();
    Point point(space_.size());
    for (const Assignment& each : state_.trials()[trial].assignments) {
      point.set(each.param, each.cell);
    }
    EXPECT_TRUE(space_.snapshot()->space.is_feasible(point)) << trial;
  }
}

TEST_F(EnqueuedTest, GiveATrialAnotherValueThanTheOraclesIfThatDoesNotFit) {
  proposer_.propose();
  oracle_.fill_with = Cell::real(0.125);
  const auto high = [](Cell cell) { return cell.real() > 0.9; };
  const Param late = support::real("late", 0, 1);
  EXPECT_GT(proposer_.fill(0, late, high).real(), 0.9);
  EXPECT_EQ(proposer_.fill(0, late, high), proposer_.fill(0, late, high));
  EXPECT_LE(proposer_.fill(0, late, [](Cell) { return false; }).real(), 1.0) << "none fits";
}

TEST_F(EnqueuedTest, GiveATrialTheirValuesForWhatItAsksFor) {
  journal_.append(study::kNoTrial,
                  study::Enqueued{{{0, Cell::whole(0)}, {2, Cell::real(0.75)}}, {{"late", 0.5}}});
  oracle_.fill_with = Cell::real(0.125);
  proposer_.propose();
  proposer_.propose();
  EXPECT_EQ(fill(0, support::real("late", 0, 1)), Cell::real(0.5));
  Param z = support::real("z", 0, 2);
  z.conditions = {{"b", {true}}};
  EXPECT_EQ(fill(0, z), Cell::real(0.75)) << "the name may have other conditions";
  EXPECT_EQ(fill(0, support::real("late", 0.75, 1)), Cell::real(0.125)) << "not legal";
  EXPECT_EQ(fill(0, support::real("other", 0, 1)), Cell::real(0.125));
  EXPECT_EQ(fill(1, support::real("late", 0, 1)), Cell::real(0.125)) << "not its own";
}

// ---- proposals made ahead ----------------------------------------------------------------------

// Of two parallel trials both run, and there is nothing in the log that the oracle has not seen.
class AheadTest : public ::testing::Test {
 protected:
  AheadTest() {
    grow("x");
    turns_->catch_up();
    for (std::uint64_t trial = 0; trial < 2; ++trial) {
      proposer_.propose();
      journal_.append(trial, study::Started{});
    }
    proposer_.prepare();
    prepared_ = state_.events();
  }

  void grow(const std::string& name) {
    const Param param = support::real(name, 0, 1);
    space_.add({{param, param}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  }
  void finish(std::uint64_t trial) { journal_.append(trial, study::Finished{}); }

  const study::TrialRecord& trial(std::size_t id) const { return state_.trials()[id]; }
  std::vector<std::uint64_t> asked() const { return oracle_.asked_trials(); }

  using Trials = std::vector<std::uint64_t>;
  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  support::SlowOracle oracle_;
  std::unique_ptr<Turns> turns_ = make_turns(0, {journal_, space_, oracle_});
  Proposer proposer_{{.seed = 7, .parallel_trials = 2}, journal_, space_, *turns_};
  std::uint64_t prepared_ = 0;  // what the oracle had seen
};

TEST_F(AheadTest, BecomesATrialWithWhatItsOracleHadSeen) {
  EXPECT_EQ(state_.trials().size(), 2u);
  EXPECT_EQ(asked(), (Trials{0, 1, 2}));
  finish(0);
  EXPECT_EQ(proposer_.propose(), study::Answer::kProposed);
  EXPECT_EQ(asked(), (Trials{0, 1, 2})) << "the trial was there already";
  EXPECT_EQ(trial(2).seen, prepared_);
  EXPECT_EQ(proposer_.propose(), study::Answer::kProposed);
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 3})) << "it is taken once";
  EXPECT_EQ(trial(3).seen, prepared_ + 2);
}

TEST_F(AheadTest, IsDroppedOnceAsManyTrialsEndedAsRunInParallel) {
  finish(0);
  finish(1);
  proposer_.propose();
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 2}));
  EXPECT_EQ(state_.trials().size(), 3u);
  EXPECT_EQ(trial(2).seen, prepared_ + 2);
}

TEST_F(AheadTest, IsDroppedForValuesThatAreEnqueued) {
  journal_.append(study::kNoTrial, study::Enqueued{{{0, Cell::real(0.75)}}});
  proposer_.prepare();
  EXPECT_EQ(asked(), (Trials{0, 1, 2})) << "while values wait nothing is made ahead";
  proposer_.propose();
  EXPECT_EQ(trial(2).assignments[0].cell, Cell::real(0.75));
  proposer_.propose();
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 3}));
  EXPECT_EQ(trial(3).seen, prepared_ + 2);
}

TEST_F(AheadTest, IsDroppedForValuesThatAreEnqueuedLater) {
  journal_.append(study::kNoTrial, study::Enqueued{{{0, Cell::real(0.75)}}});
  proposer_.propose();
  EXPECT_EQ(trial(2).assignments[0].cell, Cell::real(0.75));
  proposer_.propose();
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 3})) << "its id went to another";
}

TEST_F(AheadTest, IsDroppedForAnyOtherProposal) {
  proposer_.propose_empty();
  proposer_.propose();
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 3}));
  EXPECT_EQ(trial(3).seen, prepared_ + 1);
}

TEST_F(AheadTest, IsDroppedWhenTheSpaceGrows) {
  grow("late");
  proposer_.propose();
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 2}));
  EXPECT_EQ(trial(2).assignments.size(), 2u);
}

TEST_F(AheadTest, IsOneAtATime) {
  finish(0);
  proposer_.prepare();
  finish(1);
  proposer_.propose();
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 2}));
  EXPECT_EQ(trial(2).seen, prepared_ + 1) << "the last one counts";
}

TEST_F(AheadTest, IsAProposalOrForgotten) {
  for (const study::Answer answer : {study::Answer::kWait, study::Answer::kExhausted}) {
    oracle_.on_propose = [&](std::uint64_t) { return answer; };
    proposer_.prepare();
    oracle_.on_propose = [&](std::uint64_t) { return study::Answer::kProposed; };
    EXPECT_EQ(proposer_.propose(), study::Answer::kProposed);
  }
  EXPECT_EQ(asked(), (Trials{0, 1, 2, 2, 2, 3, 3}));
}

TEST_F(AheadTest, ThrowsWhatTheOracleThrows) {
  oracle_.on_propose = [](std::uint64_t) -> study::Answer {
    throw Error(DODONA_E_PLUGIN, "out of ideas");
  };
  EXPECT_EQ(support::error_of(DODONA_E_PLUGIN, [&] { proposer_.prepare(); }), "out of ideas");
}

TEST_F(AheadTest, IsWorthItForAnOracleThatTakesTime) {
  EXPECT_TRUE(proposer_.is_worth_preparing());
  const Proposer fresh({.parallel_trials = 2}, journal_, space_, *turns_);
  EXPECT_FALSE(fresh.is_worth_preparing());
}

TEST_F(AheadTest, IsNotWorthItWhereTrialsTakeFarLonger) {
  finish(0);
  EXPECT_TRUE(proposer_.is_worth_preparing());
  clock_.advance(3'600'000'000'000);
  EXPECT_TRUE(proposer_.is_worth_preparing()) << "no trial took that long yet";
  finish(1);
  EXPECT_FALSE(proposer_.is_worth_preparing());
  for (std::uint64_t trial = 2; trial < 6; ++trial) {
    proposer_.propose();
    journal_.append(trial, study::Started{});
    finish(trial);
  }
  EXPECT_TRUE(proposer_.is_worth_preparing()) << "that was long ago";
}

}  // namespace
}  // namespace dodona::schedule
