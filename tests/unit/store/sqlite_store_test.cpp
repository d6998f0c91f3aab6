// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"

#include "base/file.hpp"
#include "child.hpp"
#include "store/sqlite.hpp"
#include "store_contract.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <fstream>
#include <map>
#include <set>
#include <sys/resource.h>

namespace dodona::store {
namespace {

namespace fs = std::filesystem;

class SqliteStore : public ::testing::Test {
 protected:
  std::unique_ptr<Store> own() const { return open_sqlite_store(path_, Access::kOwn); }
  std::unique_ptr<Store> read() const { return open_sqlite_store(path_, Access::kRead); }

  void append_durably(int count) const {
    const auto store = own();
    for (int i = 0; i < count; ++i) append(*store, std::to_string(store->size()));
    store->wait_durable(store->size());
  }

  // Leaves the files that a killed owner leaves.
  void append_and_be_killed(std::uint64_t count) const {
    Child child([&](int pipe) {
      const auto store = own();
      for (std::uint64_t i = 0; i < count; ++i) append(*store, std::to_string(store->size()));
      store->wait_durable(store->size());
      tell(pipe, 1);
      ::pause();
    });
    ASSERT_EQ(child.number(), 1u);
    child.kill();
  }

  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.insert(entry.path().filename());
    return names;
  }

  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> contents;
    for (const std::string& name : files()) {
      if (!name.ends_with("-shm")) contents[name] = base::read_file(path_ + "/" + name);
    }
    return contents;
  }

  const Directory directory_;
  const std::string path_ = directory_ / "runs" + "/fashion";
  const std::string database_ = path_ + "/study.db";
};

using SqliteOwner = SqliteStore;
using SqliteReader = SqliteStore;

// ---- the owner
// ------------------------------------------------------------------------------------

TEST_F(SqliteOwner, GivesSequencesFromZero) {
  gives_sequences_from_zero(*own());
}

TEST_F(SqliteOwner, ReadsFromAnyPlace) {
  reads_from_any_place(*own());
}

TEST_F(SqliteOwner, StopsReadingWhenTold) {
  stops_reading_when_told(*own());
}

TEST_F(SqliteOwner, LetsAVisitAppend) {
  appends_from_within_a_visit(*own());
}

TEST_F(SqliteOwner, KeepsTheOrderOfEachThread) {
  keeps_the_order_of_each_thread(*own());
}

TEST_F(SqliteOwner, TellsWhenThereIsSomethingToRead) {
  tells_when_there_is_something_to_read(*own());
}

TEST_F(SqliteOwner, WakesEverybodyWhenInterrupted) {
  wakes_everybody_when_interrupted(*own());
}

TEST_F(SqliteOwner, KeepsACursorForEachSink) {
  keeps_a_cursor_for_each_sink(*own());
}

