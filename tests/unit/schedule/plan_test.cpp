// SPDX-License-Identifier: Apache-2.0
//
// The part of a plan that may change, in a search that runs.
#include "schedule/plan.hpp"

#include "unit/schedule/scheduler_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

// Counts the trials that are inside at the same time.
class Inside {
 public:
  explicit Inside(std::atomic<int>& count) : count_(count), now_(++count) {}
  ~Inside() { --count_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  int now() const { return now_; }

 private:
  std::atomic<int>& count_;
  const int now_;
};

class ChangedTest : public SchedulerTest {
 protected:
  void set_parallel(std::uint32_t trials) {
    Limits limits = running_->limits();
    limits.parallel_trials = trials;
    running_->set(limits);
  }
  void noticed(const Notice& notice) override {
    if (notice.kind != Notice::Kind::kChanged) return;
    ++changes_;
    changes_.notify_all();
  }
  std::atomic<int> changes_ = 0;
};

TEST_F(ChangedTest, AddsWorkersAtOnceAndLetsSurplusOnesLeaveAfterTheirTrial) {
  plan_.max_trials = 12;
  std::barrier meet(3);
  std::atomic<int> alone = 0;
  const End end = run([&](study::Run& run) {
    if (run.trial == 0 || run.trial == 8) set_parallel(3);
    if (run.trial == 2) set_parallel(1);
    const bool three = run.trial <= 2 || run.trial >= 9;
    if (three) {
      meet.arrive_and_wait();  // the first one of each three still runs
    } else {
      const Inside inside(alone);
      EXPECT_EQ(inside.now(), 1) << run.trial;
    }
    return quadratic(run);
  });
  EXPECT_EQ(end, End::kMaxTrials);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 12U);
  EXPECT_GE(changes_, 1);
}

// It was once taken for one that is there, and never came back.
TEST_F(ChangedTest, BringsAWorkerBackThatIsWantedAgainWhileItLeaves) {
  struct Model : support::FakeModel {
    using support::FakeModel::FakeModel;
    struct Leaving : study::Seat {
      Leaving(Model& whose, std::uint32_t number) : model(whose), worker(number) {}
      ~Leaving() override {
        if (worker == 1 && model.leaves) std::exchange(model.leaves, nullptr)();
      }
      bool ready(const std::function<bool()>&) override { return true; }
      bool is_ready() override { return true; }
      bool execute(study::Run& run) override { return model.execute(run); }
      std::string runner() const override { return {}; }
      Model& model;
      const std::uint32_t worker;
    };
    std::unique_ptr<study::Seat> seat(std::uint32_t worker) override {
      return std::make_unique<Leaving>(*this, worker);
    }
    std::function<void()> leaves;
  };
  plan_.parallel_trials = 2;
  plan_.max_trials = 6;
  std::barrier meet(2);
  Model model([&](study::Run& run) {
    if (run.trial == 1) set_parallel(1);
    meet.arrive_and_wait();
    return quadratic(run);
  });
  model.leaves = [&] {
    changes_.wait(0);  // until the search has followed
    set_parallel(2);
    changes_.wait(1);
  };
  Scheduler scheduler(plan_, journal_, space_, oracle_, {}, model,
                      [this](const Notice& notice) { noticed(notice); });
  running_ = &scheduler;
  EXPECT_EQ(scheduler.run(), End::kMaxTrials);
}

TEST_F(ChangedTest, HasNoMoreWorkersThanTheLag) {
  plan_.slots_in_turns = 2;
  plan_.max_trials = 40;
  std::atomic<int> count = 0;
  run([&](study::Run& run) {
    const Inside inside(count);
    EXPECT_LE(inside.now(), 2);
    set_parallel(1 + static_cast<std::uint32_t>(run.trial % 4));
    return quadratic(run);
  });
  EXPECT_EQ(state_.count(TrialState::kCompleted), 40U);
}

