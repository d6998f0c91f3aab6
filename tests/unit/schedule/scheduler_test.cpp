// SPDX-License-Identifier: Apache-2.0
#include "support/error_of.hpp"
#include "support/params.hpp"
#include "support/slow_oracle.hpp"
#include "unit/schedule/scheduler_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <latch>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace dodona::schedule {
namespace {

TEST_F(SchedulerTest, RunsEveryTrialOnceAndFindsTheBest) {
  EXPECT_EQ(run(quadratic), End::kMaxTrials);
  ASSERT_EQ(state_.trials().size(), 4u);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 4u);
  EXPECT_EQ(state_.best(), 2u);
  EXPECT_EQ(trial(2).assignments, (Values{{0, Cell::real(0.02)}}));
}

TEST_F(SchedulerTest, LetsTheOracleSeeEveryEventOfEarlierTrials) {
  run(quadratic);
  const auto proposals = events<study::Proposed>();
  for (const study::Event& event : proposals) {
    // With one worker a proposal is made from everything before it.
    EXPECT_EQ(std::get<study::Proposed>(event.body).seen, event.sequence);
  }
  for (std::size_t i = 0; i < oracle_.seen.size(); ++i) EXPECT_EQ(oracle_.seen[i].sequence, i);
}

TEST_F(SchedulerTest, RunsTrialsInParallel) {
  plan_.parallel_trials = 3;
  plan_.max_trials = 6;
  std::barrier meet(3);
  const End end = run([&](study::Run& run) {
    meet.arrive_and_wait();  // nobody leaves before three are here
    return quadratic(run);
  });
  EXPECT_EQ(end, End::kMaxTrials);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 6u);
}

TEST_F(SchedulerTest, GivesEachRunningTrialSlotsOfItsOwn) {
  plan_.parallel_trials = 3;
  plan_.max_trials = 30;
  plan_.max_retries = 1;
  plan_.devices = {"cuda:0", "cuda:1", "a", "b", "c"};
  std::mutex mutex;
  std::map<std::string, int> held;  // how many trials hold a slot now
  std::set<std::vector<std::string>> seen;
  std::barrier meet(3);
  run([&](study::Run& run) {
    {
      const std::lock_guard lock(mutex);
      seen.insert(run.devices);
      for (const std::string& device : run.devices) EXPECT_EQ(++held[device], 1) << device;
    }
    if (run.attempt == 0) meet.arrive_and_wait();  // all three hold theirs
    {
      const std::lock_guard lock(mutex);
      for (const std::string& device : run.devices) --held[device];
    }
    if (run.trial == 0 && run.attempt == 0) throw std::runtime_error("once more");
    return quadratic(run);
  });
  EXPECT_EQ(seen, (std::set<std::vector<std::string>>{{"cuda:0"}, {"cuda:1", "a"}, {"b", "c"}}));
}

TEST_F(SchedulerTest, SharesASlotThatIsNamedTwice) {
  plan_.parallel_trials = 2;
  plan_.max_trials = 2;
  plan_.devices = {"gpu", "gpu"};
  std::barrier meet(2);
  std::atomic<int> holders = 0;
  run([&](study::Run& run) {
    if (run.devices == std::vector<std::string>{"gpu"}) ++holders;
    meet.arrive_and_wait();
    return quadratic(run);
  });
  EXPECT_EQ(holders, 2);
}

TEST_F(SchedulerTest, GivesAllSlotsToTheOnlyTrialAtATime) {
  plan_.devices = {"a", "b"};
  run([&](study::Run& run) {
    EXPECT_EQ(run.devices, (std::vector<std::string>{"a", "b"}));
    return quadratic(run);
  });
  ASSERT_EQ(trial(0).notes.size(), 1U);
  EXPECT_EQ(trial(0).notes.front().first, study::kDevicesNote);
  EXPECT_EQ(trial(0).notes.front().second, "a, b");
}

TEST_F(SchedulerTest, NotesNoDevicesWhereThereAreNone) {
  run(quadratic);
  EXPECT_TRUE(trial(0).notes.empty());
}

TEST_F(SchedulerTest, FailsATrialThatThrowsAloneAndKeepsItsMessage) {
  run([](study::Run& run) {
    if (run.trial == 1) throw std::runtime_error("out of cheese");
    return quadratic(run);
  });
  EXPECT_EQ(state_.count(TrialState::kCompleted), 3u);
  EXPECT_EQ(trial(1).state, TrialState::kFailed);
  EXPECT_EQ(trial(1).message, "out of cheese");
  EXPECT_EQ(trial(1).assignments.size(), 1u);
}