TEST_F(SqliteOwner, GoesOnWhereItEnded) {
  {
    const auto store = own();
    store->names().intern("loss");
    store->names().intern("accuracy");
    append(*store, "0");
    append(*store, "1");
    store->set_cursor("jsonl", 2);
  }
  const auto store = own();
  EXPECT_EQ(store->size(), 2u);
  EXPECT_EQ(store->names().size(), 2u);
  EXPECT_EQ(store->names()[1], "accuracy");
  EXPECT_EQ(store->cursor("jsonl"), 2u);
  EXPECT_EQ(append(*store, "2"), 2u);
  store->wait_durable(3);
  const auto events = events_of(*store);
  ASSERT_EQ(events.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(value_of(events[i]), std::to_string(i));
}

TEST_F(SqliteOwner, LeavesOneFileAndTheLock) {
  append_durably(1);
  EXPECT_EQ(files(), (std::set<std::string>{"study.db", "study.lock"}));
}

TEST_F(SqliteOwner, IsTheOnlyOne) {
  const auto first = own();
  append(*first, "0");
  const std::string message = message_of(DODONA_E_STATE, [&] { own(); });
  expect_contains(message, path_ + "/study.lock");
  expect_contains(message, std::to_string(::getpid()));
  append(*first, "1");
  first->wait_durable(2);
}

TEST_F(SqliteOwner, RefusesAFileThatIsNoDatabase) {
  fs::create_directories(path_);
  std::ofstream(database_) << std::string(10'000, 'x');
  expect_contains(message_of(DODONA_E_IO, [&] { own(); }),
                  "\"" + database_ + "\": it is not a database");
  EXPECT_EQ(fs::file_size(database_), 10'000u);
  EXPECT_EQ(files(), (std::set<std::string>{"study.db", "study.lock"}));
}

TEST_F(SqliteOwner, RefusesTheDatabaseOfAnotherApplication) {
  fs::create_directories(path_);
  { Database(database_, Database::Mode::kWrite).run("CREATE TABLE t(i)"); }
  expect_contains(message_of(DODONA_E_IO, [&] { own(); }),
                  "is the database of another application");
  expect_contains(message_of(DODONA_E_IO, [&] { read(); }),
                  "is the database of another application");
}

TEST_F(SqliteOwner, RefusesANewerSchema) {
  append_durably(1);
  { Database(database_, Database::Mode::kWrite).run("PRAGMA user_version = 7"); }
  expect_contains(message_of(DODONA_E_IO, [&] { own(); }), "has schema version 7");
  expect_contains(message_of(DODONA_E_IO, [&] { read(); }), "has schema version 7");
}

TEST_F(SqliteOwner, SaysWhichDirectoryItCannotCreate) {
  std::ofstream(directory_ / "runs") << "a file";
  const std::string message = message_of(DODONA_E_IO, [&] { own(); });
  expect_contains(message, "cannot create directory \"" + path_ + "\"");
  expect_contains(message, "choose a directory that you may write to");
}

TEST_F(SqliteOwner, StartsAnewWhereItsMakerWasKilledBeforeTheTables) {
  fs::create_directories(path_);
  { std::ofstream made(database_); }
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { read(); }),
            "\"" + database_ + "\" is empty: no study was started there yet");
  append_durably(1);
  EXPECT_EQ(events_of(*read()).size(), 1u);
}

// Nobody waits here, so the events are written by the thread that writes what nobody waits for.
TEST_F(SqliteOwner, WritesWhatNobodyWaitsFor) {
  const auto store = own();
  append(*store, "0");
  EXPECT_TRUE(store->wait_readable(0, kForever));
  EXPECT_EQ(events_of(*read()).size(), 1u);
}

// ---- readers
// --------------------------------------------------------------------------------------

TEST_F(SqliteReader, SeesWhatTheOwnerWrites) {
  const auto owner = own();
  const auto reader = read();
  EXPECT_EQ(reader->size(), 0u);
  owner->names().intern("loss");
  owner->set_cursor("jsonl", 1);
  append(*owner, "0");
  owner->wait_durable(1);
  EXPECT_EQ(reader->size(), 1u);
  EXPECT_EQ(events_of(*reader).size(), 1u);
  EXPECT_EQ(reader->names().size(), 1u);
  EXPECT_EQ(reader->cursor("jsonl"), 1u);
  EXPECT_EQ(reader->cursor("other"), 0u);
}

TEST_F(SqliteReader, IsToldByPolling) {
  const auto owner = own();
  const auto reader = read();
  tells_when_there_is_something_to_read(*owner);
  EXPECT_TRUE(reader->wait_readable(0, milliseconds(0)));
  EXPECT_FALSE(reader->wait_readable(1, milliseconds(1)));
  std::thread appender([&] { append(*owner, "1"); });
  EXPECT_TRUE(reader->wait_readable(1, kForever));
  appender.join();
}

TEST_F(SqliteReader, WakesEverybodyWhenInterrupted) {
  append_durably(0);
  const auto store = read();
  wakes_everybody_when_interrupted(*store);
}

TEST_F(SqliteReader, WritesNothing) {
  append_durably(2);
  const auto store = read();
  Event event = noted("x");
  EXPECT_EQ(message_of(DODONA_E_STATE, [&] { store->append(event); }),
            "\"" + database_ + "\" is open for reading only");
  message_of(DODONA_E_STATE, [&] { store->set_cursor("jsonl", 1); });
  store->wait_durable(store->size());
  EXPECT_EQ(events_of(*store, 1).size(), 1u);
}

TEST_F(SqliteReader, SaysThatThereIsNoStudyAndCreatesNothing) {
  expect_contains(message_of(DODONA_E_IO, [&] { read(); }),
                  "no study in \"" + path_ + "\"; give a project directory");
  EXPECT_FALSE(fs::exists(directory_ / "runs"));
  fs::create_directories(path_);
  expect_contains(message_of(DODONA_E_IO, [&] { read(); }), "no study in \"" + path_ + "\"");
  EXPECT_TRUE(files().empty());
}

TEST_F(SqliteReader, CreatesNoFileBesideAStudyAtRest) {
  append_durably(3);
  const auto before = files();
  const auto store = read();
  EXPECT_EQ(events_of(*store).size(), 3u);
  EXPECT_EQ(store->size(), 3u);
  EXPECT_EQ(files(), before);
}

TEST_F(SqliteReader, FollowsOwnersThatComeAndGo) {
  append_durably(3);
  const auto store = read();
  EXPECT_EQ(store->size(), 3u);
  {
    const auto owner = own();
    append(*owner, "3");
    owner->wait_durable(4);
    EXPECT_EQ(events_of(*store).size(), 4u);
    append(*owner, "4");
    owner->wait_durable(5);
    EXPECT_EQ(events_of(*store, 4).size(), 1u);
  }
  EXPECT_EQ(store->size(), 5u);
  append_durably(1);
  EXPECT_EQ(store->size(), 6u);
}

// An owner that came and went between two looks leaves no trace but in the file itself.
TEST_F(SqliteReader, NoticesAnOwnerThatIsGoneAgain) {
  append_durably(1);
  const auto store = read();
  EXPECT_EQ(store->size(), 1u);
  for (int i = 0; i < 3; ++i) append_durably(100);
  EXPECT_EQ(store->size(), 301u);
  EXPECT_EQ(events_of(*store).size(), 301u);
}

TEST_F(SqliteReader, ReadsWhatAKilledOwnerLeft) {
  append_and_be_killed(5);
  EXPECT_TRUE(files().contains("study.db-wal"));
  EXPECT_EQ(events_of(*read()).size(), 5u);
}

TEST_F(SqliteReader, ReadsACopyWithoutTheShmFile) {
  append_and_be_killed(5);
  fs::remove(database_ + "-shm");
  const auto before = files();
  EXPECT_EQ(events_of(*read()).size(), 5u);
  EXPECT_EQ(files(), before);
}

// A copy of what a killed owner left: the reader's own files aside, nothing changes.
TEST_F(SqliteReader, LeavesEveryByteAsItIs) {
  append_durably(3);
  for (const char* left : {"at rest", "by a kill", "by a kill, copied"}) {
    SCOPED_TRACE(left);
    if (std::string(left) != "at rest") append_and_be_killed(2);
    if (std::string(left) == "by a kill, copied") fs::remove(database_ + "-shm");
    const auto before = contents();
    const auto store = read();
    EXPECT_EQ(events_of(*store).size(), store->size());
    store->verify();
    store->sinks();
    EXPECT_EQ(contents(), before);
  }
}

// SQLite drops commits behind a broken one without a word.
TEST_F(SqliteReader, FindsDamageInWhatAKilledOwnerLeft) {
  constexpr std::uint64_t kCommits = 12;
  Child child([&](int pipe) {
    const auto store = own();
    for (std::uint64_t i = 0; i < kCommits; ++i) {
      append(*store, std::to_string(i));
      store->wait_durable(i + 1);
    }
    tell(pipe, 1);
    ::pause();
  });
  ASSERT_EQ(child.number(), 1u);
  child.kill();
  fs::remove(database_ + "-shm");
  const std::string wal = base::read_file(database_ + "-wal");
  RandomStream random(3, 0, Purpose::kFill);
  std::uint64_t found = 0;
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t at = i < 32 ? static_cast<std::uint64_t>(i) : random.below(wal.size());
    SCOPED_TRACE("byte " + std::to_string(at));
    std::string damaged = wal;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
    base::write_file_atomically(database_ + "-wal", damaged);
    std::uint64_t events = 0;
    try {
      const auto store = read();
      store->read(0, [&](const Event& event) {
        EXPECT_EQ(value_of(event), std::to_string(events++));
        return true;
      });
      store->verify();
      EXPECT_GE(events + 2, kCommits);  // the last commit may have been cut off as well
    } catch (const Error& error) {
      ++found;
      expect_contains(error.what(), "study.db-wal\" is damaged at byte ");
      expect_contains(message_of(DODONA_E_IO, [&] { own(); }), error.what());
      EXPECT_EQ(base::read_file(database_ + "-wal"), damaged);
    }
  }
  EXPECT_GT(found, 200u);
}

