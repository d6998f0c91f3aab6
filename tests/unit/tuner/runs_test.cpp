// SPDX-License-Identifier: Apache-2.0
#include "tuner/runs.hpp"

#include "store/memory_store.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace dodona::tuner {
namespace {

// A log and its state, event by event.
class RunsTest : public testing::Test {
 protected:
  RunsTest() {
    add(study::kNoTrial, 10, study::Created{.seed = 7, .version = "1.2", .id = {0xab}});
    add(study::kNoTrial, 20,
        study::Configured{.document = "{}",
                          .plugins = {{"dodona.oracle/1", "org.dodona.random", "0.1", "c0de"}}});
    add(0, 30, study::Proposed{});
  }

  void add(std::uint64_t trial, std::int64_t time, study::Body body) {
    study::Event event{study::kNoSequence, trial, time, std::move(body)};
    log_->append(event);
    state_.apply(event);
  }

  std::unique_ptr<study::Store> log_ = store::memory_store();
  study::State state_;
};

TEST_F(RunsTest, AreOneForEachStart) {
  add(0, 40, study::Started{.runner = "node1"});
  add(0, 60, study::Lost{.why = "its node is gone"});
  add(0, 70, study::Started{.start_step = 0});
  add(0, 71, study::Noted{.key = study::kDevicesNote, .value = "cuda:0, cuda:1"});
  add(0, 90, study::Finished{});
  add(0, 95, study::Noted{.key = "later", .value = ""});
  const std::vector<TrialRun> runs = runs_of(*log_, state_);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].runner, "node1");
  EXPECT_EQ(runs[0].started_unix_nanos, 40);
  EXPECT_EQ(runs[0].ended_unix_nanos, 60);
  EXPECT_EQ(runs[0].lost, "its node is gone");
  EXPECT_EQ(runs[1].started_unix_nanos, 70);
  EXPECT_EQ(runs[1].ended_unix_nanos, 90);
  EXPECT_EQ(runs[1].lost, "");
  EXPECT_EQ(runs[0].devices, "");
  EXPECT_EQ(runs[1].devices, "cuda:0, cuda:1");
}

TEST_F(RunsTest, OriginHasTheLastNoteOfAKey) {
  add(study::kNoTrial, 40, study::Noted{.key = "why", .value = "first"});
  add(study::kNoTrial, 50, study::Noted{.key = "why", .value = "second"});
  const StudyOrigin origin = origin_of(*log_, state_);
  EXPECT_EQ(origin.id, "ab" + std::string(30, '0'));
  EXPECT_EQ(origin.version, "1.2");
  EXPECT_EQ(origin.created_unix_nanos, 10);
  ASSERT_EQ(origin.plugins.size(), 1u);
  EXPECT_EQ(origin.plugins[0].role, "oracle");
  EXPECT_EQ(origin.plugins[0].build_id, "c0de");
  ASSERT_EQ(origin.notes.size(), 1u);
  EXPECT_EQ(origin.notes[0].second, "second");
}

}  // namespace
}  // namespace dodona::tuner
