// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "store/group_commit.hpp"
#include "store/sqlite_log.hpp"
#include "store/wal.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace dodona::store {
namespace {

namespace fs = std::filesystem;
using study::Event;
using Visit = std::function<bool(const Event&)>;
using Milliseconds = std::chrono::milliseconds;

constexpr const char* kDatabaseName = "study.db";
constexpr const char* kLockName = "study.lock";
constexpr Milliseconds kPoll{200};

std::vector<std::string> names_of(
    const std::map<std::string, std::uint64_t, std::less<>>& cursors) {
  std::vector<std::string> names;
  for (const auto& [sink, next] : cursors) names.push_back(sink);
  return names;
}

// ---- owner --------------------------------------------------------------------------------------

// Creates what is missing of a path, each directory on the disk in its parent.
void make_directories(const fs::path& directory) {
  if (directory.empty() || fs::exists(directory)) return;
  make_directories(directory.parent_path());
  fs::create_directory(directory);
  const int parent = ::open(directory.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent < 0) return;  // it can be entered but not read
  ::fsync(parent);
  ::close(parent);
}

// Nobody has the database open for writing.
void check_wal(const std::string& database) {
  const std::string path = database + "-wal";
  std::error_code none;
  if (!fs::exists(path, none)) return;
  const auto damage = damage_in_wal(base::read_file(path));
  if (!damage) return;
  throw Error(DODONA_E_IO, base::quote(path) + " is damaged at byte " + std::to_string(*damage) +
                               ", and what a search that was killed wrote after it is lost; dodona "
                               "trials shows what came before; restore the file and " +
                               base::quote(database) + " from a copy");
}

// Keeps the path of a database that SQLite can be let loose on.
std::string checked(const fs::path& database) {
  check_wal(database.native());
  return database.native();
}

base::FileLock lock(const fs::path& directory) {
  try {
    make_directories(directory);
  } catch (const fs::filesystem_error& error) {
    throw Error(DODONA_E_IO, "cannot create directory " + base::quote(error.path1().native()) +
                                 ": " + error.code().message() +
                                 "; choose a directory that you may write to");
  }
  return base::FileLock(directory / kLockName);
}

class OwnStore final : public study::Store {
 public:
  OwnStore(const fs::path& directory, std::shared_ptr<base::FileLock> held)
      : lock_(std::move(held)),
        path_(checked(directory / kDatabaseName)),
        writer_(path_.native()),
        reader_(path_.native(), Database::Mode::kRead),
        cursors_(reader_.cursors()),
        group_(reader_.end(), [this](const Group& group) { writer_.write(group, names_); }) {
    reader_.load_names(names_);
    if (reader_.name_problem().empty()) return;
    throw Error(DODONA_E_IO, "cannot use " + base::quote(path_.native()) + ": " +
                                 reader_.name_problem() + "; restore the file from a copy");
  }

  std::uint64_t append(Event& event) override { return group_.append(event); }
  void wait_durable(std::uint64_t end) override { group_.wait_durable(end); }
  std::uint64_t size() const override { return group_.size(); }

  void read(std::uint64_t first, const Visit& visit) override {
    Batch batch;
    do {
      const std::lock_guard guard(read_mutex_);
      reader_.fetch(first, batch);
    } while (!batch.rows.empty() && visit_batch(batch, path_.native(), names_, "", first, visit));
  }
  void verify() override {
    const std::lock_guard guard(read_mutex_);
    reader_.check_structure();
  }
  std::uint64_t unchecked() override {
    const std::lock_guard guard(read_mutex_);
    return reader_.unchecked();
  }

  bool wait_readable(std::uint64_t first, Milliseconds time) override {
    return group_.wait_readable(first, time);
  }
  void interrupt() override { group_.interrupt(); }

  std::uint64_t cursor(std::string_view sink) override {
    const std::lock_guard guard(cursors_mutex_);
    const auto found = cursors_.find(sink);
    return found == cursors_.end() ? 0 : found->second;
  }
  void set_cursor(std::string_view sink, std::uint64_t next) override {
    const std::lock_guard guard(cursors_mutex_);
    group_.set_cursor(std::string(sink), next);
    cursors_.insert_or_assign(std::string(sink), next);
  }

  std::vector<std::string> sinks() override {
    const std::lock_guard guard(cursors_mutex_);
    return names_of(cursors_);
  }

  std::string path() const override { return path_.native(); }
  study::Names& names() override { return names_; }

 private:
  std::shared_ptr<base::FileLock> lock_;  // first: released last
  const fs::path path_;
  study::Names names_;
  LogWriter writer_;
  std::mutex read_mutex_;
  LogReader reader_;
  std::mutex cursors_mutex_;
  std::map<std::string, std::uint64_t, std::less<>> cursors_;
  GroupCommit group_;  // last: it writes until it is gone
};

// ---- reader -------------------------------------------------------------------------------------

// A mark that changes when a database was written to, or is about to be.
struct Stamp {
  struct File {
    bool there = false;
    std::int64_t inode = 0, size = 0, seconds = 0, nanos = 0;
    bool operator==(const File&) const = default;
  };
  File database, wal, shm;
  bool operator==(const Stamp&) const = default;
};

Stamp::File look_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {true, static_cast<std::int64_t>(status.st_ino), status.st_size, status.st_mtim.tv_sec,
          status.st_mtim.tv_nsec};
}

Stamp look_around(const std::string& path) {
  return {look_at(path), look_at(path + "-wal"), look_at(path + "-shm")};
}