TEST_F(SqliteReader, NamesTheEventThatIsDamaged) {
  append_durably(1);
  {
    Database(database_, Database::Mode::kWrite)
        .run("UPDATE log SET events = substr(events, 1, 10)");
  }
  const auto store = read();
  expect_contains(message_of(DODONA_E_IO, [&] { events_of(*store); }),
                  "cannot read event 0 of \"" + database_ + "\": the checksum does not match");
}

TEST_F(SqliteReader, WorksOnAReadOnlyDisk) {
  if (!can_mount()) GTEST_SKIP() << "needs the right to mount";
  append_durably(3);
  in_child([&] {
    make_read_only(path_);
    require(events_of(*read()).size() == 3, "at rest");
    try {
      own();
      require(false, "owned");
    } catch (const Error& error) {
      require(std::string(error.what()).find("Read-only file system") != std::string::npos,
              error.what());
    }
  });
  append_and_be_killed(5);
  in_child([&] {
    make_read_only(path_);
    require(events_of(*read()).size() == 8, "after a kill");
  });
}

TEST_F(SqliteReader, WorksForAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  const auto as_nobody = [&](std::size_t count) {
    in_child([&] {
      require(::setegid(65534) == 0 && ::seteuid(65534) == 0, "seteuid failed");
      const auto store = read();
      require(events_of(*store).size() == count, std::to_string(store->size()) + " events");
      try {
        own();
        require(false, "owned");
      } catch (const Error& error) {
        require(std::string(error.what()).find("user 65534") != std::string::npos, error.what());
      }
    });
  };
  fs::permissions(directory_.path(), fs::perms(0755));
  append_durably(3);
  as_nobody(3);
  append_and_be_killed(5);
  as_nobody(8);
  // While an owner runs, in a process that forks before it has threads.
  Child owner([&](int pipe) {
    const auto store = own();
    append(*store, "8");
    store->wait_durable(9);
    tell(pipe, 1);
    ::pause();
  });
  ASSERT_EQ(owner.number(), 1u);
  as_nobody(9);
}

