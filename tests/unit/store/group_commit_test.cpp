// SPDX-License-Identifier: Apache-2.0
#include "store/group_commit.hpp"

#include "store_contract.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace dodona::store {
namespace {

// A disk that records, that can be told to hold a write until it is released, or to fail.
class Disk {
 public:
  GroupCommit::Write write() {
    return [this](const Group& group) {
      std::unique_lock lock(mutex_);
      writing_ = true;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !held_; });
      writing_ = false;
      if (failing_) throw Error(DODONA_E_IO, "the disk is full");
      groups_.push_back(group);
      changed_.notify_all();
    };
  }
  void hold() { set(held_, true); }
  void release() { set(held_, false); }
  void fail() { set(failing_, true); }
  void await_write() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return writing_; });
  }
  void await_groups(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return groups_.size() >= count; });
  }
  std::vector<Group> groups() {
    const std::lock_guard lock(mutex_);
    return groups_;
  }

 private:
  void set(bool& flag, bool value) {
    const std::lock_guard lock(mutex_);
    flag = value;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool failing_ = false;
  bool writing_ = false;
  std::vector<Group> groups_;
};

std::uint64_t append(GroupCommit& commit, std::string value = "x") {
  Event event = noted(std::move(value));
  return commit.append(event);
}

// Every event that was written, in order, each chunk checked to begin where the last one ended.
std::vector<std::string> written(Disk& disk, std::uint64_t first = 0) {
  std::vector<std::string> values;
  for (const Group& group : disk.groups()) {
    for (const Chunk& chunk : group.chunks) {
      EXPECT_EQ(chunk.first, first + values.size());
      std::string_view rest = chunk.bytes;
      for (std::uint64_t i = 0; i < chunk.count; ++i)
        values.push_back(value_of(study::decode(rest)));
      EXPECT_TRUE(rest.empty());
    }
  }
  return values;
}

TEST(GroupCommit, WritesWhatAWaiterNeeds) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  append(commit, "a");
  append(commit, "b");
  commit.wait_durable(2);
  EXPECT_EQ(written(disk), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(commit.size(), 2u);
}

TEST(GroupCommit, GoesOnWhereTheLogEnds) {
  Disk disk;
  GroupCommit commit(40, disk.write());
  EXPECT_EQ(commit.size(), 40u);
  commit.wait_durable(40);
  EXPECT_EQ(append(commit), 40u);
  commit.wait_durable(41);
  EXPECT_EQ(written(disk, 40).size(), 1u);
  EXPECT_TRUE(commit.wait_readable(40, milliseconds(0)));
}

TEST(GroupCommit, WritesTogetherWhatCameDuringAWrite) {
  constexpr std::uint64_t kThreads = 8;
  Disk disk;
  disk.hold();
  GroupCommit commit(0, disk.write());
  append(commit);
  std::thread first([&] { commit.wait_durable(1); });
  disk.await_write();
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] { commit.wait_durable(append(commit) + 1); });
  }
  while (commit.size() < 1 + kThreads) std::this_thread::yield();
  EXPECT_FALSE(commit.wait_readable(0, milliseconds(0)));
  disk.release();
  first.join();
  for (std::thread& thread : threads) thread.join();
  const auto groups = disk.groups();
  ASSERT_EQ(groups.size(), 2u);
  ASSERT_EQ(groups[1].chunks.size(), 1u);
  EXPECT_EQ(groups[1].chunks[0].count, kThreads);
}

TEST(GroupCommit, WritesOnceForEachWaitOfALoneThread) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  for (std::uint64_t i = 0; i < 50; ++i) {
    append(commit);
    append(commit);
    commit.wait_durable(2 * i + 2);
  }
  // A thread that was interrupted for long may find that the flusher was faster.
  EXPECT_LE(disk.groups().size(), 2 * 50u);
  EXPECT_EQ(written(disk).size(), 100u);
}

TEST(GroupCommit, WritesNothingForWhatIsDurable) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  append(commit);
  commit.wait_durable(1);
  const std::size_t groups = disk.groups().size();
  commit.wait_durable(1);
  commit.wait_durable(0);
  EXPECT_EQ(disk.groups().size(), groups);
}

TEST(GroupCommit, WritesWhatNobodyWaitsFor) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  for (std::size_t i = 0; i < 3; ++i) {
    append(commit);
    disk.await_groups(i + 1);
    EXPECT_TRUE(commit.wait_readable(i, kForever));
  }
  commit.set_cursor("jsonl", 3);
  disk.await_groups(4);
  EXPECT_EQ(disk.groups()[3].cursors.at("jsonl"), 3u);
  EXPECT_TRUE(disk.groups()[3].chunks.empty());
}

