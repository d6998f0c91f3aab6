// SPDX-License-Identifier: Apache-2.0
#include "schedule/scheduler.hpp"

#include "store/memory_store.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "support/params.hpp"
#include "support/slow_oracle.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <filesystem>
#include <fstream>
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

using Values = std::pmr::vector<Assignment>;

using study::NamedMetric;
using study::TrialState;

// A study in memory with one hyperparameter x in [0, 1], minimising "loss".
class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest() {
    plan_.seed = 7;
    plan_.rule.name = store_->names().intern("loss");
    plan_.max_trials = 4;
    plan_.declared = true;
    const Param x = support::real("x", 0, 1);
    space_.add({{x, x}}, [this](std::uint32_t first, const std::vector<Param>& params) {
      journal_.append(study::kNoTrial, study::SpaceGrown{first, params});
    });
  }

  End run(const std::function<bool(study::Run&)>& execute) { return run(oracle_, execute); }
  End run(study::Oracle& oracle, const std::function<bool(study::Run&)>& execute) {
    support::FakeModel model(execute);
    Scheduler scheduler(plan_, journal_, space_, oracle, {}, model,
                        [this](const Notice& notice) { noticed(notice); });
    running_ = &scheduler;
    return scheduler.run();
  }

  virtual void noticed(const Notice&) {}

  static double ask(study::Run& run, const char* name) {
    const auto known = run.asker().known(name);
    const Param definition = support::real(name, 0, 1);
    return (known ? *known : run.asker().define(definition)).cell.real();
  }

  static bool quadratic(study::Run& run) {
    const double x = ask(run, "x");
    const NamedMetric loss{"loss", (x - 0.02) * (x - 0.02)};
    run.report(1, {&loss, 1});
    return true;
  }

  template <class BodyType>
  std::vector<study::Event> events() {
    std::vector<study::Event> result;
    store_->read(0, [&](const study::Event& event) {
      if (std::holds_alternative<BodyType>(event.body)) result.push_back(event);
      return true;
    });
    return result;
  }

  const study::Trial& trial(std::size_t id) const { return state_.trials()[id]; }

  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  support::FakeOracle oracle_;
  Plan plan_;
  Scheduler* running_ = nullptr;
};

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
  plan_.lag = GetParam();
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

INSTANTIATE_TEST_SUITE_P(Lags, FailuresTest, testing::Values(0U, 2U));

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
  // No fault of the trial: it runs again another time.
  ASSERT_EQ(state_.trials().size(), 1u);
  EXPECT_EQ(trial(0).state, TrialState::kRunning);
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
    // Two trials run. Who could ask for the one after both of them?
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
  plan_.lag = 2;
  expect_each_worker_proposes();
}

TEST_F(AheadOfWorkersTest, FailTheSearchAtOnce) {
  slow_.on_propose = [](std::uint64_t trial) {
    if (trial == 2) throw Error(DODONA_E_PLUGIN, "oracle \"fake\": out of ideas");
    return study::Answer::kProposed;
  };
  const auto search = [&] {
    run(slow_, [&](study::Run& run) {
      EXPECT_TRUE(slow_.wait_until_asked(2));
      while (!run.cancelled()) std::this_thread::yield();
      return false;
    });
  };
  EXPECT_EQ(support::error_of(DODONA_E_PLUGIN, search), "oracle \"fake\": out of ideas");
  EXPECT_EQ(slow_.asked_trials(), (Trials{0, 1, 2}));
  EXPECT_FALSE(study::is_final(trial(0).state)) << "it runs again another time";
  EXPECT_FALSE(study::is_final(trial(1).state));
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

// ---- models that are kept ----------------------------------------------------------------------

// Trial 1 is to go on where trial 0 ended. What a model saves is how many steps it did in all.
class CheckpointTest : public SchedulerTest {
 protected:
  CheckpointTest() {
    plan_.keeps_last = true;
    plan_.max_trials = 2;
    plan_.executions = 2;
    oracle_.shape = [](std::uint64_t trial, study::Proposed& proposal) {
      proposal.budget = trial == 0 ? 3 : 5;
      if (trial == 0) return;
      proposal.resume_of = 0;
      proposal.start_step = 3;
    };
  }

  bool train(study::Run& run) {
    std::uint64_t done = 0;
    if (!run.resume_directory.empty()) std::ifstream(run.resume_directory + "/steps") >> done;
    starts_.push_back(done);
    EXPECT_EQ(done, run.start_step);
    while (done < run.budget) {
      const NamedMetric loss{"loss", 1.0 / static_cast<double>(++done)};
      run.report(done, {&loss, 1});
      const std::string to = run.save_directory();
      if (to.empty()) continue;
      EXPECT_TRUE(std::filesystem::is_empty(to));
      std::ofstream(to + "/steps") << done;
      run.saved();
      EXPECT_EQ(run.save_directory(), "");
    }
    return true;
  }
  End search() {
    return run([this](study::Run& each) { return train(each); });
  }

  support::TemporaryDirectory directory_;
  std::vector<std::uint64_t> starts_;
};

TEST_F(CheckpointTest, GoesOnFromTheLastStateOfEachExecution) {
  plan_.directory = directory_.string();
  search();
  EXPECT_EQ(starts_, (std::vector<std::uint64_t>{0, 0, 3, 3}));
  EXPECT_EQ(trial(1).best_step, 5u);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "trials/1/1/last/steps"));
}

