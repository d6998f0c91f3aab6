// SPDX-License-Identifier: Apache-2.0
#include "tuner/status.hpp"

#include "project/project.hpp"
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using support::contains;
using support::error_of;
using support::ladder_options;
using support::TemporaryDirectory;

double parabola(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 0, .max = 1});
  return (x - 0.3) * (x - 0.3);
}

class StatusTest : public ::testing::Test {
 protected:
  StatusTest() {
    options_.study.store = "sqlite";
    options_.study.directory = directory_.string();
    options_.study.project_name = "p";
    options_.study.max_trials = 6;
  }
  std::string place() const { return (directory_ / "p").string(); }
  std::uint64_t configured() const {
    std::uint64_t count = 0;
    const auto store = project::open_to_read(place());
    store->read(0, [&](const study::Event& event) {
      if (std::holds_alternative<study::Configured>(event.body)) ++count;
      return true;
    });
    return count;
  }

  TemporaryDirectory directory_;
  TunerOptions options_ = ladder_options();
};

TEST_F(StatusTest, ShowsTheWorkersOfASearch) {
  options_.study.parallel_trials = 2;
  options_.study.max_trials = 7;
  Tuner tuner(options_);
  EXPECT_TRUE(tuner.runners().empty());
  EXPECT_EQ(tuner.status().owner, "");
  std::barrier meet(2);
  std::atomic<bool> first = true;
  tuner.search([&](HyperParameters& hp) {
    const double loss = parabola(hp);
    if (first.exchange(false)) return loss;  // it runs alone, as the space is not known
    meet.arrive_and_wait();                  // both run trials
    const StudyStatus now = tuner.status();
    EXPECT_TRUE(contains(now.owner, "process ")) << now.owner;
    EXPECT_EQ(now.parallel_trials, 2U);
    EXPECT_EQ(now.max_trials, 7U);
    EXPECT_FALSE(now.paused || now.stopping);
    EXPECT_EQ(now.running, 2U);
    EXPECT_EQ(now.runners.size(), 2U);
    for (const Runner& runner : now.runners) {
      EXPECT_EQ(runner.name, "this process");
      EXPECT_NE(runner.host, "");
      EXPECT_EQ(runner.state, RunnerState::kBusy);
      EXPECT_TRUE(runner.trial.has_value());
      EXPECT_EQ(runner.losses, 0U);
      EXPECT_LE(runner.busy, 1.0);
    }
    meet.arrive_and_wait();
    return loss;
  });
  EXPECT_TRUE(tuner.runners().empty());
}

TEST_F(StatusTest, IsThatOfTheLogWhereNobodyOwnsTheStudy) {
  { Tuner(options_).search(parabola); }
  const StudyStatus status = study_status(place());
  EXPECT_EQ(status.owner, "");
  EXPECT_EQ(status.completed, 6U);
  EXPECT_EQ(status.max_trials, 6U);
  EXPECT_TRUE(status.runners.empty());
  EXPECT_EQ(status.best_trial, 3U);
  EXPECT_FALSE(pause_study(place()));
  EXPECT_FALSE(stop_study(place()));
  EXPECT_FALSE(set_study(place(), {"max_trials=9"}));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "p" / "mailbox"));
  EXPECT_TRUE(contains(error_of(DODONA_E_IO, [&] { study_status(directory_.string()); }), "study"));
}

// By the mailbox, which a thread of the search reads.
TEST_F(StatusTest, IsToldThroughTheMailbox) {
  options_.study.parallel_trials = 2;
  Tuner tuner(options_);
  std::atomic<bool> asked = false;
  tuner.search([&](HyperParameters& hp) {
    const double loss = parabola(hp);
    if (asked.exchange(true)) return loss;
    const StudyStatus own = tuner.status();
    const StudyStatus told = study_status(place());
    EXPECT_EQ(told.owner, own.owner);
    EXPECT_EQ(told.parallel_trials, own.parallel_trials);
    EXPECT_EQ(told.runners.size(), own.runners.size());
    EXPECT_TRUE(set_study(place(), {"max_trials=8"}));
    EXPECT_EQ(tuner.status().max_trials, 8U);
    EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { set_study(place(), {"seed=8"}); }),
                         "\"seed\" cannot be set while a search runs"));
    return loss;
  });
  EXPECT_EQ(tuner.trials().size(), 8U);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "p" / "mailbox"));
}

TEST_F(StatusTest, HasAJsonThatReadsBack) {
  StudyStatus status;
  EXPECT_TRUE(contains(to_json(status), "\"owner\": null"));
  EXPECT_TRUE(contains(to_json(status), "\"max\": null"));
  status.runners.push_back({.name = "n", .state = RunnerState::kQueued});
  EXPECT_TRUE(contains(to_json(status), "\"queued\""));
}

