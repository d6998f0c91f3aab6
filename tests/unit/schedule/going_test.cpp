// SPDX-License-Identifier: Apache-2.0
#include "schedule/going.hpp"

#include "base/file.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"
#include "unit/schedule/scheduler_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

namespace fs = std::filesystem;
using Starts = std::vector<std::pair<std::uint32_t, std::uint64_t>>;  // execution and step

// Trials of six steps, whose loss at each one depends on all steps before it, as in a training. The
// model saves its state, and the test ends it where it likes.
class GoingTest : public SchedulerTest {
 protected:
  static constexpr std::uint64_t kSteps = 6;

  GoingTest() {
    plan_.directory = directory_.string();
    plan_.max_trials = 1;
    plan_.max_losses = 5;
    plan_.keep = 1;
    plan_.checkpoint.steps = 2;
    plan_.log = [this](study::Level, const std::string& message) { said_.push_back(message); };
  }

  bool train(study::Run& run) {
    std::uint64_t done = 0;
    double state = run.execution == 0 ? 0.75 : 0.5;
    if (!run.resume_directory.empty()) {
      std::string text;
      std::ifstream file(run.resume_directory + "/state");
      file >> done >> text;
      state = std::stod(text);
    }
    EXPECT_EQ(done, run.start_step);
    starts_.emplace_back(run.execution, run.start_step);
    while (done < kSteps) {
      state = 3.75 * state * (1.0 - state);
      const NamedMetric loss{"loss", state};
      if (run.report(++done, {&loss, 1}) != study::Verdict::kContinue) return false;
      save(run, done, state);
      if (after_step_) after_step_(run, done);
    }
    const NamedMetric size{"size", 8.0 + run.execution};
    run.finish({&size, 1});
    return true;
  }
  void save(study::Run& run, std::uint64_t done, double state) const {
    const bool wanted = run.wants_save();
    const std::string to = run.save_directory();
    if (to.empty()) return;
    EXPECT_TRUE(wanted);
    EXPECT_TRUE(fs::is_empty(to));
    std::ofstream(to + "/state") << done << ' ' << std::hexfloat << state;
    run.saved();
  }

  End search() {
    return run([this](study::Run& each) { return train(each); });
  }
  // Throws `error` once after the step of an execution.
  template <class E>
  void once_after(std::uint32_t execution, std::uint64_t step, const E& error) {
    after_step_ = [=, done = false](const study::Run& run, std::uint64_t now) mutable {
      if (done || run.execution != execution || now != step) return;
      done = true;
      throw error;
    };
  }
  void lose_once_after(std::uint32_t execution, std::uint64_t step) {
    once_after(execution, step, study::RunnerLost("node failure"));
  }

  // The losses that stand, by execution and step.
  std::vector<std::pair<std::uint32_t, double>> curve() {
    std::vector<study::Reported> reports;
    store_->read(0, [&](const study::Event& event) {
      if (const auto* started = std::get_if<study::Started>(&event.body)) {
        std::erase_if(reports, [&](const study::Reported& report) {
          return !study::stands(report.execution, report.step, *started, 0);
        });
      }
      const auto* report = std::get_if<study::Reported>(&event.body);
      if (report != nullptr) reports.push_back(*report);
      return true;
    });
    std::vector<std::pair<std::uint32_t, double>> values;
    for (const study::Reported& each : reports) {
      EXPECT_EQ(each.step, values.size() % kSteps + 1);
      values.emplace_back(each.execution, each.metrics[0].value);
    }
    return values;
  }
  // The same of a trial that nobody interrupts.
  static std::vector<std::pair<std::uint32_t, double>> whole_curve(std::uint32_t executions) {
    std::vector<std::pair<std::uint32_t, double>> values;
    for (std::uint32_t i = 0; i < executions; ++i) {
      double state = i == 0 ? 0.75 : 0.5;
      for (std::uint64_t step = 0; step < kSteps; ++step) {
        state = 3.75 * state * (1.0 - state);
        values.emplace_back(i, state);
      }
    }
    return values;
  }
  std::string best_step() const {
    std::string step;
    std::ifstream(directory_ / "trials/0/best/state") >> step;
    return step;
  }
  std::string going(const std::string& what = "") const {
    return directory_ / ("trials/0/0/going" + what);
  }

  support::TemporaryDirectory directory_;
  std::function<void(const study::Run&, std::uint64_t)> after_step_;
  Starts starts_;
  std::vector<std::string> said_;
};

