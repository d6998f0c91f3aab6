// SPDX-License-Identifier: Apache-2.0
//
// The directory of event files: everything that the sink does to the disk. Paths are relative to
// the directory. One process at a time holds it.
//
// Errors:  Error{DODONA_E_IO} with the path and the system's reason; Error{DODONA_E_STATE} if
//          another sink holds the directory.
// Threads: one at a time.
// Cost:    sync() is an fsync for each file that was written and each directory that got an entry,
//          or one syncfs if there are many of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace tensorboard {

class Directory {
 public:
  // Makes the directory unless it exists.
  explicit Directory(std::filesystem::path path);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // The whole file, or nothing if it does not exist.
  std::string read(const std::string& file) const;
  // Cuts the file to `size` bytes, which it has at least, and appends to it. Makes directories on
  // the way.
  void append(const std::string& file, std::uint64_t size, std::string_view bytes);
  // Makes the file shorter.
  void cut(const std::string& file, std::uint64_t size);
  // Writes a file in one step: after a crash it has the old or the new content. Durable on return.
  void replace(const std::string& file, std::string_view bytes);
  // Removes a file, if it exists, and the directories that are empty afterwards.
  void remove(const std::string& file);
  // Removes all that a sink wrote here.
  void clear();
  // Makes durable all that was appended.
  void sync();

 private:
  [[noreturn]] void fail(const char* what, const std::string& file) const;
  void sync_path(const std::string& file, int flags) const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::set<std::string> unsynced_;  // files
};

}  // namespace tensorboard
