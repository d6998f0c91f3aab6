// SPDX-License-Identifier: Apache-2.0
#include "tuner/services.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
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

}  // namespace
}  // namespace dodona::tuner