// ---- orders --------------------------------------------------------------------------------------

TEST_F(StatusTest, PausesASearchFromACallback) {
  options_.study.parallel_trials = 2;
  std::vector<bool> paused;
  Tuner* running = nullptr;
  std::thread other;
  options_.on_progress = [&](const Progress& progress) {
    if (progress.kind == Progress::Kind::kChanged) {
      paused.push_back(progress.paused);
      EXPECT_EQ(progress.max_trials, 6U);
      if (!other.joinable()) other = std::thread([&] { running->pause(false); });
    } else if (progress.kind == Progress::Kind::kFinished && progress.trial == 2) {
      running->pause();
    }
  };
  Tuner tuner(options_);
  running = &tuner;
  EXPECT_EQ(tuner.search(parabola).end, End::kMaxTrials);
  other.join();
  ASSERT_FALSE(paused.empty());
  EXPECT_TRUE(paused.front());
  EXPECT_EQ(tuner.trials().size(), 6U);
}

TEST_F(StatusTest, PausesWhatBeginsLater) {
  Tuner tuner(options_);
  tuner.pause();
  EXPECT_FALSE(tuner.ask());
  tuner.pause(false);
  const AskedTrial trial = tuner.ask();
  ASSERT_TRUE(trial);
  tuner.pause();
  EXPECT_FALSE(tuner.ask());
  EXPECT_TRUE(tuner.status().paused);
  EXPECT_EQ(tuner.status().running, 1U);
  tuner.tell(trial, 0.5);
}

TEST_F(StatusTest, SetsLimitsThatTheStudyKeepsAndReplayAgrees) {
  {
    Tuner tuner(options_);
    bool was_set = false;
    tuner.search([&](HyperParameters& hp) {
      const bool now = tuner.status().finished() == 2 && !std::exchange(was_set, true);
      if (now) tuner.set({"parallel_trials=2", "max_trials=12"});
      return parabola(hp);
    });
    EXPECT_EQ(tuner.trials().size(), 12U);
    EXPECT_EQ(error_of(DODONA_E_STATE, [&] { tuner.set({"max_trials=13"}); }),
              "no search runs whose limits could be set; give them with its options");
  }
  EXPECT_EQ(configured(), 2U);
  const Study study = open(place());
  EXPECT_TRUE(contains(study.document(), "\"max_trials\": 12"));
  EXPECT_EQ(study.replay(options_.plugins).verified + study.replay(options_.plugins).passed_over,
            12U);
  EXPECT_FALSE(study.replay(options_.plugins).difference);
  // The oracle of the next search is told of the limits in force, so a document says so.
  options_.study.max_trials = 12;
  options_.study.parallel_trials = 2;
  Tuner(options_).search(parabola);
  EXPECT_EQ(configured(), 3U);
  Tuner(options_).search(parabola);
  EXPECT_EQ(configured(), 3U);
}

TEST_F(StatusTest, RefusesLimitsAsAStudyFileDoes) {
  options_.study.lag = 2;
  options_.study.max_trials = 1;
  Tuner tuner(options_);
  const auto refusal = [&](const std::string& set) {
    return error_of(DODONA_E_INVALID, [&] { tuner.set({"max_trials=7", set}); });
  };
  tuner.search([&](HyperParameters& hp) {
    EXPECT_TRUE(contains(refusal("parallel_trials=0"), "parallel_trials"))
        << refusal("parallel_trials=0");
    EXPECT_TRUE(contains(refusal("max_seconds=-1"), "max_seconds"));
    EXPECT_TRUE(contains(refusal("max_trial=1"), "did you mean")) << refusal("max_trial=1");
    EXPECT_EQ(
        refusal("parallel_trials=3"),
        "parallel_trials: 3 is above schedule.lag, 2, and no more trials than that can run at a "
        "time");
    return parabola(hp);
  });
  EXPECT_EQ(tuner.trials().size(), 1U) << "nothing of a refused order counts";
}

TEST_F(StatusTest, SetsLimitsOfTrialsThatAreAskedFor) {
  options_.study.max_trials = 1;
  Tuner tuner(options_);
  tuner.tell(tuner.ask(), 0.5);
  EXPECT_FALSE(tuner.ask());
  tuner.set({"max_trials=2"});
  const AskedTrial trial = tuner.ask();
  ASSERT_TRUE(trial);
  tuner.tell(trial, 0.5);
}

}  // namespace
}  // namespace dodona
