// SPDX-License-Identifier: Apache-2.0
#include "runner/scratch.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iterator>
#include <string>

namespace dodona::runner {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t entries(const fs::path& directory) {
  return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
}

// Directories go to a temporary one of the test's own.
class ScratchTest : public testing::Test {
 protected:
  ScratchTest() { ::setenv("TMPDIR", here_.string().c_str(), 1); }
  ~ScratchTest() override { ::unsetenv("TMPDIR"); }
  support::TemporaryDirectory here_;
};

TEST_F(ScratchTest, LivesAsLongAsItsOwner) {
  {
    const Scratch one;
    const Scratch other;
    EXPECT_NE(one.path(), other.path());
    EXPECT_EQ(one.path().parent_path(), here_.string());
    fs::create_directories(one.path() / "trial" / "deep");
    EXPECT_EQ(entries(here_.string()), 2);
  }
  EXPECT_EQ(entries(here_.string()), 0);
}

TEST_F(ScratchTest, IsRemovedByTheNextOneAfterAKill) {
  fs::create_directories(here_ / "dodona-runner-abcdef" / "trial");
  fs::create_directories(here_ / "another");
  const Scratch scratch;
  EXPECT_FALSE(fs::exists(here_ / "dodona-runner-abcdef"));
  EXPECT_TRUE(fs::exists(here_ / "another"));
}

TEST(SharedMark, IsThereAsLongAsItsOwner) {
  const support::TemporaryDirectory here;
  fs::create_directories(here / "shared.left_by_one_who_was_killed" / "x");
  fs::remove(here / "shared.left_by_one_who_was_killed" / "x");
  {
    const SharedMark mark(here.string());
    EXPECT_TRUE(fs::exists(mark.path()));
    EXPECT_EQ(entries(here.string()), 1);
  }
  EXPECT_EQ(entries(here.string()), 0);
}

}  // namespace
}  // namespace dodona::runner