TEST_F(ChangedTest, DealsDevicesOutAnewOnceTheyAreFree) {
  plan_.max_trials = 30;
  plan_.devices = {"a", "b", "c"};
  std::mutex mutex;
  std::map<std::string, int> held;
  std::set<std::size_t> counts;
  run([&](study::Run& run) {
    {
      const std::lock_guard lock(mutex);
      counts.insert(run.devices.size());
      for (const std::string& device : run.devices) EXPECT_EQ(++held[device], 1) << device;
    }
    set_parallel(1 + static_cast<std::uint32_t>(run.trial % 3));
    {
      const std::lock_guard lock(mutex);
      for (const std::string& device : run.devices) --held[device];
    }
    return quadratic(run);
  });
  EXPECT_EQ(state_.count(TrialState::kCompleted), 30U);
  EXPECT_TRUE(counts.contains(3)) << "of the first trial";
  EXPECT_FALSE(counts.contains(0));
}

TEST_F(ChangedTest, TellsTrialsThatBeginHowManyThreadsTheyHave) {
  plan_.threads_per_trial = 4;
  plan_.max_trials = 2;
  std::vector<std::uint32_t> threads;
  run([&](study::Run& run) {
    threads.push_back(run.threads);
    Limits limits = running_->limits();
    limits.threads_per_trial = 2;
    running_->set(limits);
    return quadratic(run);
  });
  EXPECT_EQ(threads, (std::vector<std::uint32_t>{4, 2}));
}

TEST_F(ChangedTest, EndsByTheLimitsOfTheMoment) {
  const auto run_setting = [&](std::uint64_t at, std::uint64_t max_trials) {
    run([&](study::Run& run) {
      if (run.trial == at) running_->set({max_trials, 0, 1, 1});
      return quadratic(run);
    });
    return state_.trials().size();
  };
  EXPECT_EQ(run_setting(1, 2), 2U) << "fewer";
  EXPECT_EQ(run_setting(3, 6), 6U) << "more, in the last one";
  plan_.max_trials = 7;
  const End end = run([&](study::Run& run) {
    running_->set({7, 1e-9, 1, 1});
    const NamedMetric loss{"loss", ask(run, "x")};
    for (std::uint64_t step = 1; run.report(step, {&loss, 1}) == study::Verdict::kContinue;
         ++step) {
    }
    return false;
  });
  EXPECT_EQ(end, End::kMaxSeconds);
}

TEST_F(ChangedTest, ReachesMoreTrialsWhileTheLastOnesRun) {
  plan_.parallel_trials = 2;
  plan_.max_trials = 2;
  run([&](study::Run& run) {
    if (run.trial == 0) {
      while (journal_.with_state([](const study::State& state) { return state.finished(); }) < 1) {
        std::this_thread::yield();
      }
      running_->set({5, 0, 2, 1});
    }
    return quadratic(run);
  });
  EXPECT_EQ(state_.count(TrialState::kCompleted), 5U);
}

TEST_F(ChangedTest, GoesOnAfterAPause) {
  plan_.parallel_trials = 2;
  plan_.max_trials = 6;
  std::thread other;
  const End end = run([&](study::Run& run) {
    if (run.trial == 2) {
      running_->pause(true);
      EXPECT_TRUE(running_->paused());
      other = std::thread([&] { running_->pause(false); });
    }
    return quadratic(run);
  });
  other.join();
  EXPECT_EQ(end, End::kMaxTrials);
  EXPECT_EQ(state_.count(TrialState::kCompleted), 6U);
}

TEST_F(ChangedTest, StopsWhileItIsPaused) {
  plan_.parallel_trials = 2;
  run([&](study::Run& run) {
    running_->pause(true);
    running_->stop();
    return !run.cancelled();
  });
  EXPECT_EQ(state_.finished(), 0U);
}

TEST_F(ChangedTest, ShowsWhatItsWorkersDo) {
  plan_.max_trials = 2;
  std::vector<RunnerView> views;
  run([&](study::Run& run) {
    clock_.advance(5'000'000'000);
    const Scheduler::Runners runners = running_->runners();
    EXPECT_EQ(runners.here.size(), 1U);
    views.push_back(runners.here.at(0));
    return quadratic(run);
  });
  ASSERT_EQ(views.size(), 2U);
  EXPECT_EQ(views[1].state, RunnerView::State::kBusy);
  EXPECT_EQ(views[1].trial, 1U);
  EXPECT_DOUBLE_EQ(views[1].seconds, 5.0);
  EXPECT_DOUBLE_EQ(views[0].busy, 5.0);
  EXPECT_DOUBLE_EQ(views[1].busy, 10.0);
  EXPECT_DOUBLE_EQ(views[1].here, 10.0);
}

}  // namespace
}  // namespace dodona::schedule
