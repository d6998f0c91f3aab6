// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_bridge.hpp"

#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/host.hpp>

#include <thread>
#include <utility>
#include <vector>

namespace dodona::plugin {
namespace {

TEST(HostBridge, ServesThePlugin) {
  support::FakeServices services;
  const HostBridge bridge(services, "oracle \"x\"");
  const Host host(bridge.get());
  host.log(DODONA_WARN, "careful");
  host.log(DODONA_DEBUG, "small");
  host.log(99, "unknown levels count as the nearest below");
  EXPECT_EQ(services.lines[0], "30 oracle \"x\": careful");
  EXPECT_EQ(services.lines[1].substr(0, 2), "10");
  EXPECT_EQ(services.lines[2].substr(0, 2), "40");
  EXPECT_FALSE(host.cancelled());
  services.stopping = true;
  EXPECT_TRUE(host.cancelled());
  EXPECT_EQ(host.extension("dodona.nothing/1"), nullptr);
  EXPECT_EQ(view(bridge.get()->name), "dodona");
}

TEST(HostBridge, RunsLoopsInChunksOfTheGrain) {
  support::FakeServices services;
  const HostBridge bridge(services, "x");
  std::vector<std::pair<std::uint64_t, std::uint64_t>> chunks;
  Host(bridge.get()).parallel_for(5, 2, [&](std::uint64_t begin, std::uint64_t end) {
    chunks.emplace_back(begin, end);
  });
  EXPECT_EQ(chunks, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 2}, {2, 4}, {4, 5}}));
  chunks.clear();
  Host(bridge.get()).parallel_for(2, 0, [&](std::uint64_t begin, std::uint64_t end) {
    chunks.emplace_back(begin, end);
  });
  EXPECT_EQ(chunks.size(), 2u);
}

TEST(HostBridge, LetsNoExceptionOfTheKernelReachThePlugin) {
  support::FakeServices services;
  const HostBridge bridge(services, "oracle \"x\"");
  services.log_fails = true;
  Host(bridge.get()).log(DODONA_INFO, "lost");
  services.loop_fails = true;
  const HostBridge::Call call(bridge);
  Host(bridge.get()).parallel_for(4, 1, [](std::uint64_t, std::uint64_t) {});
  EXPECT_TRUE(Host(bridge.get()).cancelled());  // nothing more is worth computing
  EXPECT_EQ(error_of([&] { call.check(); }),
            "oracle \"x\": a loop of parallel_for ended with an exception");
}

// One failure once spoiled every later call, and those of other trials.
TEST(HostBridge, BlamesALoopOnItsOwnCallAlone) {
  support::FakeServices services;
  const HostBridge bridge(services, "hypermodel \"x\"");
  const HostBridge other(services, "oracle \"y\"");
  const auto loop = [](const HostBridge& host) {
    Host(host.get()).parallel_for(4, 1, [](std::uint64_t, std::uint64_t) {});
  };
  const HostBridge::Call outer(bridge);
  {
    const HostBridge::Call nested(other);
    services.loop_fails = true;
    loop(bridge);
    services.loop_fails = false;
    EXPECT_NO_THROW(nested.check());
    EXPECT_FALSE(Host(other.get()).cancelled());
  }
  std::thread([&] {
    const HostBridge::Call call(bridge);
    loop(bridge);
    EXPECT_NO_THROW(call.check());
  }).join();
  error_of([&] { outer.check(); });
  const HostBridge::Call later(bridge);
  loop(bridge);
  EXPECT_NO_THROW(later.check());
}

TEST(HostBridge, BlamesALoopOfAThreadOfThePluginOnTheNextCall) {
  support::FakeServices services;
  const HostBridge bridge(services, "oracle \"x\"");
  services.loop_fails = true;
  std::thread([&] {
    Host(bridge.get()).parallel_for(4, 1, [](std::uint64_t, std::uint64_t) {});
  }).join();
  error_of([&] { HostBridge::Call(bridge).check(); });
  EXPECT_NO_THROW(HostBridge::Call(bridge).check());
}

}  // namespace
}  // namespace dodona::plugin
