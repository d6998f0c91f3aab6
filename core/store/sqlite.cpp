// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include "base/text.hpp"

#include <dodona/error.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace dodona::store {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

[[noreturn]] void fail(const std::string& path, sqlite3* database, int code) {
  const int last_errno = errno;  // SQLite notes no system error where COMMIT failed
  if ((code & 0xff) == SQLITE_NOMEM) {
    throw Error(DODONA_E_NO_MEMORY, "no memory is left for the database " + base::quote(path));
  }
  const int noted = database ? sqlite3_system_errno(database) : 0;
  const int system = noted != 0 ? noted : last_errno;
  const char* const detail = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  const std::string message =
      "cannot use " + base::quote(path) + ": " + explain(code, system, detail);
  if ((code & 0xff) == SQLITE_CORRUPT) throw DamagedDatabase(message, detail);
  throw Error(DODONA_E_IO, message);
}

std::string explain_disk(int system) {
  switch (system) {
    case ENOSPC:
      return explain(SQLITE_FULL, 0, "");
    case EDQUOT:
      return "the disk quota is used up; free some space, or choose another directory";
    case EFBIG:
      return "the file would become larger than the limit allows (ulimit -f); raise the limit";
    case EROFS:
    case EACCES:
    case EPERM:
      return explain(SQLITE_READONLY, 0, "");
    case 0:
      return "the disk reports an error; see the system's log, and check the disk";
    default:
      return "the disk reports an error (" + std::generic_category().message(system) +
             "); see the system's log, and check the disk";
  }
}

// A path as URI: SQLite takes modes only so.
std::string uri(const std::string& path, std::string_view query) {
  std::string result = "file:";
  for (const char c : path) {
    if (c == '%') {
      result += "%25";
    } else if (c == '?') {
      result += "%3f";
    } else if (c == '#') {
      result += "%23";
    } else {
      result += c;
    }
  }
  return result.append("?").append(query);
}

}  // namespace

std::string explain(int code, int system, std::string_view detail) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "the disk is full; free some space, or choose another directory";
    case SQLITE_READONLY:
      return "it is read-only for user " + std::to_string(::geteuid()) +
             "; allow writing to it and to its directory, or choose another directory";
    case SQLITE_CANTOPEN:
      if (system != 0) {
        return std::generic_category().message(system) + "; user " + std::to_string(::geteuid()) +
               " should have the right to open it";
      }
      return "it cannot be opened; it should be a file in a directory that can be used";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program keeps it locked; close that program";
    case SQLITE_NOTADB:
      return "it is not a database; choose another directory, or move the file away";
    case SQLITE_CORRUPT:
      return "the database is damaged (" + std::string(detail) + "); restore it from a copy";
    case SQLITE_IOERR:
      return explain_disk(system);
    default:
      return std::string(detail);
  }
}

// ---- Statement ----------------------------------------------------------------------------------

Statement::Statement(const std::string* path, sqlite3_stmt* statement)
    : path_(path), statement_(statement) {}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::check(int code) {
  if (code == SQLITE_OK) return;
  fail(*path_, sqlite3_db_handle(statement_.get()), code);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view value) {
  check(sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(), nullptr,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view value) {
  check(sqlite3_bind_blob64(statement_.get(), parameter, value.data(), value.size(), nullptr));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  try {
    fail(*path_, sqlite3_db_handle(statement_.get()), code);
  } catch (...) {
    reset();
    throw;
  }
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_.get());
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

// ---- Database -----------------------------------------------------------------------------------

Database::Database(std::string path, Mode mode)
    : path_(std::make_unique<const std::string>(std::move(path))) {
  const bool writes = mode == Mode::kWrite;
  const int flags = SQLITE_OPEN_NOMUTEX | (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                  : SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  std::string name = *path_;
  if (mode == Mode::kRead) name = uri(*path_, "mode=ro");
  if (mode == Mode::kFrozen) name = uri(*path_, "immutable=1");
  if (mode == Mode::kStranded) name = uri(*path_, "vfs=unix-none");
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
  database_.reset(raw);
  if (code != SQLITE_OK) fail(*path_, raw, code);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  // A reader that closes would remove a -wal file in which SQLite finds no whole commit.
  if (!writes) sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // The index of the -wal file then lies in this process' memory.
  if (mode == Mode::kStranded) run("PRAGMA locking_mode = EXCLUSIVE");
}

Database::~Database() = default;

void Database::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

void Database::run(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(*path_, database_.get(), code);
}

Statement Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail(*path_, database_.get(), code);
  return Statement(path_.get(), statement);
}

std::int64_t Database::integer(const char* sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement = prepare(sql);
  return statement.step() ? std::string(statement.bytes(0)) : std::string();
}

void Database::check_structure() {
  std::string found = text("PRAGMA quick_check(1)");
  if (found == "ok") return;
  // "*** in database main ***" stands alone on the first line.
  const std::size_t line = found.starts_with("***") ? found.find('\n') + 1 : 0;
  found = found.substr(line, found.find('\n', line) - line);
  throw DamagedDatabase(
      "cannot use " + base::quote(path()) + ": " + explain(SQLITE_CORRUPT, 0, found), found);
}

bool Database::has_moved() const {
  int moved = 0;
  const int code = sqlite3_file_control(database_.get(), nullptr, SQLITE_FCNTL_HAS_MOVED, &moved);
  return code == SQLITE_OK && moved != 0;
}

void Database::roll_back() noexcept {
  if (sqlite3_get_autocommit(database_.get()) == 0) {
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

}  // namespace dodona::store
