// SPDX-License-Identifier: Apache-2.0
//
// The directory of event files: all that the sink does to the disk. Paths are relative to it.
//
// One process at a time holds it.
//
// Errors:  Error{kIo} naming the path and the system's reason; Error{kState} where another sink
// holds
//          the directory.
// Threads: one at a time.
// Cost:    sync() is an fsync for each file that was written and each directory that got an entry,
//          or one syncfs where those are many.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace tensorboard {

class Directory {
 public:
  // Makes the directory if it is not there.
  explicit Directory(std::filesystem::path path);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // The whole file, or nothing where there is none.
  std::string read(const std::string& file) const;
  // Makes the file `size` bytes long, which it has or had, and appends to it. Directories on the
  // way are made.
  void append(const std::string& file, std::uint64_t size, std::string_view bytes);
  // Makes the file shorter.
  void cut(const std::string& file, std::uint64_t size);
  // Writes a file whose content is there as a whole or not at all, and is durable on return.
  void replace(const std::string& file, std::string_view bytes);
  // Removes a file, if it is there, and the directories that this leaves empty.
  void remove(const std::string& file);
  // Removes all that a sink wrote here.
  void clear();
  // Makes durable what was appended.
  void sync();

 private:
  [[noreturn]] void fail(const char* what, const std::string& file) const;
  void sync_path(const std::string& file, int flags) const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::set<std::string> unsynced_;  // files
};

}  // namespace tensorboard
