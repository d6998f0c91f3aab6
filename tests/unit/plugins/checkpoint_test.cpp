// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace command {
namespace {

namespace fs = std::filesystem;
using dodona::support::TemporaryDirectory;

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Checkpoint, BeginsEmptyAndIsCopiedWhole) {
  const TemporaryDirectory place;
  place.write("state/old", "of an earlier run");
  Checkpoint checkpoint(place.string() + "/state");
  EXPECT_TRUE(checkpoint.empty());
  place.write("state/sub/model", "one");
  EXPECT_FALSE(checkpoint.empty());
  place.write("copy/left", "of another copy");
  EXPECT_TRUE(checkpoint.copy_to(place.string() + "/copy"));
  EXPECT_EQ(read(place.string() + "/copy/sub/model"), "one");
  EXPECT_FALSE(fs::exists(place.string() + "/copy/left"));
  checkpoint.remove();
  EXPECT_FALSE(fs::exists(checkpoint.path()));
}

TEST(Checkpoint, ChangesByEveryWriteAfterACopy) {
  const TemporaryDirectory place;
  Checkpoint checkpoint(place.string() + "/state");
  place.write("state/model", "one");
  fs::create_directories(place.string() + "/copy");
  checkpoint.copy_to(place.string() + "/copy");
  EXPECT_FALSE(checkpoint.changed());
  place.write("state/model", "longer");
  EXPECT_TRUE(checkpoint.changed());
  checkpoint.remember();
  EXPECT_FALSE(checkpoint.changed());
  place.write("state/another");
  EXPECT_TRUE(checkpoint.changed());
  checkpoint.remember();
  fs::remove(place.string() + "/state/another");
  EXPECT_TRUE(checkpoint.changed());
}

TEST(Checkpoint, WithoutADirectoryIsEmpty) {
  Checkpoint none;
  none.remember();
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.changed());
  none.remove();
}

}  // namespace
}  // namespace command