TEST_F(SchedulerTest, KeepsHowTheProcessOfATrialEnded) {
  run([](study::Run& run) {
    if (run.trial == 1) throw study::RunFailed(study::Outcome::kCrash, "it crashed");
    return quadratic(run);
  });
  EXPECT_EQ(state_.count(TrialState::kCompleted), 3u);
  EXPECT_EQ(trial(1).state, TrialState::kFailed);
  EXPECT_EQ(trial(1).outcome, study::Outcome::kCrash);
  EXPECT_EQ(trial(1).message, "it crashed");
}

TEST_F(SchedulerTest, RetriesWithTheSameValuesAnotherSeedAndCleanMetrics) {
  plan_.max_retries = 1;
  plan_.max_trials = 1;
  std::vector<std::uint64_t> seeds;
  run([&](study::Run& run) {
    seeds.push_back(run.seed);
    const NamedMetric loss{"loss", run.attempt == 0 ? NAN : 5.0};
    ask(run, "x");
    run.report(1, {&loss, 1});
    return true;
  });
  EXPECT_EQ(trial(0).state, TrialState::kCompleted);
  EXPECT_EQ(trial(0).score, 5.0);
  EXPECT_EQ(trial(0).attempt, 1u);
  ASSERT_EQ(seeds.size(), 2u);
  EXPECT_NE(seeds[0], seeds[1]);
}

TEST_F(SchedulerTest, DoesNotRetryWhatTheModelCallsInvalid) {
  plan_.max_retries = 2;
  plan_.max_trials = 2;
  int runs = 0;
  run([&](study::Run& run) -> bool {
    ++runs;
    ask(run, "x");
    if (run.trial == 0) throw Error(DODONA_E_INVALID, "too large");
    throw Error(DODONA_E_IO, "the disk is full");
  });
  EXPECT_EQ(runs, 1 + 3);
  EXPECT_EQ(trial(0).state, TrialState::kFailed);
  EXPECT_EQ(trial(0).message, "too large");
  EXPECT_EQ(trial(1).attempt, 2u);
}

TEST_F(SchedulerTest, DoesNotRetryWhatTheModelCallsInfeasible) {
  plan_.max_retries = 2;
  plan_.max_trials = 1;
  int runs = 0;
  run([&](study::Run& run) -> bool {
    ++runs;
    ask(run, "x");
    throw Error(DODONA_E_INFEASIBLE, "breaks x < 0");
  });
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(trial(0).state, TrialState::kFailed);
  const auto end = std::get<study::Finished>(events<study::Finished>().at(0).body);
  EXPECT_EQ(end.outcome, study::Outcome::kInfeasible);
}

TEST_F(SchedulerTest, StopsAfterFailuresInARow) {
  plan_.max_trials = 100;
  plan_.max_consecutive_failures = 3;
  EXPECT_EQ(run([](study::Run&) -> bool { throw std::runtime_error("broken"); }), End::kFailures);
  EXPECT_EQ(state_.count(TrialState::kFailed), 3u);
}

TEST_F(SchedulerTest, FailsATrialThatThrowsANumberAlone) {
  plan_.max_trials = 2;
  run([](study::Run& run) -> bool {
    if (run.trial == 0) throw 42;
    return quadratic(run);
  });
  EXPECT_EQ(trial(0).state, TrialState::kFailed);
  EXPECT_EQ(trial(0).message, "the hypermodel threw what is not a std::exception");
  EXPECT_EQ(trial(1).state, TrialState::kCompleted);
}

// Trials before the resume once kept those after it from being counted.
class FailuresTest : public SchedulerTest, public testing::WithParamInterface<std::uint32_t> {};

