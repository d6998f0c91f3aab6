// SPDX-License-Identifier: Apache-2.0
#include "runner/keeper.hpp"

#include "support/shell.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <vector>

namespace dodona::runner {
namespace {

using Session = Child::Session;
using support::shell;
constexpr std::chrono::milliseconds kLong{60000};
constexpr std::chrono::milliseconds kNever{0};

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
  Keeper keeper(kLong, kNever, Keeper::Memory::kUnmeasured);
  const auto kept = keeper.spawn(
      shell("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'the end' >&2"),
      Session::kEnd);
  EXPECT_EQ(kept->tail.text(kLong), "the end");
  EXPECT_EQ(kept->tail.bytes(), 3000000u + 9u);
}

TEST(Keeper, GivesSignsOfLife) {
  Keeper keeper(std::chrono::milliseconds(10), kNever, Keeper::Memory::kUnmeasured);
  const auto kept = keeper.spawn(shell("read a; read b; echo $a $b"), Session::kEnd);
  LineReader reader(kept->child.output());
  std::string line;
  EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kLine);
  EXPECT_EQ(line, R"({"beat":true} {"beat":true})");
}

TEST(Keeper, MeasuresMemory) {
  Keeper keeper(kLong, kNever, Keeper::Memory::kMeasured);
  const auto kept = keeper.spawn(shell("sleep 1000"), Session::kEnd);
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (kept->resident_bytes == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_GT(kept->resident_bytes, 0u);
}

// A sign of life once went to a descriptor that was being closed, and perhaps another file's by then.
TEST(Keeper, WritesNothingToARunnerWhoseInputIsClosed) {
  Keeper keeper(std::chrono::milliseconds(0), kNever, Keeper::Memory::kUnmeasured);
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
  Keeper keeper(kLong, kNever, Keeper::Memory::kUnmeasured);
  EXPECT_THROW(keeper.spawn({"/nowhere"}, Session::kEnd), Error);
}

TEST(Keeper, EndsOneThatHasRestedForLong) {
  Keeper keeper(kLong, std::chrono::milliseconds(1), Keeper::Memory::kUnmeasured);
  const auto at_work = keeper.spawn(shell("read line; echo $line"), Session::kEnd);
  const auto kept = keeper.spawn(shell("read line || echo end"), Session::kEnd);
  kept->rest();
  LineReader reader(kept->child.output());
  std::string line;
  EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kLine);
  EXPECT_EQ(line, "end");
  EXPECT_FALSE(kept->wake());
  EXPECT_TRUE(at_work->wake());
  EXPECT_TRUE(at_work->out.write("work", kLong));
}

TEST(Keeper, AsksAClientToEndBeforeItKillsIt) {
  std::shared_ptr<Kept> polite;
  {
    Keeper keeper(kLong, kNever, Keeper::Memory::kUnmeasured);
    polite = keeper.spawn(
        shell("trap 'echo tidied; exit 0' TERM; echo here; while :; do sleep .01; done"),
        Session::kEnd);
    LineReader reader(polite->child.output());
    std::string line;
    EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kLine);
    keeper.dismiss(polite, Keeper::Farewell::kShort);
    EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kLine);
    EXPECT_EQ(line, "tidied");
  }
  const auto status = polite->child.wait(std::chrono::milliseconds(0));
  ASSERT_TRUE(status);
  EXPECT_TRUE(WIFEXITED(*status));
}

}  // namespace
}  // namespace dodona::runner
