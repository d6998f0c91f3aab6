// SPDX-License-Identifier: Apache-2.0
#include "runner/files.hpp"

#include "base/json.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace dodona::runner {
namespace {

namespace fs = std::filesystem;
using support::contains;
using support::error_of;

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string noise(std::size_t size) {
  std::mt19937 random(1);
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(random());
  return bytes;
}

class Files : public testing::Test {
 protected:
  // All pieces of a directory, as lines.
  std::vector<std::string> pieces() const {
    std::vector<std::string> lines;
    for (const TreeFile& file : files_below(here_ / "a")) {
      send_file(here_ / "a", file,
                [&](boost::json::object&& piece) { lines.push_back(base::to_text(piece)); });
    }
    return lines;
  }
  void take(const std::string& line) const {
    const base::JsonDocument message = base::parse_json(line, "line");
    take_piece(base::JsonReader(message), here_ / "b");
  }

  support::TemporaryDirectory here_;
};

TEST_F(Files, ArriveAsTheyWere) {
  const std::vector<std::pair<std::string, std::string>> all{{"empty", ""},
                                                             {"one", "x"},
                                                             {"two", "xy"},
                                                             {"deep/er/three", "xyz"},
                                                             {"piece", noise(48 << 10)},
                                                             {"more", noise((48 << 10) + 1)},
                                                             {"zeros", std::string(500000, '\0')}};
  for (const auto& [name, bytes] : all) write(here_ / "a" / name, bytes);
  for (const std::string& piece : pieces()) {
    EXPECT_LT(piece.size(), std::size_t{70} << 10);
    take(piece);
  }
  EXPECT_EQ(files_below(here_ / "b").size(), all.size());
  for (const auto& [name, bytes] : all) EXPECT_EQ(read(here_ / "b" / name), bytes) << name;
}

TEST_F(Files, ReplaceThoseThatWereThere) {
  write(here_ / "a" / "file", "new");
  write(here_ / "b" / "file", "much older");
  for (const std::string& piece : pieces()) take(piece);
  EXPECT_EQ(read(here_ / "b" / "file"), "new");
}

TEST_F(Files, PassOverLinks) {
  write(here_ / "a" / "file", "x");
  fs::create_symlink("/dev/zero", here_ / "a" / "link");
  fs::create_directory_symlink(here_ / "a", here_ / "a" / "loop");
  EXPECT_EQ(files_below(here_ / "a").size(), 1u);
  EXPECT_TRUE(files_below(here_ / "nowhere").empty());
}

TEST_F(Files, AreRefusedWhereTheyAreDamaged) {
  write(here_ / "a" / "file", noise(1000));
  const std::string line = pieces().at(0);
  const std::size_t data = line.rfind(": \"") + 3;
  for (std::size_t at = data; at + 5 < line.size(); at += 7) {
    std::string damaged = line;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { take(damaged); }), "data: is damaged"))
        << at;
  }
}

TEST_F(Files, LieBelowTheirDirectory) {
  for (const std::string path : {"", "/etc/passwd", "../up", "a/../../up"}) {
    const std::string said = error_of(DODONA_E_INVALID, [&] {
      take(base::to_text(boost::json::object{{"file", path}, {"at", 0}, {"data", ""}}));
    });
    EXPECT_TRUE(contains(said, "does not lie below the directory")) << path;
  }
}

TEST_F(Files, NameAFileThatCannotBeWritten) {
  write(here_ / "a" / "file", "x");
  fs::create_directories(here_ / "b" / "file");
  const std::string line = pieces().at(0);
  EXPECT_TRUE(contains(error_of(DODONA_E_IO, [&] { take(line); }),
                       "cannot write " + (here_ / "b" / "file").string()));
}

}  // namespace
}  // namespace dodona::runner