// A model whose patience ended exactly at the checkpoint reported nothing after its promotion, and
// the trial failed; three of them ended the search.
TEST_F(CheckpointTest, KeepsTheScoreOfTheTrialBeforeWhereNothingIsLeftToDo) {
  plan_.directory = directory_.string();
  plan_.keep = 2;
  plan_.max_trials = 3;
  oracle_.shape = [](std::uint64_t trial, study::Proposed& proposal) {
    proposal.budget = 3 + 2 * trial;
    if (trial == 0) return;
    proposal.resume_of = trial - 1;
    proposal.start_step = proposal.budget - 2;
  };
  std::vector<std::string> resumed;
  run([&](study::Run& each) {
    if (each.trial == 0) return train(each);
    resumed.push_back(each.resume_directory);
    return true;
  });
  EXPECT_EQ(resumed.size(), 4U);
  for (const std::string& from : resumed) EXPECT_NE(from, "");
  for (const std::uint64_t id : {1U, 2U}) {
    EXPECT_EQ(trial(id).state, study::TrialState::kCompleted) << trial(id).message;
    EXPECT_EQ(trial(id).score, trial(0).score);
    ASSERT_EQ(trial(id).metrics.size(), 1U);
    EXPECT_EQ(trial(id).metrics[0].value, trial(0).metrics[0].value);
    EXPECT_EQ(trial(id).executions, trial(0).executions);
    EXPECT_EQ(trial(id).best_step, 3U);
    const std::string kept = directory_ / ("trials/" + std::to_string(id));
    EXPECT_TRUE(std::filesystem::exists(kept + "/1/last/steps"));
    EXPECT_EQ(std::filesystem::exists(kept + "/best/steps"), id == 1) << "two are kept";
  }
}

// One that reported nothing although it began anew said nothing of the objective.
TEST_F(CheckpointTest, FailsWhereNothingIsReportedWithoutACheckpoint) {
  run([&](study::Run& each) { return each.trial > 0 || train(each); });
  EXPECT_EQ(trial(1).state, study::TrialState::kFailed);
}

TEST_F(CheckpointTest, StartsOverWhereNothingWasKept) {
  search();  // in memory
  EXPECT_EQ(starts_, (std::vector<std::uint64_t>{0, 0, 0, 0}));
  EXPECT_EQ(trial(1).best_step, 5u);
}

TEST_F(CheckpointTest, KeepsNothingOnceNothingCanGoOn) {
  plan_.directory = directory_.string();
  plan_.max_trials = 0;
  oracle_.on_propose = [](std::uint64_t trial) {
    return trial < 2 ? study::Answer::kProposed : study::Answer::kExhausted;
  };
  EXPECT_EQ(search(), End::kExhausted);
  EXPECT_EQ(starts_.back(), 3u);
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "trials"));
}

