// SPDX-License-Identifier: Apache-2.0
#include "schedule/observer.hpp"

#include "store/memory_store.hpp"
#include "support/digest_oracle.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace dodona::schedule {
namespace {

using support::error_of;

class ObserverTest : public ::testing::Test {
 protected:
  void grow(std::uint64_t trial, const char* name) {
    const Param param = support::real(name, 0, 1);
    space_.add({{param, param}},
               [&](const space::Growth& growth) { journal_.append(trial, growth); });
  }
  void propose(std::uint64_t trial) { journal_.append(trial, study::Proposed{}); }
  void end(std::uint64_t trial) { journal_.append(trial, study::Finished{}); }
  void enqueue(std::uint32_t param) {
    journal_.append(study::kNoTrial, study::Enqueued{{{param, Cell::real(0.5)}}});
  }
  std::vector<std::uint64_t> seen() const {
    std::vector<std::uint64_t> sequences;
    for (const study::Event& event : oracle_.seen) sequences.push_back(event.sequence);
    return sequences;
  }

  using Sequences = std::vector<std::uint64_t>;
  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  support::FakeOracle oracle_;
};

// Fails once, after it had a look at what it was given.
struct Fragile : support::FakeOracle {
  void observe(std::span<const study::Event> events) override {
    FakeOracle::observe(events);
    if (std::exchange(fails, false)) throw Error(DODONA_E_PLUGIN, "dizzy");
  }
  void set_space(const Space& space) override {
    if (std::exchange(fails_to_see, false)) throw Error(DODONA_E_PLUGIN, "blind");
    FakeOracle::set_space(space);
    sizes.push_back(space.size());
  }
  bool fails = false;
  bool fails_to_see = false;
  std::vector<std::size_t> sizes;
};

TEST_F(ObserverTest, GivesNoEventTwiceThoughTheRoleThrew) {
  for (const auto order : {Observer::Order::kLog, Observer::Order::kTurns}) {
    Fragile fragile;
    Observer observer(fragile, journal_, space_, order);
    const std::uint64_t first = state_.events();
    const auto observe = [&] {
      order == Observer::Order::kLog ? (void)observer.observe() : observer.observe_turns(0);
    };
    journal_.append(study::kNoTrial, study::Noted{"a", "b"});
    fragile.fails = true;
    EXPECT_EQ(error_of(DODONA_E_PLUGIN, observe), "dizzy");
    journal_.append(study::kNoTrial, study::Noted{"c", "d"});
    observe();
    ASSERT_EQ(fragile.seen.size(), 2U);
    EXPECT_EQ(fragile.seen[0].sequence, first);
    EXPECT_EQ(fragile.seen[1].sequence, first + 1);
  }
}

TEST_F(ObserverTest, ShowsASpaceAgainThatTheRoleDidNotTake) {
  Fragile fragile;
  Observer observer(fragile, journal_, space_, Observer::Order::kLog);
  grow(study::kNoTrial, "x");
  fragile.fails_to_see = true;
  EXPECT_EQ(error_of(DODONA_E_PLUGIN, [&] { observer.observe(); }), "blind");
  observer.observe();
  EXPECT_EQ(fragile.sizes, (std::vector<std::size_t>{1}));
}

// Values of a hyperparameter that trial 0 met were once shown before that hyperparameter was.
TEST_F(ObserverTest, WithTurnsGivesWhatWasEnqueuedAfterOlderEvents) {
  for (const auto order : {Observer::Order::kTurns, Observer::Order::kAllTurns}) {
    Observer observer(oracle_, journal_, space_, order);
    oracle_.seen.clear();
    const std::uint64_t trial = state_.trials().size();
    const std::uint64_t first = state_.events();
    propose(trial);
    grow(trial, trial == 0 ? "x" : "y");
    end(trial);
    enqueue(static_cast<std::uint32_t>(trial));
    observer.observe_turns(trial);
    for (const std::uint64_t each : seen()) EXPECT_LE(each, first) << "only the proposal may come";
    observer.observe_turns(trial + 1);
    EXPECT_EQ(seen(), (Sequences{first, first + 1, first + 2, first + 3}));
    enqueue(0);
    observer.observe_turns(trial + 1);
    EXPECT_EQ(seen().back(), first + 4) << "nothing is older that has not come";
  }
}

TEST_F(ObserverTest, GivesTheSameWhenTheStudyGoesOn) {
  Observer live(oracle_, journal_, space_, Observer::Order::kAllTurns);
  grow(study::kNoTrial, "x");
  propose(0);
  enqueue(0);
  propose(1);
  end(1);
  enqueue(0);
  live.observe_turns(0);
  end(0);
  live.observe_turns(1);
  live.observe_turns(2);
  support::FakeOracle later;
  Observer again(later, journal_, space_, Observer::Order::kAllTurns);
  again.catch_up();
  again.observe_turns(2);
  ASSERT_EQ(later.seen.size(), oracle_.seen.size());
  for (std::size_t i = 0; i < later.seen.size(); ++i) {
    EXPECT_EQ(later.seen[i].sequence, oracle_.seen[i].sequence) << i;
  }
}

TEST_F(ObserverTest, ShowsConstraintsInTheirTurn) {
  struct Watching : support::FakeOracle {
    void set_space(const Space& space) override { constraints.push_back(space.constraint_count()); }
    std::vector<std::size_t> constraints;
  };
  Watching watching;
  Observer observer(watching, journal_, space_, Observer::Order::kTurns);
  grow(study::kNoTrial, "x");
  propose(0);
  propose(1);
  for (const std::uint64_t trial : {0U, 1U}) {
    space_.require(trial == 0 ? "x > 0.25" : "x < 0.75",
                   [&](const space::Growth& growth) { journal_.append(trial, growth); });
    end(trial);
  }
  for (const std::uint64_t turns : {0U, 1U, 2U}) observer.observe_turns(turns);
  EXPECT_EQ(watching.constraints, (std::vector<std::size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace dodona::schedule
