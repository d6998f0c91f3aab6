// SPDX-License-Identifier: Apache-2.0
#include "streams.hpp"

#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace command {
namespace {

using dodona::support::contains;
using dodona::support::error_of;

TEST(LastLines, AreFewAndReadable) {
  LastLines lines;
  for (int i = 0; i < 1000; ++i) lines.add("line " + std::to_string(i) + "\n");
  EXPECT_TRUE(lines.text().starts_with("line 990\n"));
  EXPECT_TRUE(lines.text().ends_with("line 999"));
  LastLines odd;
  odd.add(std::string(100000, 'x') + "\n\x1b[31mred\xFF\r50%\n\n");
  EXPECT_EQ(odd.text(), "[31mred\xEF\xBF\xBD\n50%");
  LastLines one;
  one.add(std::string(100000, 'x'));
  EXPECT_LE(one.text().size(), LastLines::kBytesMax);
  EXPECT_EQ(LastLines().text(), "");
}

TEST(FollowedFile, SeesWhatIsAppendedAndWhatBeginsAnew) {
  const dodona::support::TemporaryDirectory directory;
  const std::string path = (directory / "m").string();
  FollowedFile file(path);
  std::string got;
  int restarts = 0;
  const auto read = [&] {
    got.clear();
    file.read([&] { ++restarts; }, [&](std::string_view bytes) { got += bytes; });
    return got;
  };
  EXPECT_EQ(read(), "");
  directory.write("m", "one\n");
  EXPECT_EQ(read(), "one\n");
  EXPECT_EQ(read(), "");
  directory.write("m", "one\ntwo\n");
  EXPECT_EQ(read(), "two\n");
  EXPECT_EQ(restarts, 0);
  directory.write("m", "new\n");
  EXPECT_EQ(read(), "new\n");
  EXPECT_EQ(restarts, 1);
  directory.write("other", "renamed to it\n");
  std::filesystem::rename(directory / "other", path);
  EXPECT_EQ(read(), "renamed to it\n");
  EXPECT_EQ(restarts, 2);
}

TEST(OutputFile, GoesOnAtTheEndOfWhatIsThere) {
  const dodona::support::TemporaryDirectory directory;
  const std::string path = directory / "out";
  OutputFile(path).write("before");
  OutputFile(path).write("one ");
  OutputFile(path, OutputFile::Opens::kAtItsEnd).write("two");
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "one two");
}

TEST(OutputFile, SaysWhatItCannotWrite) {
  EXPECT_TRUE(contains(error_of(DODONA_E_IO, [] { OutputFile("/dev/full").write("x"); }),
                       "cannot write to /dev/full: No space left"));
  EXPECT_TRUE(contains(error_of(DODONA_E_IO, [] { OutputFile("/no/such/place"); }),
                       "cannot write to /no/such/place: "));
}

}  // namespace
}  // namespace command
