// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_bridge.hpp"

#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/host.hpp>
#include <dodona/space_extension.hpp>

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
  EXPECT_EQ(host.extension(DODONA_EXTENSION_SPACE), &kSpaceExtension);
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
  EXPECT_EQ(
      error_of([&] { Host(bridge.get()).parallel_for(4, 1, [](std::uint64_t, std::uint64_t) {}); },
               DODONA_E_NO_MEMORY),
      "out of memory");
}

// The status of a body is that of the loop, and no other body runs after it.
TEST(HostBridge, AnswersTheStatusOfALoopsBody) {
  support::FakeServices services;
  const HostBridge bridge(services, "oracle \"x\"");
  int bodies = 0;
  ErrorBuffer error;
  const dodona_status status = bridge.get()->parallel_for(
      bridge.get(), 9, 1,
      [](void* ctx, std::uint64_t begin, std::uint64_t) noexcept -> dodona_status {
        ++*static_cast<int*>(ctx);
        return begin == 2 ? DODONA_E_CANCELLED : DODONA_OK;
      },
      &bodies, error.get());
  EXPECT_EQ(status, DODONA_E_CANCELLED);
  EXPECT_EQ(bodies, 3);
}

TEST(HostBridge, GivesAnExceptionOfALoopsBodyBackToWhoStartedIt) {
  support::FakeServices services;
  const HostBridge bridge(services, "oracle \"x\"");
  int bodies = 0;
  EXPECT_THROW(Host(bridge.get())
                   .parallel_for(9, 1,
                                 [&](std::uint64_t, std::uint64_t) {
                                   ++bodies;
                                   throw 42;
                                 }),
               int);
  EXPECT_EQ(bodies, 1);
}

}  // namespace
}  // namespace dodona::plugin