TEST_P(FailuresTest, CountAcrossAResume) {
  const auto broken = [](study::Run&) -> bool { throw std::runtime_error("broken"); };
  plan_.slots_in_turns = GetParam();
  plan_.max_consecutive_failures = 3;
  plan_.max_trials = 2;
  EXPECT_EQ(run(quadratic), End::kMaxTrials);
  plan_.max_trials = 4;
  EXPECT_EQ(run(broken), End::kMaxTrials);
  plan_.max_trials = 100;
  EXPECT_EQ(run(broken), End::kFailures);
  // Two of them failed before. With a lag a trial counts once its turn has come.
  EXPECT_EQ(state_.trials().size(), 5U + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Lags, FailuresTest, ::testing::Values(0U, 2U));

// Infinite objectives are a region of the space, not a broken model.
TEST_F(SchedulerTest, DoesNotCountInvalidTrialsAsFailures) {
  const auto infinite = [](study::Run& run) {
    ask(run, "x");
    const NamedMetric loss{"loss", INFINITY};
    run.report(1, {&loss, 1});
    return true;
  };
  plan_.max_consecutive_failures = 3;
  plan_.max_trials = 9;
  EXPECT_EQ(run(infinite), End::kMaxTrials);
  EXPECT_EQ(state_.count(TrialState::kInvalid), 9U);
  plan_.max_trials = 100;
  EXPECT_EQ(run(infinite), End::kFailures) << "none has a score";
  EXPECT_EQ(state_.count(TrialState::kInvalid), 10U);
  EXPECT_EQ(trial(9).message, "the objective \"loss\" was never finite");
  plan_.max_trials = 11;
  EXPECT_EQ(run(quadratic), End::kMaxTrials);
  plan_.max_trials = 40;
  EXPECT_EQ(run(infinite), End::kMaxTrials) << "one has a score";
}

TEST_F(SchedulerTest, AveragesExecutions) {
  plan_.executions = 2;
  plan_.max_trials = 1;
  std::set<std::uint64_t> seeds;
  run([&](study::Run& run) {
    seeds.insert(run.seed);
    const NamedMetric loss{"loss", run.execution == 0 ? 1.0 : 3.0};
    ask(run, "x");
    run.report(1, {&loss, 1});
    return true;
  });
  EXPECT_EQ(trial(0).score, 2.0);
  EXPECT_EQ(seeds.size(), 2u);
}

TEST_F(SchedulerTest, EndsWhenTheOracleHasNothingLeft) {
  oracle_.on_propose = [](std::uint64_t trial) {
    return trial < 2 ? study::Answer::kProposed : study::Answer::kExhausted;
  };
  EXPECT_EQ(run(quadratic), End::kExhausted);
  EXPECT_EQ(state_.trials().size(), 2u);
}

TEST_F(SchedulerTest, AsksAgainAfterAWaitOnceATrialEnded) {
  plan_.parallel_trials = 2;
  plan_.max_trials = 3;
  std::atomic<std::uint64_t> finished = 0;
  oracle_.on_propose = [&](std::uint64_t trial) {
    return finished >= trial ? study::Answer::kProposed : study::Answer::kWait;
  };
  const End end = run([&](study::Run& run) {
    const bool done = quadratic(run);
    ++finished;
    return done;
  });
  EXPECT_EQ(end, End::kMaxTrials);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 3u);
}

TEST_F(SchedulerTest, BlamesAnOracleThatWaitsForNothing) {
  oracle_.on_propose = [](std::uint64_t) { return study::Answer::kWait; };
  EXPECT_THROW(run(quadratic), Error);
}

TEST_F(SchedulerTest, StopsATrialByTheOraclesVerdict) {
  plan_.max_trials = 1;
  oracle_.on_judge = [](const study::Event& event) {
    const auto step = std::get<study::Reported>(event.body).step;
    return step < 2 ? study::Verdict::kContinue : study::Verdict::kStopTrial;
  };
  run([](study::Run& run) {
    ask(run, "x");
    for (std::uint64_t step = 1; step <= 9; ++step) {
      const NamedMetric loss{"loss", 10.0 - static_cast<double>(step)};
      if (run.report(step, {&loss, 1}) != study::Verdict::kContinue) return false;
    }
    return true;
  });
  EXPECT_EQ(trial(0).state, TrialState::kStopped);
  EXPECT_EQ(trial(0).score, 8.0);
  EXPECT_EQ(trial(0).best_step, 2u);
}

TEST_F(SchedulerTest, StopsATrialThatGoesOnAfterTheVerdict) {
  plan_.max_trials = 1;
  plan_.executions = 2;
  oracle_.on_judge = [](const study::Event&) { return study::Verdict::kStopTrial; };
  std::vector<std::uint32_t> executions;
  run([&](study::Run& run) {
    executions.push_back(run.execution);
    return quadratic(run);  // as if nothing had been said
  });
  EXPECT_EQ(trial(0).state, TrialState::kStopped);
  EXPECT_EQ(executions, (std::vector<std::uint32_t>{0}));
}