TEST_F(GoingTest, GoesOnWhereALostRunnerLeftIt) {
  lose_once_after(0, 5);  // between two checkpoints
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 4}}));
  EXPECT_EQ(curve(), whole_curve(1));
  EXPECT_EQ(trial(0).state, TrialState::kCompleted) << trial(0).message;
  EXPECT_EQ(trial(0).attempt, 0U);
  EXPECT_EQ(trial(0).losses, 1U);
  EXPECT_EQ(trial(0).lost, "node failure");
  const auto lowest = std::ranges::min(curve(), {}, &std::pair<std::uint32_t, double>::second);
  EXPECT_EQ(trial(0).score, lowest.second);
  EXPECT_EQ(said_,
            (std::vector<std::string>{"a runner lost: node failure; trial 0 goes on from step 4"}));
  EXPECT_FALSE(fs::exists(directory_ / "trials/0/0")) << "removed at the trial's end";
}

TEST_F(GoingTest, GoesOnInTheNextSearchAfterAnInterruption) {
  after_step_ = [&](const study::Run&, std::uint64_t step) {
    if (step == 3) running_->stop();
  };
  EXPECT_EQ(search(), End::kInterrupted);
  EXPECT_TRUE(fs::exists(going("/point")));
  after_step_ = nullptr;
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 2}}));
  EXPECT_EQ(curve(), whole_curve(1));
  EXPECT_EQ(trial(0).losses, 0U);
  EXPECT_TRUE(said_.empty()) << "displays have a notice";
}

// The losses are 0.703, 0.783, 0.637, 0.867, 0.431 and 0.920: at step 4 the best model is that of step
// 3, and at step 5 that of step 5.
TEST_F(GoingTest, HasItsBestModelOfThatMomentAgain) {
  std::vector<std::string> best;
  after_step_ = [&](const study::Run&, std::uint64_t) { best.push_back(best_step()); };
  run([&](study::Run& each) {
    const bool again = each.start_step > 0;
    if (again) best.push_back("again " + best_step());
    const auto keep = after_step_;
    if (!again) {
      after_step_ = [&, keep](const study::Run& now, std::uint64_t step) {
        keep(now, step);
        if (step == 5) throw study::RunnerLost("gone");
      };
    }
    try {
      const bool done = train(each);
      after_step_ = keep;
      return done;
    } catch (...) {
      after_step_ = keep;
      throw;
    }
  });
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 4}}));
  EXPECT_EQ(best, (std::vector<std::string>{"1", "1", "3", "3", "5", "again 3", "5", "5"}));
}

TEST_F(GoingTest, HasNoBestModelAgainWhereItHadNone) {
  const NamedMetric loss{"loss", 1.0};
  const NamedMetric size{"size", 1.0};
  std::vector<std::string> best;
  run([&](study::Run& each) {
    best.push_back(best_step());
    for (std::uint64_t step = each.start_step + 1; step <= kSteps; ++step) {
      each.report(step, {step == 3 ? &loss : &size, 1});
      save(each, step, 0.0);
      if (step == 3) best.push_back(best_step());
      if (step == 3 && each.start_step == 0) throw study::RunnerLost("gone");
    }
    return true;
  });
  EXPECT_EQ(best, (std::vector<std::string>{"", "3", "", "3"}));
  EXPECT_EQ(trial(0).state, TrialState::kCompleted) << trial(0).message;
}

TEST_F(GoingTest, LetsEarlierExecutionsStand) {
  plan_.executions = 2;
  lose_once_after(1, 1);  // before the first checkpoint of the second execution
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(starts_, (Starts{{0, 0}, {1, 0}, {1, 0}}));
  EXPECT_EQ(curve(), whole_curve(2));
  EXPECT_EQ(
      said_,
      (std::vector<std::string>{"a runner lost: node failure; trial 0 goes on with execution 1"}));
}

TEST_F(GoingTest, KeepsTheFinalMetricsOfEarlierExecutions) {
  plan_.executions = 3;
  plan_.rule.name = store_->names().intern("size");
  lose_once_after(2, 3);
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(starts_, (Starts{{0, 0}, {1, 0}, {2, 0}, {2, 2}}));
  EXPECT_EQ(trial(0).score, 9.0);
  EXPECT_EQ(std::vector<double>(trial(0).executions.begin(), trial(0).executions.end()),
            (std::vector<double>{8.0, 9.0, 10.0}));
  EXPECT_FALSE(fs::exists(directory_ / "trials/0/1"));
}

TEST_F(GoingTest, BeginsANewAttemptAtTheFirstStep) {
  plan_.max_retries = 1;
  once_after(0, 5, std::runtime_error("diverged"));
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 0}}));
  EXPECT_EQ(trial(0).attempt, 1U);
  EXPECT_EQ(curve(), whole_curve(1));
}

