// SPDX-License-Identifier: Apache-2.0
#include "schedule/held_trial.hpp"

#include "store/memory_store.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

// A store in memory whose disk refuses one event.
class FullStore : public study::Store {
 public:
  std::uint64_t append(study::Event& event) override {
    if (std::exchange(full, false)) throw Error(DODONA_E_IO, "the disk is full");
    return store_->append(event);
  }
  void wait_durable(std::uint64_t end) override { store_->wait_durable(end); }
  std::uint64_t size() const override { return store_->size(); }
  void read(std::uint64_t first, const std::function<bool(const study::Event&)>& visit) override {
    store_->read(first, visit);
  }
  bool wait_readable(std::uint64_t first, std::chrono::milliseconds time) override {
    return store_->wait_readable(first, time);
  }
  void interrupt() override { store_->interrupt(); }
  std::uint64_t cursor(std::string_view sink) override { return store_->cursor(sink); }
  void set_cursor(std::string_view sink, std::uint64_t next) override {
    store_->set_cursor(sink, next);
  }
  std::vector<std::string> sinks() override { return store_->sinks(); }
  study::Names& names() override { return store_->names(); }

  bool full = false;

 private:
  std::unique_ptr<study::Store> store_ = store::memory_store();
};

// Trial 0 was proposed from a space of nothing, met x, and is completed with the score 1.
class HeldTrialTest : public ::testing::Test {
 protected:
  HeldTrialTest() {
    journal_.append(0, study::Proposed{});
    journal_.append(0, study::Started{});
    const Param x = support::real("x", 0, 1);
    trial_.space().add({{x, x}}, [](const space::Growth&) {});
    study::Finished result;
    result.state = study::TrialState::kCompleted;
    result.objectives = 1.0;
    trial_.end(std::move(result));
  }

  // The study meets x of other bounds first.
  void contradict() {
    const Param x = support::real("x", 0, 2);
    space_.add({{x, x}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  }

  support::FakeClock clock_;
  FullStore store_;
  study::State state_;
  Journal journal_{store_, state_, clock_};
  space::SearchSpace space_;
  HeldTrial trial_{space::Overrides(), {}, 0};
};

TEST_F(HeldTrialTest, JoinsWithWhatItMet) {
  EXPECT_EQ(trial_.join(0, space_, journal_), 1.0);
  EXPECT_EQ(state_.params().size(), 1U);
  EXPECT_EQ(state_.trials()[0].state, study::TrialState::kCompleted);
}

TEST_F(HeldTrialTest, JoinsWithWhatItRequired) {
  HeldTrial trial(space::Overrides(), {}, 0);
  EXPECT_FALSE(trial.grew());
  trial.space().require("x > 0.5", [](const space::Growth&) {});
  EXPECT_TRUE(trial.grew());
  study::Finished result;
  result.state = study::TrialState::kCompleted;
  trial.end(std::move(result));
  trial.join(0, space_, journal_);
  EXPECT_EQ(state_.constraints(), (std::vector<std::string>{"x > 0.5"}));
  EXPECT_EQ(state_.constraints_before(0), 0U);
  EXPECT_EQ(state_.constraints_before(1), 1U);
  EXPECT_EQ(space_.snapshot()->space.constraint_count(), 1U);
}

TEST_F(HeldTrialTest, FailsWhereItContradictsAnEarlierTrial) {
  contradict();
  trial_.join(0, space_, journal_);
  EXPECT_EQ(state_.trials()[0].state, study::TrialState::kFailed);
  EXPECT_TRUE(support::contains(state_.trials()[0].message, "two definitions"))
      << state_.trials()[0].message;
}

TEST_F(HeldTrialTest, IsNotBlamedForTheDisk) {
  store_.full = true;
  EXPECT_EQ(support::error_of(DODONA_E_IO, [&] { trial_.join(0, space_, journal_); }),
            "the disk is full");
  EXPECT_EQ(state_.trials()[0].state, study::TrialState::kRunning);
  EXPECT_EQ(state_.events(), 2U);
}

}  // namespace
}  // namespace dodona::schedule
