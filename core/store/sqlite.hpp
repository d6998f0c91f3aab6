// SPDX-License-Identifier: Apache-2.0
//
// SQLite's C interface with owners and exceptions, no more than the store needs of it.
//
// Errors:  Error{DODONA_E_IO}: the file, what is wrong in plain words and what would be right;
//          DamagedDatabase, which is one too; DODONA_E_NO_MEMORY.
// Threads: one at a time per Database, its statements included.
#pragma once

#include <dodona/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace dodona::store {

// The content of a file is not what a database has. `detail` says no more than where.
class DamagedDatabase : public Error {
 public:
  DamagedDatabase(const std::string& message, std::string detail)
      : Error(DODONA_E_IO, message), detail_(std::move(detail)) {}
  const std::string& detail() const { return detail_; }

 private:
  std::string detail_;
};

// A prepared statement. Text and blobs that are bound, and those that a row gives, are borrowed:
// they must live, or do live, until the next reset() or step().
class Statement {
 public:
  Statement& bind(int parameter, std::int64_t value);  // parameters count from 1
  Statement& bind_text(int parameter, std::string_view value);
  Statement& bind_blob(int parameter, std::string_view value);

  // True if there is a row. After an error, and at the end, the statement is reset.
  bool step();
  // Steps to the end.
  void run();
  void reset() noexcept;

  bool is_null(int column) const;  // columns count from 0
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view bytes(int column) const;

 private:
  friend class Database;  // makes them, and knows the path that errors name
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  Statement(const std::string* path, sqlite3_stmt* statement);
  void check(int code);

  const std::string* path_;  // of the Database
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode : std::uint8_t {
    kWrite = 1,  // creates the file
    kRead,       // beside whoever writes; may wait for its -wal and -shm files to be there
    kFrozen,     // a file that nobody writes to, in a directory where nothing can be created
    kStranded    // as kFrozen, with a -wal file whose -shm file was lost
  };

  // Waits for up to 10 s where others hold a lock.
  Database(std::string path, Mode mode);
  ~Database();
  Database(Database&&) noexcept = default;

  const std::string& path() const { return *path_; }

  // Executes one statement or several, ignoring rows.
  void run(const char* sql);
  Statement prepare(const char* sql);
  // The first column of the first row.
  std::int64_t integer(const char* sql);
  std::string text(const char* sql);
  // Throws DamagedDatabase where the pages do not fit together. Reads the whole file.
  void check_structure();
  // True if the file that was opened is no longer the one at path(): deleted, moved or replaced.
  bool has_moved() const;
  // Ends a transaction that failed, if it is still open.
  void roll_back() noexcept;

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };

  std::unique_ptr<const std::string> path_;  // does not move
  std::unique_ptr<sqlite3, Close> database_;
};

// The meaning of a code of SQLite for the user of a file, and the remedy. `system` is the
// errno of the call that failed, or 0. Of the code, the low byte counts.
std::string explain(int code, int system, std::string_view detail);

}  // namespace dodona::store
