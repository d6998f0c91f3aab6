// SPDX-License-Identifier: Apache-2.0
#include "schedule/journal.hpp"

#include "store/memory_store.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

class JournalTest : public ::testing::Test {
 protected:
  std::vector<study::Event> log() {
    std::vector<study::Event> events;
    store_->read(0, [&](const study::Event& event) {
      events.push_back(event);
      return true;
    });
    return events;
  }

  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
};

TEST_F(JournalTest, PutsAnEventIntoTheStoreAndTheState) {
  clock_.advance(5);
  EXPECT_EQ(journal_.append(study::kNoTrial, study::Created{9, "0"}), 1U);
  EXPECT_EQ(journal_.append(0, study::Proposed{}), 2U);
  journal_.wait_durable(2);
  const std::vector<study::Event> events = log();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].trial, study::kNoTrial);
  EXPECT_EQ(events[0].unix_nanos, support::FakeClock::kStartUnixNanos + 5);
  EXPECT_EQ(events[1].trial, 0U);
  const auto view = journal_.with_state(
      [](const study::State& state) { return std::pair(*state.seed(), state.trials().size()); });
  EXPECT_EQ(view, (std::pair<std::uint64_t, std::size_t>(9, 1)));
}

// Two threads that told the same trial once wrote a log that could not be opened again.
TEST_F(JournalTest, RefusesWhatCannotFollowBeforeItIsInTheLog) {
  journal_.append(0, study::Proposed{});
  journal_.append(0, study::Started{});
  Journal::Tap tap;
  journal_.open(tap);
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      try {
        journal_.append(0, study::Finished{});
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), DODONA_E_STATE);
        ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(tap.size(), 1U);
  journal_.close(tap);
  study::State again;
  for (const study::Event& event : log()) again.apply(event);
  EXPECT_EQ(again.events(), 3U);
}

TEST_F(JournalTest, CopiesWhatALogOnceTook) {
  journal_.append(0, study::Proposed{});
  journal_.append(0, study::Finished{});
  study::Event late;
  late.trial = 0;
  late.unix_nanos = 77;
  late.body = study::Reported{};  // 0.1 logged reports of trials that had ended
  EXPECT_THROW(journal_.append(0, late.body), Error);
  EXPECT_EQ(journal_.copy(late), 3U);
  EXPECT_EQ(log()[2].unix_nanos, 77);
}

TEST_F(JournalTest, RefusesADamagedEventBeforeItIsInTheLog) {
  journal_.append(0, study::Proposed{});
  journal_.append(0, study::Finished{});
  study::Event second;
  second.trial = 0;
  second.body = study::Finished{};
  EXPECT_EQ(support::error_of(DODONA_E_IO, [&] { journal_.copy(second); }),
            "the log is damaged at event 2: trial 0 has ended");
  EXPECT_EQ(log().size(), 2U);
}

TEST_F(JournalTest, GivesEachOpenTapEveryEventOnce) {
  Journal::Tap first;
  Journal::Tap second;
  std::vector<study::Event> events(3);
  journal_.append(study::kNoTrial, study::Created{});  // before any tap
  EXPECT_EQ(journal_.backlog(), 0U);
  journal_.open(first);
  EXPECT_EQ(journal_.take(first, events), 1U);
  EXPECT_TRUE(events.empty());
  journal_.append(study::kNoTrial, study::Noted{"key", "one"});
  journal_.open(second);
  journal_.append(study::kNoTrial, study::Noted{"key", "two"});
  EXPECT_EQ(journal_.backlog(), 2U);

  EXPECT_EQ(journal_.take(first, events), 3U);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].sequence, 1U);
  EXPECT_EQ(std::get<study::Noted>(events[0].body).value, "one");
  EXPECT_EQ(std::get<study::Noted>(events[1].body).value, "two");
  EXPECT_EQ(journal_.backlog(), 1U);
  EXPECT_EQ(journal_.take(second, events), 3U);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].sequence, 2U);
  EXPECT_EQ(std::get<study::Noted>(events[0].body).value, "two");

  journal_.close(first);
  journal_.append(study::kNoTrial, study::Noted{"key", "three"});
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.size(), 1U);
  journal_.close(second);
}

TEST_F(JournalTest, GivesOneOrderToAllWriters) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  Journal::Tap tap;
  journal_.open(tap);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      for (int k = 0; k < kEach; ++k) {
        journal_.append(study::kNoTrial, study::Noted{std::to_string(i), std::to_string(k)});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<study::Event> tapped;
  EXPECT_EQ(journal_.take(tap, tapped), std::uint64_t{kThreads * kEach});
  // A tap gets events in the order of the log.
  const std::vector<study::Event> events = log();
  ASSERT_EQ(events.size(), tapped.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(tapped[i].sequence, i);
    EXPECT_EQ(std::get<study::Noted>(tapped[i].body).key,
              std::get<study::Noted>(events[i].body).key);
  }
}

}  // namespace
}  // namespace dodona::schedule
