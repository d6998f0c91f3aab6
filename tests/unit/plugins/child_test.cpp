// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include "streams.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace command {
namespace {

// A process of its own that starts a child, says so, and is killed.
TEST(Guardian, KillsGroupsWhenItsProcessDies) {
  const dodona::support::TemporaryDirectory directory;
  const std::string file = (directory / "pids").string();
  const pid_t parent = fork();
  if (parent == 0) {
    try {
      const Guardian guardian;
      const Child gone({"/bin/sh", "-c", "exit 0"}, {}, guardian);
      const Child child({"/bin/sh", "-c", "sleep 600 & echo $$ $! > " + file + "; wait"}, {},
                        guardian);
      std::ofstream(file + ".told") << "yes\n";  // the guardian knows of it
      for (;;) pause();
    } catch (...) {
      _exit(1);
    }
  }
  std::vector<pid_t> pids;
  while (pids.size() < 2 || !std::filesystem::exists(file + ".told")) {
    pids.clear();
    std::ifstream in(file);
    for (pid_t pid = 0; in >> pid;) pids.push_back(pid);
    std::this_thread::yield();
  }
  for (const pid_t pid : pids) EXPECT_EQ(kill(pid, 0), 0);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  const auto dead = [](pid_t pid) {  // or waits for somebody to take it away
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string word;
    std::string state;
    stat >> word >> word >> state;
    return state.empty() || state == "Z";
  };
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!dead(pids[0]) || !dead(pids[1])) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::yield();
  }
}

TEST(Child, IsKilledWithItsGroupWhenItsObjectGoes) {
  const dodona::support::TemporaryDirectory directory;
  const Guardian guardian;
  std::string said;
  {
    Child child({"/bin/sh", "-c", "trap '' TERM; echo $$; exec sleep 600"}, {}, guardian);
    while (said.find('\n') == std::string::npos) {
      read_some(child.output(), 100, [&](std::string_view bytes) { said += bytes; });
    }
    EXPECT_FALSE(child.status());
  }
  EXPECT_EQ(kill(static_cast<pid_t>(std::stol(said)), 0), -1);
}

}  // namespace
}  // namespace command