TEST_F(CheckpointTest, HasADirectoryForWhoeverAsksForOne) {
  plan_.directory = directory_.string();
  plan_.executions = 1;
  run([&](study::Run& each) {
    if (each.trial == 1) each.make_directory();
    EXPECT_EQ(std::filesystem::exists(directory_ / "trials/1"), each.trial == 1);
    EXPECT_EQ(each.directory, directory_.string() + "/trials/" + std::to_string(each.trial));
    const NamedMetric loss{"loss", 1.0};
    each.finish({&loss, 1});
    return true;
  });
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/1")) << "nothing was left in it";
}

TEST_F(CheckpointTest, IsNotAskedForByOthers) {
  plan_.directory = directory_.string();
  plan_.keeps_last = false;
  search();
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0"));
}

// Every trial has two executions of three steps, whose losses are given, and saves where it is.
class BestTest : public SchedulerTest {
 protected:
  BestTest() {
    plan_.directory = directory_.string();
    plan_.executions = 2;
    plan_.keep = 2;
  }

  using Losses = std::vector<double>;
  void search(const std::vector<std::vector<Losses>>& losses) {
    plan_.max_trials = losses.size();
    run([&](study::Run& each) {
      const std::string where = std::to_string(each.execution) + " ";
      std::uint64_t step = 0;
      for (const double value : losses[each.trial][each.execution]) {
        const NamedMetric loss{"loss", value};
        each.report(++step, {&loss, 1});
        const std::string to = each.save_directory();
        if (to.empty()) continue;
        std::ofstream(to + "/where") << where << step;
        each.saved();
      }
      return true;
    });
  }

  // Where the best model of a trial was saved: "execution step", or "" if none is kept.
  std::string best(std::uint64_t id) const {
    const std::string path = best_checkpoint(trial_directory(directory_.string(), id));
    std::string where;
    if (std::ifstream file(path + "/where"); file) std::getline(file, where);
    return where;
  }

  support::TemporaryDirectory directory_;
};

TEST_F(BestTest, IsTheModelAtTheLowestObjectiveOfAllExecutions) {
  plan_.keep = study::Keep::kAll;
  search({{{3, 1, 2}, {5, 4, 3}}, {{3, 2, 2}, {5, 1, 4}}});
  EXPECT_EQ(best(0), "0 2");
  EXPECT_EQ(best(1), "1 2");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0/best.new"));
}

TEST_F(BestTest, StaysForTheBestTrialsAlone) {
  search({{{3}, {3}}, {{1}, {1}}, {{4}, {4}}, {{2}, {2}}});
  EXPECT_EQ(best(1), "0 1");
  EXPECT_EQ(best(3), "0 1");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/2"));
}

TEST_F(BestTest, GoesWithATrialThatFails) {
  plan_.max_trials = 1;
  run([&](study::Run& each) {
    const NamedMetric loss{"loss", 1.0};
    each.report(1, {&loss, 1});
    std::ofstream(each.save_directory() + "/where") << "1";
    each.saved();
    EXPECT_EQ(best(0), "1");
    throw std::runtime_error("out of cheese");
    return false;
  });
  EXPECT_EQ(trial(0).state, TrialState::kFailed);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0"));
}

TEST_F(BestTest, IsNoneWhereNoneIsToBeKept) {
  plan_.keep = 0;
  search({{{3}, {3}}});
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials"));
}

TEST_F(BestTest, IsTheLastOneTooAtTheEndOfTheBudget) {
  plan_.keeps_last = true;
  oracle_.shape = [](std::uint64_t, study::Proposed& proposal) { proposal.budget = 3; };
  search({{{3, 2, 1}, {3, 2, 4}}});
  EXPECT_EQ(best(0), "0 3");
  for (const char* execution : {"0", "1"}) {
    std::string where;
    std::ifstream file(directory_ / "trials/0" / execution / "last/where");
    std::getline(file, where);
    EXPECT_EQ(where, std::string(execution) + " 3");
  }
}

TEST_F(BestTest, OfAModelThatReportsNothingIsTheOneAtItsEnd) {
  plan_.max_trials = 1;
  plan_.executions = 1;
  run([&](study::Run& each) {
    const NamedMetric loss{"loss", 1.0};
    each.finish({&loss, 1});
    std::ofstream(each.save_directory() + "/where") << "end";
    each.saved();
    return true;
  });
  EXPECT_EQ(best(0), "end");
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
