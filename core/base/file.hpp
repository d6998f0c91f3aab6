// SPDX-License-Identifier: Apache-2.0
//
// Whole files read and replaced, and the lock that makes one process the owner of a directory.
//
// Errors:  dodona::Error{DODONA_E_IO}: what was tried, the path, the system's reason, and what
//          would be right. FileLock throws DODONA_E_STATE where somebody else holds the lock.
// Threads: call from any thread; a FileLock is used by one at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace dodona::base {

std::string read_file(const std::filesystem::path& path);

// The path that a shell would have made of one that begins with ~, as only shells do; nothing for
// every other path.
std::optional<std::string> home_expanded(std::string_view path);

// Replaces or creates `path` so that after a crash at any moment it holds either the old bytes or
// the new ones, and on return the new ones are on the disk. The directory must exist. A symbolic
// link at `path` is itself replaced. A crash may leave a `.dodona-*.tmp` beside it.
// Cost: two fsync.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// On return the names in `directory` are on the disk: what was made, renamed and removed in it.
void sync_directory(const std::filesystem::path& directory);

// On return all that lies below `directory` is on the disk. Throws Error{kIo}.
// Cost: an fsync of each file and directory there, and of nothing else.
void sync_below(const std::filesystem::path& directory);

// Makes a directory and those above it, where they are missing. Throws Error{kIo}.
void make_directory(const std::filesystem::path& directory);

// The same; what is there goes first. Throws Error{kIo}.
void make_empty_directory(const std::filesystem::path& directory);

// Copies all that lies below `from`; what is at `to` goes first. Throws Error{kIo}.
void copy_directory(const std::filesystem::path& from, const std::filesystem::path& to);

// Moves directory `from` to `to`, on the same file system, so that at any moment `to` is either
// what it was or what `from` was. Throws Error{kIo}.
void replace_directory(const std::filesystem::path& from, const std::filesystem::path& to);

// Holds an exclusive flock on `path`, which is created if need be and never removed. While held the
// file says `pid host`, so that the next one who tries can be told by whom. Released by the
// destructor, and by the kernel when the process dies however it dies; a child made by fork alone
// (no exec) shares the lock and keeps it as long as it lives.
class FileLock {
 public:
  explicit FileLock(std::filesystem::path path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  void release() noexcept;

  std::filesystem::path path_;
  int fd_ = -1;
  pid_t owner_ = 0;
};

// A process.
struct Holder {
  pid_t pid = 0;
  std::string host;
  // `process 4242 on host node1`.
  std::string text() const;
};
Holder this_process();

// The process that holds a lock, as the file says; the lock is not touched. A holder that was killed
// is known by its process id, if it was one of this host. Nothing where there is none.
std::optional<Holder> lock_holder(const std::filesystem::path& path);
inline bool is_locked(const std::filesystem::path& path) {
  return lock_holder(path).has_value();
}

}  // namespace dodona::base
