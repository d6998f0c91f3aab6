// SPDX-License-Identifier: Apache-2.0
#include "runner/keeper.hpp"

#include "support/shell.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace dodona::runner {
namespace {

using Session = Child::Session;
using support::shell;
constexpr std::chrono::milliseconds kLong{60000};

TEST(Tail, KeepsTheEndInWholeLines) {
  Tail tail;
  tail.add("short\n");
  EXPECT_EQ(tail.text(std::chrono::milliseconds(0)), "short");
  for (int i = 0; i < 1000; ++i) tail.add("line " + std::to_string(i) + "\n");
  tail.end();
  const std::string text = tail.text(kLong);
  EXPECT_LE(text.size(), Tail::kKept);
  EXPECT_EQ(text.substr(0, 5), "line ");
  EXPECT_EQ(text.substr(text.size() - 8), "line 999");
  EXPECT_GT(tail.bytes(), Tail::kKept);
  tail.clear();
  EXPECT_EQ(tail.bytes(), 0u);
}

TEST(Keeper, ReadsAllThatARunnerSaysOnStandardError) {
  Keeper keeper(kLong, Keeper::Memory::kUnmeasured);
  const auto kept = keeper.spawn(
      shell("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'the end' >&2"),
      Session::kEnd);
  EXPECT_EQ(kept->tail.text(kLong), "the end");
  EXPECT_EQ(kept->tail.bytes(), 3000000u + 9u);
}

TEST(Keeper, GivesSignsOfLife) {
  Keeper keeper(std::chrono::milliseconds(10), Keeper::Memory::kUnmeasured);
  const auto kept = keeper.spawn(shell("read a; read b; echo $a $b"), Session::kEnd);
  LineReader reader(kept->child.output());
  std::string line;
  EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kLine);
  EXPECT_EQ(line, R"({"beat":true} {"beat":true})");
}

TEST(Keeper, MeasuresMemory) {
  Keeper keeper(kLong, Keeper::Memory::kMeasured);
  const auto kept = keeper.spawn(shell("sleep 1000"), Session::kEnd);
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (kept->resident_bytes == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_GT(kept->resident_bytes, 0u);
}

// A sign of life once went to a descriptor that was being closed, and perhaps another file's by then.
TEST(Keeper, WritesNothingToARunnerWhoseInputIsClosed) {
  Keeper keeper(std::chrono::milliseconds(0), Keeper::Memory::kUnmeasured);
  for (int i = 0; i < 50; ++i) {
    const auto kept = keeper.spawn(shell("exec cat"), Session::kEnd);
    LineReader reader(kept->child.output());
    std::string line;
    EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kLine);
    kept->close_input();
    EXPECT_TRUE(kept->child.wait(kLong));
  }
}

TEST(Keeper, PassesOnWhyNothingCanBeStarted) {
  Keeper keeper(kLong, Keeper::Memory::kUnmeasured);
  EXPECT_THROW(keeper.spawn({"/nowhere"}, Session::kEnd), Error);
}

}  // namespace
}  // namespace dodona::runner
