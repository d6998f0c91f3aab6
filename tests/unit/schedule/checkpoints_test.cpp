// SPDX-License-Identifier: Apache-2.0
#include "schedule/checkpoints.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

namespace dodona::schedule {
namespace {

using study::TrialState;

class CheckpointsTest : public testing::Test {
 protected:
  // A best checkpoint of a trial, as an execution leaves it.
  void save(std::uint64_t trial) {
    std::filesystem::create_directories(
        best_checkpoint(trial_directory(directory_.string(), trial)));
  }
  bool kept(std::uint64_t trial) const {
    return std::filesystem::exists(best_checkpoint(trial_directory(directory_.string(), trial)));
  }

  support::TemporaryDirectory directory_;
};

TEST_F(CheckpointsTest, PrefersTheEarlierOfEquals) {
  Checkpoints checkpoints(directory_.string(), 1);
  for (const std::uint64_t trial : {0u, 1u}) {
    save(trial);
    checkpoints.ended(trial, TrialState::kCompleted, 2.0);
  }
  EXPECT_TRUE(kept(0));
  EXPECT_FALSE(kept(1));
}

TEST_F(CheckpointsTest, CountsATrialThatWasStoppedButNoneWithoutAScore) {
  Checkpoints checkpoints(directory_.string(), 2);
  save(0);
  checkpoints.ended(0, TrialState::kStopped, 2.0);
  save(1);
  checkpoints.ended(1, TrialState::kInvalid, std::nan(""));
  EXPECT_TRUE(kept(0));
  EXPECT_FALSE(kept(1));
}

// Three trials, of which the second has not ended, and fewer to be kept than before.
TEST_F(CheckpointsTest, DropsAtTheBeginningWhatIsNotToBeKept) {
  study::State state;
  const auto apply = [&](std::uint64_t trial, study::Body body) {
    study::Event event;
    event.sequence = state.events();
    event.trial = trial;
    event.body = std::move(body);
    state.apply(event);
  };
  apply(study::kNoTrial, study::Created{1, "0"});
  for (const std::uint64_t trial : {0u, 1u, 2u}) {
    save(trial);
    apply(trial, study::Proposed{});
    apply(trial, study::Started{0, 0});
    study::Finished finished;
    finished.state = TrialState::kCompleted;
    finished.objective = 3.0 - static_cast<double>(trial);
    if (trial != 1) apply(trial, finished);
  }
  std::filesystem::create_directories(directory_ / "trials/notes");
  Checkpoints checkpoints(directory_.string(), 1);
  checkpoints.begin(state);
  EXPECT_FALSE(kept(0));
  EXPECT_TRUE(kept(1));
  EXPECT_TRUE(kept(2));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "trials/notes"));
  save(3);
  checkpoints.ended(3, TrialState::kCompleted, 0.5);
  EXPECT_FALSE(kept(2));
  EXPECT_TRUE(kept(3));
}

}  // namespace
}  // namespace dodona::schedule