// SQLite would create the missing ones of its -wal and -shm files even for a reader.
Database::Mode mode_for(const Stamp& stamp) {
  if (stamp.wal.there && stamp.shm.there) return Database::Mode::kRead;
  return stamp.wal.size > 0 ? Database::Mode::kStranded : Database::Mode::kFrozen;
}

class ReadStore final : public study::Store {
 public:
  explicit ReadStore(const fs::path& directory)
      : path_((directory / kDatabaseName).native()), lock_path_(directory / kLockName) {
    if (!look_at(path_).there) {
      throw Error(DODONA_E_IO, "no study in " + base::quote(directory.native()) +
                                   "; give a project directory, which holds a study.db");
    }
    try {
      use([&](LogReader& reader) { reader.load_names(names_); });
    } catch (const Error&) {
      check_leftover();
      throw;
    }
  }

  std::uint64_t append(Event&) override { refuse(); }
  void set_cursor(std::string_view, std::uint64_t) override { refuse(); }
  void wait_durable(std::uint64_t) override {}

  std::uint64_t size() const override {
    std::uint64_t end = 0;
    use([&](LogReader& reader) { end = reader.end(); });
    return end;
  }

  void read(std::uint64_t first, const Visit& visit) override {
    Batch batch;
    std::string name_problem;
    do {
      use([&](LogReader& reader) {
        reader.fetch(first, batch);
        reader.load_names(names_);
        name_problem = reader.name_problem();
        unchecked_ = std::max(unchecked_, reader.unchecked());
      });
    } while (!batch.rows.empty() && visit_batch(batch, path_, names_, name_problem, first, visit));
  }
  void verify() override {
    use([](LogReader& reader) { reader.check_structure(); });
    check_leftover();
  }
  std::uint64_t unchecked() override {
    const std::lock_guard lock(mutex_);
    return unchecked_;
  }

  bool wait_readable(std::uint64_t first, Milliseconds time) override {
    const auto end = std::chrono::steady_clock::now() + time;
    std::unique_lock lock(wake_mutex_);
    const std::uint64_t interrupts = interrupts_;
    while (true) {
      if (size() > first) return true;
      const auto now = std::chrono::steady_clock::now();
      if (now >= end) return false;
      const bool interrupted = wake_.wait_until(lock, std::min(end, now + kPoll),
                                                [&] { return interrupts_ != interrupts; });
      if (interrupted) return size() > first;
    }
  }

  void interrupt() override {
    const std::lock_guard lock(wake_mutex_);
    ++interrupts_;
    wake_.notify_all();
  }

  std::uint64_t cursor(std::string_view sink) override {
    std::map<std::string, std::uint64_t, std::less<>> cursors;
    use([&](LogReader& reader) { cursors = reader.cursors(); });
    const auto found = cursors.find(sink);
    return found == cursors.end() ? 0 : found->second;
  }

  std::vector<std::string> sinks() override {
    std::map<std::string, std::uint64_t, std::less<>> cursors;
    use([&](LogReader& reader) { cursors = reader.cursors(); });
    return names_of(cursors);
  }

  std::string path() const override { return path_; }
  study::Names& names() override { return names_; }

 private:
  // Looks at a -wal file without an owner. While an owner writes to it, it may seem to be damaged.
  void check_leftover() const {
    const Stamp before = look_around(path_);
    if (base::is_locked(lock_path_)) return;
    try {
      check_wal(path_);
    } catch (const Error&) {
      if (!base::is_locked(lock_path_) && look_around(path_) == before) throw;
    }
  }

  [[noreturn]] void refuse() const {
    throw Error(DODONA_E_STATE, base::quote(path_) + " is open for reading only");
  }

  // Calls with a connection that sees the present state. An owner may come or go at any moment, and
  // the modes without locks show it only by the files: the call is then made again.
  void use(const std::function<void(LogReader&)>& call) const {
    const std::lock_guard lock(mutex_);
    for (int attempts_left = 5;; --attempts_left) {
      const Stamp before = look_around(path_);
      try {
        if (!reader_ || (mode_ != Database::Mode::kRead && before != stamp_)) {
          reader_.reset();
          mode_ = mode_for(before);
          stamp_ = before;
          reader_ = std::make_unique<LogReader>(path_, mode_);
        }
        call(*reader_);
        if (mode_ == Database::Mode::kRead || attempts_left == 0 || look_around(path_) == stamp_) {
          return;
        }
      } catch (const Error&) {
        if (attempts_left == 0 || look_around(path_) == before) throw;
      }
      reader_.reset();
    }
  }

  const std::string path_;
  const fs::path lock_path_;
  mutable std::mutex mutex_;
  mutable Database::Mode mode_ = Database::Mode::kRead;
  mutable Stamp stamp_;
  mutable std::unique_ptr<LogReader> reader_;
  std::uint64_t unchecked_ = 0;
  study::Names names_;

  std::mutex wake_mutex_;
  std::condition_variable wake_;
  std::uint64_t interrupts_ = 0;
};

}  // namespace

std::unique_ptr<study::Store> open_sqlite_store(const std::string& project_directory,
                                                Access access) {
  const fs::path directory = fs::absolute(project_directory).lexically_normal();
  if (access == Access::kRead) return std::make_unique<ReadStore>(directory);
  return open_sqlite_store(project_directory,
                           std::make_shared<base::FileLock>(lock_project(project_directory)));
}

base::FileLock lock_project(const std::string& project_directory) {
  return lock(fs::absolute(project_directory).lexically_normal());
}

std::unique_ptr<study::Store> open_sqlite_store(const std::string& project_directory,
                                                std::shared_ptr<base::FileLock> lock) {
  return std::make_unique<OwnStore>(fs::absolute(project_directory).lexically_normal(),
                                    std::move(lock));
}

}  // namespace dodona::store
