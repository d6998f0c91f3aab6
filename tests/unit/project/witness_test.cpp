// SPDX-License-Identifier: Apache-2.0
#include "project/witness.hpp"

#include "plugin/running_call.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dodona::project {
namespace {

using plugin::CallScope;
using plugin::lasting_name;

class WitnessTest : public ::testing::Test {
 protected:
  std::optional<Witness> left(const char* how = "SIGSEGV") const {
    leave_witness(directory_.string().c_str(), how);
    return read_witness(directory_.string());
  }
  support::TemporaryDirectory directory_;
};

// A thread that runs a trial, for as long as it lives.
class Running {
 public:
  explicit Running(std::uint64_t trial)
      : thread_([this, trial] {
          const CallScope scope({lasting_name("hypermodel \"toy\""), trial, true});
          std::unique_lock lock(mutex_);
          runs_ = true;
          changed_.notify_all();
          changed_.wait(lock, [this] { return !runs_; });
        }) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return runs_; });
  }
  ~Running() {
    {
      const std::lock_guard lock(mutex_);
      runs_ = false;
      changed_.notify_all();
    }
    thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool runs_ = false;
  std::thread thread_;
};

TEST_F(WitnessTest, NamesTheTrialWhoseHypermodelItWas) {
  const Running neighbour(4);
  const CallScope scope({lasting_name("hypermodel \"toy\""), 5, true});
  const auto witness = left();
  ASSERT_TRUE(witness.has_value());
  EXPECT_EQ(witness->trial, 5U);
  EXPECT_TRUE(witness->ran.empty());
  EXPECT_FALSE(witness->id.empty());
  EXPECT_EQ(witness->text(), "SIGSEGV in hypermodel \"toy\" while trial 5 ran");
}

TEST_F(WitnessTest, BlamesNoTrialForAnotherPlugin) {
  const CallScope model({lasting_name("hypermodel \"toy\""), 5, true});
  const CallScope judge({lasting_name("oracle \"median\""), 5});
  const auto witness = left();
  ASSERT_TRUE(witness.has_value());
  EXPECT_EQ(witness->trial, std::nullopt);
  EXPECT_TRUE(witness->ran.empty());
  EXPECT_EQ(witness->text(), "SIGSEGV in oracle \"median\"");
}

TEST_F(WitnessTest, OnAThreadOfNobodyNamesTheOnlyTrialThatRan) {
  const Running only(5);
  EXPECT_EQ(left()->trial, 5U);
  EXPECT_EQ(left()->text(), "SIGSEGV while trial 5 ran");
}

TEST_F(WitnessTest, OnAThreadOfNobodyNamesAllThatRan) {
  const Running first(3);
  const Running second(5);
  const auto witness = left("a call of exit");
  ASSERT_TRUE(witness.has_value());
  EXPECT_EQ(witness->trial, std::nullopt);
  EXPECT_EQ(witness->ran, (std::vector<std::uint64_t>{3, 5}));
  EXPECT_EQ(witness->text(), "a call of exit while trials 3, 5 ran");
}

TEST_F(WitnessTest, IsNothingWhereThereIsNoneOrItIsNotWhole) {
  EXPECT_EQ(read_witness(directory_.string()), std::nullopt);
  const Running only(5);
  ASSERT_TRUE(left().has_value());
  std::string whole;
  {
    std::ifstream file(directory_ / "study.crash");
    whole.assign(std::istreambuf_iterator<char>(file), {});
  }
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    std::ofstream(directory_ / "study.crash") << whole.substr(0, size);
    EXPECT_EQ(read_witness(directory_.string()), std::nullopt) << size;
  }
  remove_witness(directory_.string());
  EXPECT_TRUE(directory_.empty());
}

}  // namespace
}  // namespace dodona::project
