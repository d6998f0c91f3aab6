// SPDX-License-Identifier: Apache-2.0
#include "store/wal.hpp"

#include "base/file.hpp"
#include "store/sqlite.hpp"
#include "store_contract.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace dodona::store {
namespace {

constexpr std::size_t kFrame = 24 + 4096;
constexpr int kCommits = 5;

std::size_t begin_of(std::size_t frame) {
  return 32 + frame * kFrame;
}

// The -wal file of a database, after some commits of several frames each.
class WalTest : public ::testing::Test {
 protected:
  WalTest() {
    Database database(directory_ / "a.db", Database::Mode::kWrite);
    database.run("PRAGMA journal_mode = WAL");
    database.run("CREATE TABLE t(x)");
    for (int i = 1; i < kCommits; ++i) commit(database);
    bytes_ = base::read_file(directory_ / "a.db-wal");
    for (std::size_t at = 32; at < bytes_.size(); at += kFrame) {
      const auto of_commit = bytes_.substr(at + 4, 4);
      if (of_commit != std::string(4, '\0')) ends_.push_back((at - 32) / kFrame);
    }
  }
  static void commit(Database& database) {
    database.run("BEGIN; INSERT INTO t VALUES(randomblob(9000)); COMMIT");
  }
  std::string flipped(std::size_t at) const {
    std::string bytes = bytes_;
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    return bytes;
  }

  const Directory directory_;
  std::string bytes_;
  std::vector<std::size_t> ends_;  // the last frame of each commit
};

TEST_F(WalTest, IsWholeAsItIsAndAtAnyLength) {
  ASSERT_EQ(ends_.size(), static_cast<std::size_t>(kCommits));
  ASSERT_GT(ends_[1], ends_[0] + 2);
  for (std::size_t length = 0; length <= bytes_.size(); length += 97) {
    EXPECT_FALSE(damage_in_wal(std::string_view(bytes_).substr(0, length))) << length;
  }
  EXPECT_FALSE(damage_in_wal(bytes_));
}

TEST_F(WalTest, IsDamagedWhereCommitsLieBehindABrokenFrame) {
  const std::size_t undecided = begin_of(ends_[kCommits - 2]);  // no two whole ones lie behind it
  std::size_t found = 0;
  for (std::size_t at = 0; at < bytes_.size(); at += 61) {
    const auto damage = damage_in_wal(flipped(at));
    const std::size_t frame = at < 32 ? 0 : begin_of((at - 32) / kFrame);
    if (at < undecided) {
      ASSERT_EQ(damage, frame) << at;
      ++found;
    }
    if (damage) {
      EXPECT_EQ(*damage, frame) << at;
    }
  }
  EXPECT_GT(found, 500u);
}

// The power failed in the last commit: some of its pages are on the disk, and some are not.
TEST_F(WalTest, IsWholeWhereTheLastCommitIsTorn) {
  for (std::size_t frame = ends_[kCommits - 2] + 1; frame <= ends_[kCommits - 1]; ++frame) {
    std::string torn = bytes_;
    const auto begin = torn.begin() + static_cast<std::ptrdiff_t>(begin_of(frame));
    std::fill(begin, begin + static_cast<std::ptrdiff_t>(kFrame), '\0');
    EXPECT_FALSE(damage_in_wal(torn)) << frame;
  }
}

// A new round begins at the front, with other salts; behind it lie frames of the round before.
TEST_F(WalTest, PassesOverFramesOfAnEarlierRound) {
  Database database(directory_ / "b.db", Database::Mode::kWrite);
  database.run("PRAGMA journal_mode = WAL");
  database.run("CREATE TABLE t(x)");
  for (int i = 0; i < 9; ++i) commit(database);
  const std::string before = base::read_file(directory_ / "b.db-wal");
  database.run("PRAGMA wal_checkpoint(PASSIVE)");
  commit(database);
  commit(database);
  const std::string after = base::read_file(directory_ / "b.db-wal");
  ASSERT_EQ(after.size(), before.size());
  ASSERT_NE(after.substr(0, 32), before.substr(0, 32));
  EXPECT_FALSE(damage_in_wal(after));
}

TEST_F(WalTest, IsDamagedWhereItsHeaderIsNoHeader) {
  EXPECT_EQ(damage_in_wal(std::string(33, 'x')), 0u);
  EXPECT_FALSE(damage_in_wal(std::string(32, 'x')));
  EXPECT_FALSE(damage_in_wal(""));
}

}  // namespace
}  // namespace dodona::store
