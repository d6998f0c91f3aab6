// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_schema.hpp"

#include "base/text.hpp"

#include <dodona/error.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace dodona::store {
namespace {

// The steps from version i to i + 1. An entry never changes once it was released.
constexpr std::array<const char*, kSchemaVersion> kMigrations = {
    R"(CREATE TABLE log(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, events BLOB NOT NULL);
       CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
       CREATE TABLE cursors(sink TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;)",
    R"(ALTER TABLE log ADD COLUMN crc INTEGER;
       ALTER TABLE names ADD COLUMN crc INTEGER;
       ALTER TABLE cursors ADD COLUMN crc INTEGER;)"};

}  // namespace

std::int64_t check_schema(Database& database) {
  const std::int64_t application = database.integer("PRAGMA application_id");
  const std::int64_t version = database.integer("PRAGMA user_version");
  const bool empty = database.integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (application == 0 && version == 0 && empty) return 0;
  if (application != kApplicationId) {
    throw Error(DODONA_E_IO,
                base::quote(database.path()) +
                    " is the database of another application; choose another directory "
                    "or project_name");
  }
  if (version > kSchemaVersion) {
    throw Error(DODONA_E_IO,
                base::quote(database.path()) + " has schema version " + std::to_string(version) +
                    ", and this dodona knows versions up to " + std::to_string(kSchemaVersion) +
                    "; use the version of dodona that wrote it, or a later one");
  }
  if (version < 1) {
    throw Error(DODONA_E_IO, base::quote(database.path()) + " is damaged: its schema version is " +
                                 std::to_string(version) + "; restore the file from a copy");
  }
  return version;
}

void migrate_schema(Database& database) {
  const std::int64_t from = check_schema(database);
  const std::string mode = database.text("PRAGMA journal_mode = WAL");
  if (mode != "wal") {
    throw Error(DODONA_E_IO, base::quote(database.path()) +
                                 " lies on a file system without shared memory between processes; "
                                 "choose a directory on a local disk");
  }
  database.run("PRAGMA synchronous = FULL");
  if (from == kSchemaVersion) return;
  database.run("BEGIN IMMEDIATE");
  try {
    for (std::int64_t i = from; i < kSchemaVersion; ++i) {
      database.run(kMigrations[static_cast<std::size_t>(i)]);
    }
    database.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    database.run(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
    database.run("COMMIT");
  } catch (...) {
    database.roll_back();
    throw;
  }
}

}  // namespace dodona::store
