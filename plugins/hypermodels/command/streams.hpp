// SPDX-License-Identifier: Apache-2.0
//
// The output of a program: files that keep it, its last lines, and its metrics file.
//
// Errors:  Error{DODONA_E_IO} with the name of a file that cannot be written.
// Threads: one at a time.
#pragma once

#include "file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace command {

using OnBytes = std::function<void(std::string_view bytes)>;

// A file that is written from its beginning. Without a path nothing is written.
class OutputFile {
 public:
  enum class Opens : std::uint8_t { kAnew = 1, kAtItsEnd };
  explicit OutputFile(std::string path, Opens opens = Opens::kAnew);
  void write(std::string_view bytes);

 private:
  std::string path_;
  FileDescriptor file_;
};

void write_file(const std::string& path, std::string_view text);

// The last lines of a stream, as text for people: valid UTF-8 without control characters.
class LastLines {
 public:
  static constexpr std::size_t kBytesMax = 2048;
  static constexpr std::size_t kLinesMax = 10;

  void add(std::string_view bytes);
  std::string text() const;

 private:
  std::string bytes_;
  bool cut_ = false;  // true: earlier text was dropped
};

// Reads the available bytes, at most `most`, and closes the file at its end. Returns true if there
// may be more.
bool read_some(FileDescriptor& file, std::size_t most, const OnBytes& on_bytes);

// A file that another process makes, appends to, or makes anew.
class FollowedFile {
 public:
  explicit FollowedFile(std::string path) : path_(std::move(path)) {}

  // Reads the new bytes. Calls `on_restart` if the file began again.
  void read(const std::function<void()>& on_restart, const OnBytes& on_bytes);

 private:
  std::string path_;
  FileDescriptor file_;
  ino_t inode_ = 0;
  off_t at_ = 0;
};

}  // namespace command