TEST_F(SchedulerTest, EndsWithTheErrorOfAnOracleThatFailsDuringATrial) {
  oracle_.on_judge = [](const study::Event&) -> study::Verdict {
    throw Error(DODONA_E_PLUGIN, "oracle \"fake\": lost its thread");
  };
  EXPECT_EQ(support::error_of(DODONA_E_PLUGIN, [&] { run(quadratic); }),
            "oracle \"fake\": lost its thread");
  // No fault of the trial: it goes on, and its result counts.
  ASSERT_EQ(state_.trials().size(), 1u);
  EXPECT_EQ(trial(0).state, TrialState::kCompleted);
  EXPECT_EQ(events<study::Reported>().size(), 1U);
}

// The one trial that lacks a value runs again another time; the other one keeps its result.
TEST_F(SchedulerTest, DropsATrialThatTheOracleLeftWithoutAValue) {
  struct Unable : support::FakeOracle {
    std::optional<Cell> fill(std::uint64_t, const Param&) override {
      throw Error(DODONA_E_PLUGIN, "no idea");
    }
  } unable;
  plan_.parallel_trials = 2;
  plan_.max_trials = 2;
  std::latch both(2);
  const auto search = [&] {
    run(unable, [&](study::Run& each) {
      both.arrive_and_wait();
      if (each.trial == 1) ask(each, "late");
      return quadratic(each);
    });
  };
  EXPECT_EQ(support::error_of(DODONA_E_PLUGIN, search), "no idea");
  EXPECT_EQ(trial(0).state, TrialState::kCompleted);
  EXPECT_EQ(trial(1).state, TrialState::kRunning);
}

