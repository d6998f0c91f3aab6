// SPDX-License-Identifier: Apache-2.0
#include "tuner/services.hpp"

#include "support/ladder_module.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

using Chunk = std::pair<std::uint64_t, std::uint64_t>;

// The chunks of a loop, by their begin.
std::vector<Chunk> chunks(std::uint64_t count, std::uint64_t grain) {
  KernelServices services({});
  std::mutex mutex;
  std::vector<Chunk> out;
  services.parallel_for(count, grain, [&](std::uint64_t begin, std::uint64_t end) {
    const std::lock_guard lock(mutex);
    out.emplace_back(begin, end);
  });
  std::sort(out.begin(), out.end());
  return out;
}

TEST(KernelServices, CutLoopsByTheGrainAlone) {
  EXPECT_EQ(chunks(10, 4), (std::vector<Chunk>{{0, 4}, {4, 8}, {8, 10}}));
  EXPECT_EQ(chunks(8, 4), (std::vector<Chunk>{{0, 4}, {4, 8}}));
  EXPECT_EQ(chunks(3, 100), (std::vector<Chunk>{{0, 3}}));
  EXPECT_EQ(chunks(2, 0), (std::vector<Chunk>{{0, 1}, {1, 2}}));
  EXPECT_TRUE(chunks(0, 4).empty());
  EXPECT_EQ(chunks(5, UINT64_MAX), (std::vector<Chunk>{{0, 5}}));
}

TEST(KernelServices, LogWithTheSourceInFront) {
  std::vector<std::pair<std::int32_t, std::string>> lines;
  KernelServices services(
      [&](std::int32_t level, const std::string& text) { lines.emplace_back(level, text); });
  services.log(study::Level::kWarn, "oracle \"x\"", "hot");
  services.log(study::Level::kDebug, "", "plain");
  EXPECT_EQ(lines, (std::vector<std::pair<std::int32_t, std::string>>{{30, "oracle \"x\": hot"},
                                                                      {10, "plain"}}));
  KernelServices({}).log(study::Level::kError, "a", "nobody listens");
}

// Sinks log from a thread of their own, which an exception of the application once ended.
TEST(KernelServices, OutliveALogThatThrows) {
  int calls = 0;
  KernelServices services([&](std::int32_t, const std::string&) {
    if (++calls == 1) throw 42;
    if (calls == 2) throw std::runtime_error("full");
  });
  for (int i = 0; i < 3; ++i) services.log(study::Level::kWarn, "a", "b");
  EXPECT_EQ(calls, 3);
}

TEST(KernelServices, SayWhetherTheStudyStops) {
  KernelServices services({});
  EXPECT_FALSE(services.cancelled());
  services.set_cancelled(true);
  EXPECT_TRUE(services.cancelled());
  services.set_cancelled(false);
  EXPECT_FALSE(services.cancelled());
}

// Waits until the study stops, and gives up.
struct Waiting {
  explicit Waiting(const StudyContext& context) : host(context.host) {}
  void run(Trial& trial) {
    ++running;
    while (!host.cancelled()) {
    }
    if (!trial.cancelled()) told_too_soon = true;
    throw std::runtime_error("gave up");
  }
  Host host;
  static inline std::atomic<int> running;
  static inline std::atomic<bool> told_too_soon;
};

// A plugin that heard of it before the search did failed its trial. The wrong order is found in about
// every third run of this test.
TEST(KernelServices, SayThatTheStudyStopsOnceItsTrialsAreStopped) {
  static const Module kModule(hypermodel<Waiting>(
      {.id = "org.example.waiting", .name = "waiting", .description = "waits"}));
  TunerOptions options = support::ladder_options();
  options.plugins.modules.push_back(kModule.get());
  options.study.hypermodel = {"waiting"};
  for (int i = 0; i < 100; ++i) {
    Waiting::running = 0;
    Tuner tuner(options);
    std::thread stopper([&] {
      while (Waiting::running < 1) std::this_thread::yield();
      tuner.stop();
    });
    const Summary summary = tuner.search();
    stopper.join();
    ASSERT_FALSE(Waiting::told_too_soon) << i;
    ASSERT_EQ(summary.failed, 0U) << i;
    ASSERT_EQ(summary.unfinished, 1U) << i;
  }
}

}  // namespace
}  // namespace dodona::tuner
