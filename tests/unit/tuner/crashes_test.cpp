// SPDX-License-Identifier: Apache-2.0
#include "tuner/crashes.hpp"

#include "project/witness.hpp"
#include "store/memory_store.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"
#include "tuner/services.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace dodona::tuner {
namespace {

using study::TrialState;

// A study of which trial 0 has ended and 1 to 3 have not.
class CrashesTest : public ::testing::Test {
 protected:
  CrashesTest() {
    for (std::uint64_t trial = 0; trial < 4; ++trial) {
      journal_.append(trial, study::Proposed{});
      journal_.append(trial, study::Started{});
    }
    journal_.append(0, study::Finished{});
  }

  void left(const std::string& id, const std::string& lines) const {
    std::ofstream(directory_ / "study.crash") << "dodona-crash 1\nid " << id << "\nhow SIGSEGV\n"
                                              << lines << "end\n";
  }
  std::vector<std::uint64_t> take() {
    said_.clear();
    return take_witness(directory_.string(), journal_, services_);
  }
  const study::TrialRecord& trial(std::size_t id) const { return state_.trials()[id]; }

  support::TemporaryDirectory directory_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  support::FakeClock clock_;
  schedule::Journal journal_{*store_, state_, clock_};
  std::string said_;
  KernelServices services_{[this](std::int32_t, const std::string& message) { said_ += message; }};
};

constexpr const char* kInTrial2 = "plugin hypermodel \"toy\"\ntrial 2\n";

TEST_F(CrashesTest, OfOneTrialFailItAtTheSecond) {
  left("a", kInTrial2);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(trial(2).state, TrialState::kRunning);
  EXPECT_NE(said_.find("the process before this one ended by SIGSEGV in hypermodel \"toy\" while "
                       "trial 2 ran; it runs again, and fails if that happens once more"),
            std::string::npos)
      << said_;
  EXPECT_TRUE(directory_.empty());
  left("b", kInTrial2);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(trial(2).state, TrialState::kFailed);
  EXPECT_EQ(trial(2).message,
            "the process crashed twice while it ran: SIGSEGV in hypermodel \"toy\"");
  EXPECT_EQ(trial(1).state, TrialState::kRunning);
  EXPECT_TRUE(trial(1).notes.empty());
  std::vector<study::Outcome> outcomes;
  store_->read(0, [&](const study::Event& event) {
    const auto* finished = std::get_if<study::Finished>(&event.body);
    if (finished != nullptr && event.trial == 2) outcomes.push_back(finished->outcome);
    return true;
  });
  EXPECT_EQ(outcomes, std::vector{study::Outcome::kCrash});
}

TEST_F(CrashesTest, AreCountedOnce) {
  left("a", kInTrial2);
  take();
  left("a", kInTrial2);  // the process that had counted it was killed before it removed the file
  take();
  EXPECT_EQ(trial(2).state, TrialState::kRunning);
}

TEST_F(CrashesTest, OfNoKnownTrialAreLookedForOneAtATime) {
  left("a", "ran 0\nran 1\nran 3\nran 9\n");
  EXPECT_EQ(take(), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_NE(said_.find("they run again one at a time"), std::string::npos) << said_;
  EXPECT_FALSE(directory_.empty());  // should the process be killed before they ran
  EXPECT_EQ(take().size(), 2U);
  EXPECT_TRUE(trial(1).notes.empty());
}

TEST_F(CrashesTest, BlameNobodyForAnotherPluginATrialThatEndedOrOneThatIsNotInTheLog) {
  for (const char* lines :
       {"plugin oracle \"tpe\"\n", "trial 0\n", "trial 4\n", "trial x\n", "ran 0\n"}) {
    left("a", lines);
    EXPECT_TRUE(take().empty()) << lines;
    EXPECT_NE(said_, "");
    EXPECT_TRUE(directory_.empty());
  }
  EXPECT_EQ(state_.events(), 9U);
  take();
  EXPECT_EQ(said_, "");
}

}  // namespace
}  // namespace dodona::tuner