// ---- what goes wrong
// ------------------------------------------------------------------------------

// Appends until the store refuses, and again: the same must be said. Returns what was acknowledged.
std::uint64_t append_until_refused(const std::string& path, const std::string& reason) {
  const auto store = open_sqlite_store(path, Access::kOwn);
  std::uint64_t acknowledged = 0;
  std::string message;
  while (message.empty()) {
    try {
      const std::uint64_t sequence = append(*store, std::string(5000, 'x'));
      store->wait_durable(sequence + 1);
      acknowledged = sequence + 1;
    } catch (const Error& error) {
      message = error.what();
      require(error.code() == DODONA_E_IO, "code");
    }
  }
  require(message.find(path + "/study.db\": " + reason) != std::string::npos, message);
  for (int i = 0; i < 2; ++i) {
    try {
      append(*store, "x");
      require(false, "appended after a failure");
    } catch (const Error& error) {
      require(error.what() == message, error.what());
    }
  }
  require(events_of(*store).size() >= acknowledged, "reading after a failure");
  store->wait_durable(acknowledged);
  return acknowledged;
}

TEST_F(SqliteOwner, SaysThatTheDiskIsFull) {
  if (!can_mount()) GTEST_SKIP() << "needs the right to mount";
  fs::create_directories(path_);
  in_child([&] {
    mount_tmpfs(path_, "size=400k");
    const std::uint64_t acknowledged = append_until_refused(path_, "the disk is full; free");
    require(acknowledged > 0, "full from the start");
    require(::mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT, "size=10m") == 0, "remount");
    const auto store = own();
    require(store->size() >= acknowledged, "acknowledged events were lost");
    const std::uint64_t sequence = append(*store, "goes on");
    store->wait_durable(sequence + 1);
    require(events_of(*store).size() == sequence + 1, "the log has a gap");
  });
}

TEST_F(SqliteOwner, SaysThatAFileMayNotGrow) {
  in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{200'000, RLIM_INFINITY};
    require(::setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit");
    const std::uint64_t acknowledged = append_until_refused(
        path_, "the file would become larger than the limit allows (ulimit -f)");
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    require(::setrlimit(RLIMIT_FSIZE, &none) == 0, "setrlimit");
    const auto store = own();
    require(store->size() >= acknowledged, "acknowledged events were lost");
    require(events_of(*store).size() == store->size(), "the log has a gap");
  });
}

// Event i says so, so that the log can be checked wherever it ends. The moments of the kills follow
// from the seed as far as the scheduler lets them.
TEST_F(SqliteOwner, LosesNothingThatWasAcknowledgedWhenKilled) {
  constexpr std::uint64_t kKills = 20;
  RandomStream random(7, 0, Purpose::kTrialSeed);
  std::uint64_t acknowledged = 0;
  for (std::uint64_t kill = 0; kill < kKills; ++kill) {
    Child child([&](int pipe) {
      const auto store = own();
      const auto work = [&](std::uint64_t events) {
        while (true) {
          std::uint64_t end = 0;
          for (std::uint64_t i = 0; i < events; ++i) end = append(*store, "x") + 1;
          store->wait_durable(end);
          tell(pipe, end);
        }
      };
      std::thread second([&] { work(3); });
      work(4);
    });
    for (std::uint64_t i = 0, wanted = random.below(60); i <= wanted; ++i) {
      const auto end = child.number();
      ASSERT_TRUE(end.has_value()) << "the child ended";
      acknowledged = std::max(acknowledged, *end);
    }
    child.kill();
    while (const auto end = child.number()) acknowledged = std::max(acknowledged, *end);
    const auto store = own();
    const auto events = events_of(*store);
    ASSERT_GE(store->size(), acknowledged) << "kill " << kill;
    ASSERT_EQ(events.size(), store->size()) << "kill " << kill;
    for (std::size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].sequence, i);
    acknowledged = store->size();
  }
}

}  // namespace
}  // namespace dodona::store
