// SPDX-License-Identifier: Apache-2.0
#include "runner/session.hpp"

#include "runner/child.hpp"
#include "support/shell.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <unistd.h>

namespace dodona::runner {
namespace {

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;

TEST(Session, KnowsTheSizeOfAllProcessesOfASession) {
  // Two processes of 20 MB each, which wait for a reader that never reads.
  Child child(
      support::shell("hold() { dd if=/dev/zero bs=20M count=1 2> /dev/null | sleep 1000; }; "
                     "hold & hold & sleep 1000"),
      Child::Session::kEnd);
  const auto size = [&] { return resident_by_session()[child.pid()]; };
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (size() < 40 * kMegabyte && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  EXPECT_GE(size(), 40 * kMegabyte);
  EXPECT_LT(size(), 400 * kMegabyte);
  EXPECT_TRUE(resident_by_session().contains(::getsid(0)));
}

}  // namespace
}  // namespace dodona::runner
