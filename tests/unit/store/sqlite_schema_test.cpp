// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_schema.hpp"

#include "store_contract.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace dodona::store {
namespace {

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Schema, MakesTheTablesOnce) {
  const Directory directory;
  for (int round = 0; round < 2; ++round) {
    Database database(directory / "a.db", Database::Mode::kWrite);
    EXPECT_EQ(check_schema(database), round == 1 ? kSchemaVersion : 0);
    migrate_schema(database);
    EXPECT_EQ(check_schema(database), kSchemaVersion);
    EXPECT_EQ(database.integer("PRAGMA application_id"), kApplicationId);
    EXPECT_EQ(database.integer("PRAGMA user_version"), kSchemaVersion);
    EXPECT_EQ(database.text("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(database.integer("PRAGMA synchronous"), 2);  // FULL
    EXPECT_EQ(database.text("SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema "
                            "WHERE type = 'table' ORDER BY name)"),
              "cursors,log,names");
  }
}

TEST(Schema, LeavesADatabaseOfAnotherApplicationAlone) {
  for (const char* sql :
       {"CREATE TABLE t(i)", "PRAGMA application_id = 5", "PRAGMA user_version = 1"}) {
    const Directory directory;
    const std::string path = directory / "a.db";
    { Database(path, Database::Mode::kWrite).run(sql); }
    const std::string before = content(path);
    {
      Database database(path, Database::Mode::kWrite);
      expect_contains(message_of(DODONA_E_IO, [&] { migrate_schema(database); }),
                      "\"" + path + "\" is the database of another application; choose another");
    }
    EXPECT_EQ(content(path), before);
  }
}

TEST(Schema, LeavesANewerVersionAlone) {
  const Directory directory;
  const std::string path = directory / "a.db";
  {
    Database database(path, Database::Mode::kWrite);
    migrate_schema(database);
    database.run("PRAGMA user_version = 99");
  }
  const std::string before = content(path);
  {
    Database database(path, Database::Mode::kWrite);
    const std::string known = std::to_string(kSchemaVersion);
    const std::string message = message_of(DODONA_E_IO, [&] { migrate_schema(database); });
    expect_contains(message,
                    "has schema version 99, and this dodona knows versions up to " + known);
    expect_contains(message, "use the version of dodona that wrote it, or a later one");
    EXPECT_EQ(message_of(DODONA_E_IO, [&] { check_schema(database); }), message);
  }
  EXPECT_EQ(content(path), before);
}

// Dodona 0.1 knows schema version 1. It reads the number before anything else, and says of a later
// one: use the version of dodona that wrote it, or a later one.
TEST(Schema, TellsDodona01ThatItIsTooOld) {
  const Directory directory;
  const std::string path = directory / "a.db";
  {
    Database database(path, Database::Mode::kWrite);
    migrate_schema(database);
  }
  const std::string header = content(path).substr(0, 100);
  const auto number_at = [&](std::size_t at) {
    std::int64_t x = 0;
    for (std::size_t i = at; i < at + 4; ++i) x = x << 8 | static_cast<std::uint8_t>(header[i]);
    return x;
  };
  EXPECT_EQ(number_at(68), 0x646f646f);  // application_id, by which 0.1 knows a study
  EXPECT_GT(number_at(60), 1);           // user_version
}

TEST(Schema, MakesAllOrNothing) {
  const Directory directory;
  const std::string path = directory / "a.db";
  // As if the tables of version 1 had been tampered with: one is missing.
  {
    Database database(path, Database::Mode::kWrite);
    database.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    database.run("PRAGMA user_version = 1");
    database.run("CREATE TABLE log(i); CREATE TABLE names(i)");
  }
  Database database(path, Database::Mode::kWrite);
  expect_contains(message_of(DODONA_E_IO, [&] { migrate_schema(database); }), "cursors");
  EXPECT_EQ(database.text("SELECT sql FROM sqlite_schema WHERE name = 'log'"),
            "CREATE TABLE log(i)");
  EXPECT_EQ(database.integer("PRAGMA user_version"), 1);
}

TEST(Schema, RefusesAVersionThatNoneWrote) {
  const Directory directory;
  Database database(directory / "a.db", Database::Mode::kWrite);
  migrate_schema(database);
  for (const char* version : {"0", "-2"}) {
    database.run((std::string("PRAGMA user_version = ") + version).c_str());
    expect_contains(message_of(DODONA_E_IO, [&] { check_schema(database); }),
                    std::string("is damaged: its schema version is ") + version);
  }
}

}  // namespace
}  // namespace dodona::store
