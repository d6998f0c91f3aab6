// SPDX-License-Identifier: Apache-2.0
#include "plugin/running_call.hpp"

#include "plugin/host_bridge.hpp"
#include "plugin/hypermodel.hpp"
#include "unit/plugin/fakes.hpp"

#include <dodona/hypermodel.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dodona::plugin {
namespace {

std::vector<std::uint64_t> trials() {
  std::array<std::uint64_t, 8> out{};
  std::vector<std::uint64_t> list(out.begin(), out.begin() + running_trials(out));
  std::sort(list.begin(), list.end());
  return list;
}

TEST(RunningCall, IsTheInnermostOfThisThread) {
  EXPECT_EQ(running_call().plugin, nullptr);
  {
    const CallScope model({lasting_name("hypermodel \"toy\""), 5, true});
    EXPECT_EQ(running_call().trial, 5U);
    EXPECT_TRUE(running_call().model);
    {
      const CallScope judge({lasting_name("oracle \"median\""), 5});
      EXPECT_STREQ(running_call().plugin, "oracle \"median\"");
      EXPECT_FALSE(running_call().model);
      EXPECT_EQ(trials(), std::vector<std::uint64_t>{5});
    }
    EXPECT_STREQ(running_call().plugin, "hypermodel \"toy\"");
  }
  EXPECT_EQ(running_call().plugin, nullptr);
  EXPECT_EQ(running_call().trial, study::kNoTrial);
  EXPECT_TRUE(trials().empty());
}

TEST(RunningCall, TellsOfTheTrialsOfOtherThreads) {
  const CallScope here({lasting_name("a"), 1, true});
  for (int round = 0; round < 2000; ++round) {  // more threads than there are records
    std::thread([&] {
      EXPECT_EQ(running_call().plugin, nullptr);
      const CallScope there({lasting_name("b"), 2, true});
      if (round % 100 == 0) {
        EXPECT_EQ(trials(), (std::vector<std::uint64_t>{1, 2}));
      }
    }).join();
  }
  EXPECT_EQ(trials(), std::vector<std::uint64_t>{1});
}

TEST(RunningCall, HasNamesForAsLongAsTheProcessLives) {
  const std::string text = "hypermodel \"toy\"";
  EXPECT_EQ(lasting_name(text), lasting_name(std::string(text)));
  EXPECT_NE(lasting_name(text), lasting_name("other"));
}

struct Asking {
  void run(Trial& trial) {
    during = running_call();
    EXPECT_EQ(trial.id(), during->trial);
  }
  std::optional<RunningCall> during;
};

TEST(RunningCall, KnowsTheTrialOfAHypermodel) {
  support::FakeServices services;
  support::FakeRun run;
  run.trial = 7;
  Asking asking;
  const auto model =
      make_hypermodel(&HyperModelAdapter<Asking>::kTable, &asking, "the model", services);
  model->execute(run);
  ASSERT_TRUE(asking.during.has_value());
  EXPECT_STREQ(asking.during->plugin, "the model");
  EXPECT_TRUE(asking.during->model);
  EXPECT_EQ(running_call().plugin, nullptr);
}

// Runs the loop's body on a thread of its own.
class OtherThread : public support::FakeServices {
 public:
  void parallel_for(std::uint64_t count, std::uint64_t,
                    const std::function<void(std::uint64_t, std::uint64_t)>& body) override {
    std::thread([&] { body(0, count); }).join();
  }
};

TEST(RunningCall, GoesWithALoopToOtherThreads) {
  OtherThread services;
  const HostBridge host(services, "source");
  const CallScope scope({lasting_name("a"), 3, true});
  RunningCall during;
  host.get()->parallel_for(
      host.get(), 1, 1,
      [](void* out, std::uint64_t, std::uint64_t) noexcept -> dodona_status {
        *static_cast<RunningCall*>(out) = running_call();
        return DODONA_OK;
      },
      &during, nullptr);
  EXPECT_STREQ(during.plugin, "a");
  EXPECT_EQ(during.trial, 3U);
}

}  // namespace
}  // namespace dodona::plugin