TEST(GroupCommit, WritesWhatIsPendingWhenItEnds) {
  Disk disk;
  {
    GroupCommit commit(0, disk.write());
    append(commit);
    commit.set_cursor("jsonl", 1);
  }
  EXPECT_EQ(written(disk).size(), 1u);
}

TEST(GroupCommit, TakesCursorsAlongWithTheNextEvents) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  disk.hold();
  append(commit);
  std::thread waiter([&] { commit.wait_durable(1); });
  disk.await_write();
  commit.set_cursor("jsonl", 4);
  commit.set_cursor("jsonl", 5);
  append(commit);
  disk.release();
  waiter.join();
  commit.wait_durable(2);
  EXPECT_EQ(disk.groups()[1].cursors, (std::map<std::string, std::uint64_t>{{"jsonl", 5}}));
}

TEST(GroupCommit, CutsChunksOfAboutAMebibyte) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  for (int i = 0; i < 50; ++i) append(commit, std::string(50'000, 'x'));
  commit.wait_durable(50);
  EXPECT_EQ(written(disk).size(), 50u);
  for (const Group& group : disk.groups()) {
    for (const Chunk& chunk : group.chunks) EXPECT_LE(chunk.bytes.size(), 1'200'000u);
  }
}

TEST(GroupCommit, LetsAppendWaitForTheDiskWhereTooMuchIsPending) {
  Disk disk;
  disk.hold();
  GroupCommit commit(0, disk.write());
  std::atomic<bool> done{false};
  std::thread appender([&] {
    for (int i = 0; i < 20; ++i) append(commit, std::string(1'000'000, 'x'));
    done = true;
  });
  disk.await_write();
  // Up to 16 MiB are pending, the same again may be being written.
  EXPECT_LE(commit.size(), 40u);
  disk.release();
  appender.join();
  EXPECT_TRUE(done);
  commit.wait_durable(20);
  EXPECT_EQ(written(disk).size(), 20u);
}

TEST(GroupCommit, LosesNothingAmongManyThreads) {
  constexpr int kThreads = 16;
  constexpr int kEach = 50;
  Disk disk;
  {
    GroupCommit commit(0, disk.write());
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < kEach; ++k) commit.wait_durable(append(commit) + 1);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(written(disk).size(), std::size_t{kThreads * kEach});
}

TEST(GroupCommit, FailsForEverybodyWhoNeedsTheFailedWrite) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  append(commit);
  commit.wait_durable(1);
  disk.hold();
  disk.fail();
  append(commit);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(message_of(DODONA_E_IO, [&] { commit.wait_durable(2); }), "the disk is full");
    });
  }
  disk.await_write();
  disk.release();
  for (std::thread& thread : threads) thread.join();
}

TEST(GroupCommit, StaysFailed) {
  Disk disk;
  GroupCommit commit(0, disk.write());
  append(commit);
  commit.wait_durable(1);
  disk.fail();
  append(commit);
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { commit.wait_durable(2); }), "the disk is full");
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { commit.wait_durable(2); }), "the disk is full");
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { append(commit); }), "the disk is full");
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { commit.set_cursor("jsonl", 1); }), "the disk is full");
  commit.wait_durable(1);
  EXPECT_TRUE(commit.wait_readable(0, milliseconds(0)));
  EXPECT_FALSE(commit.wait_readable(1, milliseconds(0)));
  EXPECT_EQ(written(disk).size(), 1u);
}

TEST(GroupCommit, FailsAfterAWriteThatNobodyWaitedFor) {
  Disk disk;
  disk.fail();
  GroupCommit commit(0, disk.write());
  const auto keep_appending = [&] {
    while (true) {
      append(commit);
      std::this_thread::yield();
    }
  };
  EXPECT_EQ(message_of(DODONA_E_IO, keep_appending), "the disk is full");
}

TEST(GroupCommit, ReportsAnyExceptionOfAWrite) {
  GroupCommit commit(0, [](const Group&) { throw std::runtime_error("other"); });
  append(commit);
  EXPECT_EQ(message_of(DODONA_E_FAILED, [&] { commit.wait_durable(1); }), "other");
}

TEST(GroupCommit, KeepsSilentAboutAFailureAtItsEnd) {
  Disk disk;
  disk.fail();
  GroupCommit commit(0, disk.write());
  append(commit);
}

}  // namespace
}  // namespace dodona::store
