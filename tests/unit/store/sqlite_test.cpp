// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include "store_contract.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cerrno>
#include <fstream>

namespace dodona::store {
namespace {

TEST(Statement, BindsAndReturnsValues) {
  const Directory directory;
  Database database(directory / "a.db", Database::Mode::kWrite);
  database.run("CREATE TABLE t(i INTEGER PRIMARY KEY, s TEXT, b BLOB)");
  Statement insert = database.prepare("INSERT INTO t VALUES(?1, ?2, ?3)");
  const std::string blob("\0\1\2", 3);
  insert.bind(1, INT64_MIN).bind_text(2, "text").bind_blob(3, blob).run();
  insert.bind(1, INT64_MAX).bind_text(2, "").bind_blob(3, "").run();
  Statement select = database.prepare("SELECT i, s, b FROM t ORDER BY i");
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(select.step());
    EXPECT_EQ(select.integer(0), INT64_MIN);
    EXPECT_EQ(select.bytes(1), "text");
    EXPECT_EQ(select.bytes(2), blob);
    ASSERT_TRUE(select.step());
    EXPECT_EQ(select.integer(0), INT64_MAX);
    EXPECT_EQ(select.bytes(2), "");
    EXPECT_FALSE(select.step());
  }
}

TEST(Statement, CanBeUsedAgainAfterAnError) {
  const Directory directory;
  Database database(directory / "a.db", Database::Mode::kWrite);
  database.run("CREATE TABLE t(i INTEGER PRIMARY KEY)");
  Statement insert = database.prepare("INSERT INTO t VALUES(?1)");
  insert.bind(1, 1).run();
  expect_contains(message_of(DODONA_E_IO, [&] { insert.bind(1, 1).run(); }), "UNIQUE");
  insert.bind(1, 2).run();
  EXPECT_EQ(database.integer("SELECT count(*) FROM t"), 2);
}

TEST(Statement, RefusesAParameterThatIsNotThere) {
  const Directory directory;
  Database database(directory / "a.db", Database::Mode::kWrite);
  Statement statement = database.prepare("SELECT 1");
  message_of(DODONA_E_IO, [&] { statement.bind(1, 1); });
  message_of(DODONA_E_IO, [&] { statement.bind_text(1, "x"); });
  message_of(DODONA_E_IO, [&] { statement.bind_blob(1, "x"); });
}

TEST(Database, NamesTheFileInItsErrors) {
  const Directory directory;
  const std::string path = directory / "a.db";
  Database database(path, Database::Mode::kWrite);
  EXPECT_EQ(database.path(), path);
  const std::string start = "cannot use \"" + path + "\": ";
  expect_contains(message_of(DODONA_E_IO, [&] { database.run("nonsense"); }), start);
  expect_contains(message_of(DODONA_E_IO, [&] { database.prepare("SELECT * FROM t"); }),
                  start + "no such table: t");
}

TEST(Database, OpensPathsThatAUriWouldMisread) {
  const Directory directory;
  const std::string path = directory / "a b%41?mode=memory#c&d.db";
  { Database(path, Database::Mode::kWrite).run("CREATE TABLE t(i)"); }
  EXPECT_TRUE(std::filesystem::exists(path));
  for (const auto mode : {Database::Mode::kRead, Database::Mode::kFrozen}) {
    Database database(path, mode);
    EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_schema"), 1);
  }
}

TEST(Database, SaysWhyItCannotOpen) {
  const Directory directory;
  const std::string path = directory / "none" + "/a.db";
  for (const auto mode : {Database::Mode::kWrite, Database::Mode::kRead, Database::Mode::kFrozen}) {
    expect_contains(message_of(DODONA_E_IO, [&] { Database(path, mode); }),
                    "cannot use \"" + path + "\": No such file or directory");
  }
  EXPECT_FALSE(std::filesystem::exists(directory / "none"));
}

TEST(Database, RefusesAFileThatIsNoDatabase) {
  const Directory directory;
  const std::string path = directory / "a.db";
  std::ofstream(path) << std::string(5000, 'x');
  Database database(path, Database::Mode::kWrite);
  expect_contains(message_of(DODONA_E_IO, [&] { database.integer("PRAGMA user_version"); }),
                  "it is not a database; choose another directory");
  EXPECT_EQ(std::filesystem::file_size(path), 5000u);
}

TEST(Database, RollsBackOnlyWhatIsOpen) {
  const Directory directory;
  Database database(directory / "a.db", Database::Mode::kWrite);
  database.run("CREATE TABLE t(i)");
  database.roll_back();
  database.run("BEGIN; INSERT INTO t VALUES(1)");
  database.roll_back();
  EXPECT_EQ(database.integer("SELECT count(*) FROM t"), 0);
  EXPECT_EQ(database.text("PRAGMA journal_mode"), "delete");
  EXPECT_EQ(database.integer("SELECT i FROM t"), 0);
  EXPECT_EQ(database.text("SELECT i FROM t"), "");
}

TEST(Explain, TellsWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    int code;
    int system;
    const char* part;
  } cases[] = {
      {SQLITE_FULL, 0, "the disk is full; free some space"},
      {SQLITE_IOERR_WRITE, ENOSPC, "the disk is full; free some space"},
      {SQLITE_IOERR_WRITE, EDQUOT, "the disk quota is used up"},
      {SQLITE_IOERR_WRITE, EFBIG, "larger than the limit allows (ulimit -f)"},
      {SQLITE_IOERR_WRITE, EROFS, "it is read-only for user"},
      {SQLITE_IOERR_FSYNC, EIO, "the disk reports an error (Input/output error)"},
      {SQLITE_IOERR, 0, "the disk reports an error; see"},
      {SQLITE_READONLY, 0, "allow writing to it and to its directory"},
      {SQLITE_READONLY_DBMOVED, 0, "it is read-only for user"},
      {SQLITE_CANTOPEN, EACCES, "Permission denied; user"},
      {SQLITE_CANTOPEN, 0, "it should be a file"},
      {SQLITE_BUSY, 0, "another program keeps it locked"},
      {SQLITE_LOCKED, 0, "another program keeps it locked"},
      {SQLITE_NOTADB, 0, "it is not a database"},
      {SQLITE_CORRUPT, 0, "the database is damaged (detail); restore it from a copy"},
      {SQLITE_ERROR, 0, "detail"},
  };
  for (const auto& [code, system, part] : cases) {
    expect_contains(explain(code, system, "detail"), part);
  }
}

}  // namespace
}  // namespace dodona::store
