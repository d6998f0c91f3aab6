// SPDX-License-Identifier: Apache-2.0
#include "runner/child.hpp"

#include "runner/line.hpp"
#include "support/error_of.hpp"
#include "support/shell.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <sys/wait.h>

namespace dodona::runner {
namespace {

using Session = Child::Session;
using support::shell;
constexpr std::chrono::milliseconds kLong{60000};

std::string line_of(const Child& child) {
  LineReader reader(child.output());
  std::string line;
  EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kLine);
  return line;
}

TEST(Child, TellsHowItEnded) {
  Child left(shell("exit 3"), Session::kEnd);
  const auto code = left.wait(kLong);
  ASSERT_TRUE(code && WIFEXITED(*code));
  EXPECT_EQ(WEXITSTATUS(*code), 3);
  Child killed(shell("kill -SEGV $$"), Session::kEnd);
  const auto signal = killed.wait(kLong);
  ASSERT_TRUE(signal && WIFSIGNALED(*signal));
  EXPECT_EQ(WTERMSIG(*signal), SIGSEGV);
}

TEST(Child, IsInASessionOfItsOwnWithNothingButThreeDescriptors) {
  Child child(shell("ps -o sid= -p $$ | tr -d ' '; ls /proc/self/fd | tr '\\n' ' '; echo"),
              Session::kEnd);
  LineReader reader(child.output());
  std::string session;
  std::string files;
  EXPECT_EQ(reader.read(session, kLong), LineReader::Read::kLine);
  EXPECT_EQ(reader.read(files, kLong), LineReader::Read::kLine);
  EXPECT_EQ(session, std::to_string(child.pid()));
  EXPECT_EQ(files, "0 1 2 3 ");  // 3 is that of ls itself
}

TEST(Child, EndsWhatItLeavesInItsSession) {
  Child child(shell("sleep 1000 & echo started"), Session::kEnd);
  EXPECT_EQ(line_of(child), "started");
  ASSERT_TRUE(child.wait(kLong));
  // Its standard output is open as long as one of its processes lives.
  LineReader reader(child.output());
  std::string line;
  EXPECT_EQ(reader.read(line, kLong), LineReader::Read::kEnd);
}

TEST(Child, RunsAsLongAsNobodyEndsIt) {
  Child child(shell("cat"), Session::kEnd);
  EXPECT_FALSE(child.wait(std::chrono::milliseconds(0)));
  LineWriter writer(child.input());
  EXPECT_TRUE(writer.write("hello", kLong));
  EXPECT_EQ(line_of(child), "hello");
  child.close_input();
  EXPECT_TRUE(child.wait(kLong));
}

TEST(Child, NamesAProgramThatIsNotThere) {
  const std::string said = support::error_of(
      DODONA_E_IO, [] { Child child({"/nowhere/dodona-runner"}, Session::kEnd); });
  EXPECT_EQ(said, "cannot start /nowhere/dodona-runner: No such file or directory");
}

}  // namespace
}  // namespace dodona::runner