// A search that had to end waited for a trial without a word.
TEST_F(SchedulerTest, NamesATrialThatIsSilentWhileTheSearchWaitsForIt) {
  plan_.max_trials = 1;
  std::latch said(1);
  std::vector<std::string> lines;
  plan_.log = [&](study::Level, const std::string& line) {
    lines.push_back(line);
    said.count_down();
  };
  const End end = run([&](study::Run&) {
    clock_.advance(61'000'000'000);  // nothing is to end yet, so this is nobody's business
    running_->stop();
    said.wait();
    return false;
  });
  EXPECT_EQ(end, End::kInterrupted);
  EXPECT_EQ(lines,
            (std::vector<std::string>{"waits for trial 0, which has reported nothing for 61 s"}));
}

TEST_F(SchedulerTest, LetsTheOracleObserveDuringALongTrial) {
  plan_.max_trials = 1;
  std::size_t seen = 0;
  run([&](study::Run& run) {
    ask(run, "x");
    for (std::uint64_t step = 1; step <= 5000; ++step) {
      const NamedMetric loss{"loss", 1.0};
      run.report(step, {&loss, 1});
    }
    seen = oracle_.seen.size();  // what it has not seen is kept in memory
    return true;
  });
  EXPECT_GE(seen, 4096u);
  for (std::size_t i = 0; i < oracle_.seen.size(); ++i) EXPECT_EQ(oracle_.seen[i].sequence, i);
}

TEST_F(SchedulerTest, InterruptsTrialsAndRunsThemAgainWithTheSameValuesAndSeed) {
  plan_.max_trials = 2;
  std::map<std::uint64_t, std::uint64_t> seeds;
  const End end = run([&](study::Run& run) {
    ask(run, "x");
    if (run.trial == 0) return quadratic(run);
    seeds[run.trial] = run.seed;
    const NamedMetric first{"loss", -100.0};  // must not count once the trial runs again
    run.report(1, {&first, 1});
    running_->stop();
    EXPECT_TRUE(run.cancelled());
    const NamedMetric second{"loss", -200.0};
    EXPECT_EQ(run.report(2, {&second, 1}), study::Verdict::kStopStudy);
    return false;
  });
  EXPECT_EQ(end, End::kInterrupted);
  EXPECT_EQ(trial(0).state, TrialState::kCompleted);
  EXPECT_EQ(trial(1).state, TrialState::kRunning);
  const Values values = trial(1).assignments;

  std::vector<std::uint64_t> ran;
  EXPECT_EQ(run([&](study::Run& run) {
              ran.push_back(run.trial);
              EXPECT_EQ(run.seed, seeds[run.trial]);
              EXPECT_EQ(run.attempt, 0u);
              return quadratic(run);
            }),
            End::kMaxTrials);
  EXPECT_EQ(ran, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(trial(1).assignments, values);
  EXPECT_GE(trial(1).score, 0.0);
}

TEST_F(SchedulerTest, RunsSuspectsOneAtATimeBeforeAllOthers) {
  plan_.max_trials = 6;
  plan_.parallel_trials = 3;
  std::barrier meet(3);
  run([&](study::Run& run) {
    ask(run, "x");
    meet.arrive_and_wait();
    running_->stop();
    return false;
  });
  ASSERT_EQ(state_.trials().size(), 3U);
  plan_.alone = {1, 2};
  std::mutex mutex;
  std::set<std::uint64_t> running;
  std::vector<std::uint64_t> begun;
  run([&](study::Run& run) {
    {
      const std::lock_guard lock(mutex);
      begun.push_back(run.trial);
      running.insert(run.trial);
      const bool suspect = running.contains(1) || running.contains(2);
      EXPECT_TRUE(running.size() == 1 || !suspect);
    }
    const bool done = quadratic(run);
    const std::lock_guard lock(mutex);
    running.erase(run.trial);
    return done;
  });
  ASSERT_EQ(begun.size(), 6U);
  EXPECT_EQ(begun[0], 1U);
  EXPECT_EQ(begun[1], 2U);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 6U);
}

TEST_F(SchedulerTest, ReplaysTheLogToTheOracleWhenTheSearchGoesOn) {
  run(quadratic);
  oracle_.seen.clear();
  plan_.max_trials = 5;
  run(quadratic);
  for (std::size_t i = 0; i < oracle_.seen.size(); ++i) EXPECT_EQ(oracle_.seen[i].sequence, i);
  EXPECT_EQ(state_.trials().size(), 5u);
}

TEST_F(SchedulerTest, GivesTheBudgetOfTheProposalElseMaxSteps) {
  plan_.max_trials = 1;
  plan_.max_steps = 12;
  run([&](study::Run& run) {
    EXPECT_EQ(run.budget, 12u);
    return quadratic(run);
  });
  oracle_.budget = 3;
  plan_.max_trials = 2;
  run([&](study::Run& run) {
    EXPECT_EQ(run.budget, 3u);
    return quadratic(run);
  });
}

// ---- proposals made ahead ----------------------------------------------------------------------

class AheadOfWorkersTest : public SchedulerTest {
 protected:
  AheadOfWorkersTest() {
    plan_.parallel_trials = 2;
    plan_.max_trials = 6;
  }

  // A trial is proposed by the thread that runs it.
  void expect_each_worker_proposes() {
    std::mutex mutex;
    std::map<std::uint64_t, std::thread::id> ran;
    run(slow_, [&](study::Run& run) {
      const std::lock_guard lock(mutex);
      ran[run.trial] = std::this_thread::get_id();
      return quadratic(run);
    });
    EXPECT_EQ(ran.size(), 6u);
    for (const auto& [trial, thread] : slow_.asked()) EXPECT_EQ(ran[trial], thread) << trial;
  }

  using Trials = std::vector<std::uint64_t>;
  support::SlowOracle slow_;
};

TEST_F(AheadOfWorkersTest, AreMadeWhileAllOfThemRunTrials) {
  std::latch last_runs(1);
  run(slow_, [&](study::Run& run) {
    // Two trials run, so that no worker is left to ask for the one after both of them.
    EXPECT_TRUE(run.trial >= 4 || slow_.wait_until_asked(run.trial + 2));
    if (run.trial == 5) last_runs.count_down();
    if (run.trial == 4) last_runs.wait();
    return quadratic(run);
  });
  EXPECT_EQ(slow_.asked_trials(), (Trials{0, 1, 2, 3, 4, 5})) << "none was dropped";
  const auto proposals = events<study::Proposed>();
  const auto ends = events<study::Finished>();
  for (std::size_t id = 2; id < 6; ++id) {
    const std::uint64_t seen = std::get<study::Proposed>(proposals[id].body).seen;
    const auto unseen = std::count_if(ends.begin(), ends.end(), [&](const study::Event& end) {
      return end.sequence >= seen && end.sequence < proposals[id].sequence;
    });
    EXPECT_EQ(unseen, 1) << "the end of the trial whose worker took trial " << id;
  }
}

TEST_F(AheadOfWorkersTest, AreNoneForOneWorker) {
  plan_.parallel_trials = 1;
  expect_each_worker_proposes();
}

TEST_F(AheadOfWorkersTest, AreNoneWithALag) {
  plan_.slots_in_turns = 2;
  expect_each_worker_proposes();
}

// Trials that ran were once dropped for an error of the oracle.
TEST_F(AheadOfWorkersTest, FailTheSearchAfterTheTrialsThatRun) {
  slow_.on_propose = [](std::uint64_t trial) {
    if (trial == 2) throw Error(DODONA_E_PLUGIN, "oracle \"fake\": out of ideas");
    return study::Answer::kProposed;
  };
  std::latch said(1);
  plan_.log = [&](study::Level level, const std::string& line) {
    EXPECT_EQ(level, study::Level::kError);
    EXPECT_TRUE(support::contains(line, "out of ideas")) << line;
    said.count_down();
  };
  const auto search = [&] {
    run(slow_, [&](study::Run& run) {
      EXPECT_TRUE(slow_.wait_until_asked(2));
      said.wait();
      EXPECT_FALSE(run.cancelled());
      return quadratic(run);
    });
  };
  EXPECT_EQ(support::error_of(DODONA_E_PLUGIN, search), "oracle \"fake\": out of ideas");
  EXPECT_EQ(slow_.asked_trials(), (Trials{0, 1, 2}));
  EXPECT_EQ(state_.count(TrialState::kCompleted), 2U);
}

TEST_F(AheadOfWorkersTest, LeaveNothingBehindWhenTheSearchIsStopped) {
  const End end = run(slow_, [&](study::Run& run) {
    EXPECT_TRUE(slow_.wait_until_asked(2));
    running_->stop();
    return !run.cancelled();
  });
  EXPECT_EQ(end, End::kInterrupted);
  EXPECT_EQ(state_.trials().size(), 2u);
  plan_.max_trials = 3;
  EXPECT_EQ(run(quadratic), End::kMaxTrials);
  EXPECT_EQ(trial(2).assignments, (Values{{0, Cell::real(0.02)}})) << "of the other oracle";
}

TEST_F(SchedulerTest, RefusesStepsThatDoNotCountUp) {
  plan_.max_trials = 1;
  run([](study::Run& run) {
    ask(run, "x");
    const NamedMetric loss{"loss", 1.0};
    run.report(0, {&loss, 1});
    run.report(3, {&loss, 1});
    run.report(3, {&loss, 1});
    return true;
  });
  EXPECT_EQ(trial(0).state, TrialState::kFailed);
  EXPECT_EQ(trial(0).message, "report at step 3 after step 3: steps count up");
}

// A model that does not declare: what the first trial asks for becomes the space.
class UndeclaredTest : public SchedulerTest {
 protected:
  UndeclaredTest() { plan_.declared = false; }
  space::SearchSpace empty_;

  End run_undeclared(const std::function<bool(study::Run&)>& execute) {
    support::FakeModel model(execute);
    Journal& journal = fresh_journal_;
    Scheduler scheduler(plan_, journal, empty_, oracle_, {}, model, [](const Notice&) {});
    return scheduler.run();
  }

  std::unique_ptr<study::Store> fresh_ = store::memory_store();
  study::State fresh_state_;
  Journal fresh_journal_{*fresh_, fresh_state_, clock_};
};

TEST_F(UndeclaredTest, RunsTheFirstTrialAloneOnDefaults) {
  plan_.rule.name = fresh_->names().intern("loss");
  plan_.parallel_trials = 3;
  std::atomic<int> inside = 0;
  std::atomic<bool> alone = true;
  run_undeclared([&](study::Run& run) {
    const int now = ++inside;
    if (run.trial == 0 && now != 1) alone = false;
    const bool done = quadratic(run);
    if (run.trial == 0 && inside != 1) alone = false;
    --inside;
    return done;
  });
  EXPECT_TRUE(alone);
  EXPECT_EQ(empty_.size(), 1u);
  EXPECT_EQ(fresh_state_.trials()[0].assignments, (Values{{0, Cell::real(0)}}));
  EXPECT_EQ(fresh_state_.trials()[1].assignments, (Values{{0, Cell::real(0.01)}}));
}

TEST_F(UndeclaredTest, TunesWhatIsMetLaterFromTheNextProposalOn) {
  plan_.rule.name = fresh_->names().intern("loss");
  run_undeclared([&](study::Run& run) {
    if (run.trial >= 1) ask(run, "late");
    return quadratic(run);
  });
  // Trial 1 met it: its value is drawn from (seed, trial, name); trials 2 and 3 got it proposed.
  ASSERT_EQ(fresh_state_.trials()[1].assignments.size(), 2u);
  EXPECT_EQ(fresh_state_.trials()[2].assignments[1], (Assignment{1, Cell::real(0.02)}));
}

}  // namespace
}  // namespace dodona::schedule