TEST_F(GoingTest, FailsATrialThatIsLostTooOften) {
  plan_.max_losses = 2;
  plan_.max_retries = 3;
  after_step_ = [](const study::Run&, std::uint64_t step) {
    if (step == 5) throw study::RunnerLost("node failure");
  };
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 4}, {0, 4}}));
  EXPECT_EQ(trial(0).state, TrialState::kFailed);
  EXPECT_EQ(trial(0).outcome, study::Outcome::kLost);
  EXPECT_EQ(trial(0).message,
            "its runner was lost 3 times, more often than retry.max_losses allows; the last time: "
            "node failure");
}

// All trials were proposed, and a worker without one waits for what may be lost.
TEST_F(GoingTest, RunsALostTrialAgainAfterAllWereProposed) {
  plan_.max_trials = 3;
  plan_.parallel_trials = 2;
  after_step_ = [lost = false](const study::Run& run, std::uint64_t step) mutable {
    if (run.trial != 2 || step != 3 || std::exchange(lost, true)) return;
    throw study::RunnerLost("node failure");
  };
  std::mutex mutex;
  EXPECT_EQ(run([&](study::Run& each) {
              const std::lock_guard lock(mutex);
              return train(each);
            }),
            End::kMaxTrials);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 3U);
  EXPECT_EQ(trial(2).losses, 1U);
}

// Each trial loses its runner after two of its steps, others of each trial, some of them twice.
TEST_F(GoingTest, FinishesEveryTrialOnceWhateverIsLost) {
  plan_.max_trials = 12;
  plan_.parallel_trials = 3;
  plan_.slots_in_turns = 3;
  std::mutex mutex;
  std::map<std::pair<std::uint64_t, std::uint64_t>, int> lost;
  after_step_ = [&](const study::Run& run, std::uint64_t step) {
    const bool loses = step == 1 + run.trial % kSteps || step == 1 + (run.trial * 5 + 3) % kSteps;
    const int times = run.trial % 4 == 0 ? 2 : 1;
    if (loses && lost[{run.trial, step}]++ < times) throw study::RunnerLost("gone");
  };
  EXPECT_EQ(run([&](study::Run& each) {
              const std::lock_guard lock(mutex);
              return train(each);
            }),
            End::kMaxTrials);
  EXPECT_EQ(events<study::Finished>().size(), 12U);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 12U);
  const auto lowest =
      std::ranges::min(whole_curve(1), {}, &std::pair<std::uint32_t, double>::second);
  for (std::size_t id = 0; id < 12; ++id) {
    EXPECT_EQ(trial(id).score, lowest.second);
    EXPECT_GE(trial(id).losses, 1U);
    EXPECT_FALSE(fs::exists(directory_ / ("trials/" + std::to_string(id) + "/0")));
  }
}

TEST_F(GoingTest, GoesByTheClock) {
  plan_.checkpoint = {.steps = 0, .seconds = 60.0};
  std::vector<bool> there;
  after_step_ = [&](const study::Run&, std::uint64_t step) {
    there.push_back(fs::exists(going("/point")));
    clock_.advance(25'000'000'000);
    if (step == 5 && starts_.size() == 1) throw study::RunnerLost("gone");
  };
  search();
  // Step 4 is the first one after a minute, and step 5 no minute after it.
  EXPECT_EQ(there, (std::vector<bool>{false, false, false, true, true, true, true}));
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 4}}));
}

TEST_F(GoingTest, IsSavedNeverWhereNobodyWantsThat) {
  plan_.checkpoint = {};
  lose_once_after(0, 5);
  search();
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 0}}));
  EXPECT_EQ(said_, (std::vector<std::string>{"a runner lost: node failure; trial 0 begins again"}));
}

TEST_F(GoingTest, CostsTheCheckpointWhereItCannotBeKept) {
  fs::create_directories(directory_ / "trials/0");
  std::ofstream(directory_ / "trials/0/0") << "no directory";
  plan_.keep = 0;
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(trial(0).state, TrialState::kCompleted) << trial(0).message;
  ASSERT_EQ(said_.size(), 1U) << "it is told once";
  EXPECT_TRUE(support::contains(
      said_[0], "trial 0 goes on without its checkpoint of step 2, as that could not be kept: "));
  EXPECT_TRUE(support::contains(said_[0], "trials/0/0"));
}

