// SPDX-License-Identifier: Apache-2.0
#include "runner/line.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <unistd.h>

namespace dodona::runner {
namespace {

using std::chrono::milliseconds;
using Read = LineReader::Read;

constexpr milliseconds kLong{60000};

class LineTest : public testing::Test {
 protected:
  LineTest() {
    if (::pipe(ends_.data()) != 0) throw Error(DODONA_E_IO, "no pipe");
  }
  ~LineTest() override {
    close(0);
    close(1);
  }
  void close(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  void put(const std::string& bytes) {
    ASSERT_EQ(::write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  std::array<int, 2> ends_{-1, -1};
};

TEST_F(LineTest, GivesLinesOneByOneHoweverTheyCome) {
  LineReader reader(ends_[0]);
  std::string line;
  put("one\ntw");
  EXPECT_EQ(reader.read(line, kLong), Read::kLine);
  EXPECT_EQ(line, "one");
  EXPECT_EQ(reader.read(line, milliseconds(0)), Read::kNothing);
  put("o\n\n");
  EXPECT_EQ(reader.read(line, kLong), Read::kLine);
  EXPECT_EQ(line, "two");
  EXPECT_EQ(reader.read(line, kLong), Read::kLine);
  EXPECT_EQ(line, "");
  put("no end");
  close(1);
  EXPECT_EQ(reader.read(line, kLong), Read::kEnd);
}

TEST_F(LineTest, CarriesALineThatIsLargerThanThePipe) {
  const std::string long_line(std::size_t{1} << 20, 'x');
  std::thread writing([&] {
    LineWriter writer(ends_[1]);
    EXPECT_TRUE(writer.write(long_line, kLong));
    EXPECT_TRUE(writer.write("end", kLong));
  });
  LineReader reader(ends_[0]);
  std::string line;
  EXPECT_EQ(reader.read(line, kLong), Read::kLine);
  EXPECT_EQ(line, long_line);
  EXPECT_EQ(reader.read(line, kLong), Read::kLine);
  EXPECT_EQ(line, "end");
  writing.join();
}

TEST_F(LineTest, RefusesALineWithoutEnd) {
  std::thread writing([&] {
    LineWriter writer(ends_[1]);
    writer.write(std::string(kLineMax + 100000, 'x'), kLong);
  });
  LineReader reader(ends_[0]);
  std::string line;
  EXPECT_THROW(reader.read(line, kLong), Error);
  close(0);  // or the writer would wait
  writing.join();
}

TEST_F(LineTest, SaysWithoutASignalThatTheOtherSideIsGone) {
  LineWriter writer(ends_[1]);
  close(0);
  EXPECT_FALSE(writer.write("anybody there", kLong));
  EXPECT_FALSE(writer.write_if_free("anybody there"));
}

TEST_F(LineTest, WritesNothingOnceItIsStopped) {
  LineWriter writer(ends_[1]);
  writer.stop();
  EXPECT_FALSE(writer.write("late", kLong));
  EXPECT_FALSE(writer.write_if_free("late"));
  close(1);
  LineReader reader(ends_[0]);
  std::string line;
  EXPECT_EQ(reader.read(line, kLong), Read::kEnd);
}

TEST_F(LineTest, WritesAShortLineOnlyWhereThatNeedsNoWaiting) {
  LineWriter writer(ends_[1]);
  int lines = 0;
  EXPECT_TRUE(writer.write_if_free("beat"));
  // Fills the pipe, which nobody reads.
  while (lines < 100 && writer.write(std::string(10000, 'x'), milliseconds(0))) ++lines;
  EXPECT_LT(lines, 100);
  EXPECT_FALSE(writer.write_if_free("beat"));  // a piece of a line is in the pipe
}

}  // namespace
}  // namespace dodona::runner
