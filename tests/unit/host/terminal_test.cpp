// SPDX-License-Identifier: Apache-2.0
//
// What is no terminal, and what is one, of a size that the test says.
#include "host/terminal.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

namespace dodona::host {
namespace {

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    const char* before = std::getenv(name);
    had_ = before != nullptr;
    if (had_) before_ = before;
    ::setenv(name, value, 1);
  }
  ~Variable() {
    if (had_) {
      ::setenv(name_, before_.c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  bool had_;
  std::string before_;
};

class TerminalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) {
      GTEST_SKIP() << "there are no pseudo terminals here";
    }
    slave_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    ASSERT_GE(slave_, 0);
  }
  void TearDown() override {
    if (slave_ >= 0) ::close(slave_);
    if (master_ >= 0) ::close(master_);
  }
  void resize(unsigned short columns, unsigned short rows) const {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = rows;
    ASSERT_EQ(::ioctl(slave_, TIOCSWINSZ, &size), 0);
  }

  int master_ = -1;
  int slave_ = -1;
};

TEST_F(TerminalTest, KnowsItsSizeAsItIsNow) {
  const Terminal terminal(slave_);
  resize(132, 40);
  EXPECT_EQ(terminal.width(), 132U);
  EXPECT_EQ(terminal.height(), 40U);
  resize(0, 0);
  EXPECT_EQ(terminal.width(), 80U);
  EXPECT_EQ(terminal.height(), 24U);
}

TEST_F(TerminalTest, AsksTheEnvironmentWhatItUnderstands) {
  const Variable plain("NO_COLOR", "");
  {
    const Variable term("TERM", "xterm");
    EXPECT_TRUE(Terminal(slave_).live());
    EXPECT_TRUE(Terminal(slave_).colours());
    const Variable no_colour("NO_COLOR", "1");
    EXPECT_TRUE(Terminal(slave_).live());
    EXPECT_FALSE(Terminal(slave_).colours());
  }
  const Variable term("TERM", "dumb");
  EXPECT_FALSE(Terminal(slave_).live());
  EXPECT_FALSE(Terminal(slave_).colours());
}

class PipeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_.data()), 0); }
  void TearDown() override {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  int& reader() { return ends_[0]; }
  int& writer() { return ends_[1]; }
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(PipeTest, IsNoTerminal) {
  const Variable term("TERM", "xterm");
  const Terminal pipe(writer());
  EXPECT_FALSE(pipe.live());
  EXPECT_FALSE(pipe.colours());
  EXPECT_EQ(pipe.width(), 0U);
  EXPECT_EQ(pipe.height(), 0U);
}

TEST_F(PipeTest, TakesMoreThanItHoldsAlsoWithoutBlocking) {
  ASSERT_EQ(::fcntl(writer(), F_SETFL, O_NONBLOCK), 0);
  const std::string text(1 << 20, 'x');
  std::size_t received = 0;
  std::thread other([&] {
    std::array<char, 65536> buffer;
    for (ssize_t n = 1; n > 0 && received < text.size();) {
      n = ::read(reader(), buffer.data(), buffer.size());
      if (n > 0) received += static_cast<std::size_t>(n);
    }
  });
  EXPECT_TRUE(Terminal(writer()).write(text));
  other.join();
  EXPECT_EQ(received, text.size());
}

TEST_F(PipeTest, SaysWhereTheOtherSideHasGone) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  ::close(reader());
  reader() = -1;
  EXPECT_FALSE(Terminal(writer()).write("anybody?"));
  std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace dodona::host
