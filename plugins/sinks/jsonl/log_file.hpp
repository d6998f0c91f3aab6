// SPDX-License-Identifier: Apache-2.0
//
// The file of lines: appended to, made durable on request, and mended after a crash.
//
// Opening drops a last line that was cut short, and lines that are not whole before it (a lost page
// of the disk), and finds the event from which to go on. One process at a time holds the file.
//
// Errors:  Error{kIo} naming the path and the system's reason; Error{kState} where another sink has
//          the file open; Error{kInvalid} for a file of something else, which is left as it is.
// Threads: one at a time.
// Cost:    a write for each 64 KiB; opening reads the last line only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace jsonl {

class LogFile {
 public:
  explicit LogFile(std::filesystem::path path);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Sequence of the first event that the file lacks.
  std::uint64_t next() const { return next_; }
  // The first line, or empty.
  std::string first_line() const;

  // A line without its line break.
  void append(std::string_view line, std::uint64_t sequence);
  void sync();
  // Starts again with an empty file.
  void clear();

 private:
  [[noreturn]] void fail(const char* what) const;
  void open();
  void mend();
  void check_ours() const;
  std::string read(std::uint64_t offset, std::uint64_t size) const;
  std::uint64_t line_start(std::uint64_t end) const;
  void write_out();
  void truncate(std::uint64_t size);

  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t next_ = 0;
  std::string buffer_;
};

}  // namespace jsonl