TEST_F(GoingTest, CostsTheCheckpointWhereTheModelCannotSave) {
  plan_.keep = 0;
  run([&](study::Run& each) {
    const NamedMetric loss{"loss", 1.0};
    for (std::uint64_t step = 1; step <= kSteps; ++step) {
      each.report(step, {&loss, 1});
      const std::string to = each.save_directory();
      EXPECT_EQ(to.empty(), !each.save_failed(Error(DODONA_E_FAILED, "out of ink")));
    }
    return true;
  });
  EXPECT_EQ(said_, (std::vector<std::string>{
                       "trial 0 goes on without its checkpoint of step 2, as that could not be "
                       "kept: out of ink"}));
}

TEST_F(GoingTest, DoesNotAskAtOnceAgainForWhatWasNotSaved) {
  std::vector<std::uint64_t> asked;
  plan_.keep = 0;
  run([&](study::Run& each) {
    const NamedMetric loss{"loss", 1.0};
    for (std::uint64_t step = 1; step <= kSteps; ++step) {
      each.report(step, {&loss, 1});
      if (!each.save_directory().empty()) asked.push_back(step);
    }
    return true;
  });
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{2, 4, 6}));
}

TEST_F(GoingTest, GoesOnWithALag) {
  plan_.slots_in_turns = 2;
  lose_once_after(0, 5);
  EXPECT_EQ(search(), End::kMaxTrials);
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 4}}));
  EXPECT_EQ(curve(), whole_curve(1));
}

// A value that is held back until the trial's turn would be lost on the way.
TEST_F(GoingTest, BeginsAgainWithALagWhereItMetANewHyperparameter) {
  plan_.slots_in_turns = 2;
  lose_once_after(0, 5);
  run([&](study::Run& each) {
    ask(each, "late");
    return train(each);
  });
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 0}}));
  EXPECT_EQ(curve(), whole_curve(1));
  EXPECT_EQ(trial(0).assignments.size(), 1U);
}

TEST_F(GoingTest, KeepsTheValuesThatItAskedForBefore) {
  lose_once_after(0, 5);
  run([&](study::Run& each) {
    if (each.start_step == 0) ask(each, "x");
    ask(each, "late");
    return train(each);
  });
  EXPECT_EQ(starts_, (Starts{{0, 0}, {0, 4}}));
  EXPECT_EQ(trial(0).assignments.size(), 2U) << "x and late";
}

// ---- what a crash leaves -----------------------------------------------------------------------

// A trial that was interrupted after its third step, its checkpoint that of the second.
class TornTest : public GoingTest {
 protected:
  TornTest() {
    after_step_ = [&](const study::Run&, std::uint64_t step) {
      if (step == 3) running_->stop();
    };
    EXPECT_EQ(search(), End::kInterrupted);
    after_step_ = nullptr;
  }
  Starts again() {
    starts_.clear();
    EXPECT_EQ(search(), End::kMaxTrials);
    EXPECT_EQ(curve(), whole_curve(1));
    return starts_;
  }
};

TEST_F(TornTest, IsPassedOverAsLongAsItIsNotWhole) {
  fs::create_directories(going("/1/model"));  // the next generation
  std::ofstream(going("/1/model/state")) << "to";
  std::ofstream(going("/.dodona-1.tmp")) << "to";
  EXPECT_EQ(again(), (Starts{{0, 2}}));
}

TEST_F(TornTest, IsNotTakenWhereThePointIsDamaged) {
  std::ofstream(going("/point")) << R"({"attempt": 0, "step")";
  EXPECT_EQ(again(), (Starts{{0, 0}}));
}

TEST_F(TornTest, IsNotTakenWithoutItsState) {
  fs::remove_all(going("/0/model"));
  EXPECT_EQ(again(), (Starts{{0, 0}}));
}

TEST_F(TornTest, IsNotTakenForAStepThatTheLogDoesNotHave) {
  std::string point = base::read_file(going("/point"));
  point.replace(point.find("\"step\": 2"), 9, "\"step\": 9");
  std::ofstream(going("/point")) << point;
  EXPECT_EQ(again(), (Starts{{0, 0}}));
}

TEST_F(TornTest, IsNotTakenByAnotherModel) {
  plan_.checkpoint.model = "net {\"width\": 2}";
  EXPECT_EQ(again(), (Starts{{0, 0}}));
}

TEST_F(TornTest, IsNotTakenForAnotherAttempt) {
  std::string point = base::read_file(going("/point"));
  point.replace(point.find("\"attempt\": 0"), 12, "\"attempt\": 1");
  std::ofstream(going("/point")) << point;
  EXPECT_EQ(again(), (Starts{{0, 0}}));
}

}  // namespace
}  // namespace dodona::schedule
