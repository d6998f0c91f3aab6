// SPDX-License-Identifier: Apache-2.0
//
// A file of lines that tell of the events of a log: it grows at its end, is made durable on request,
// and is mended after a crash.
//
// The constructor drops a last line that was cut short, damaged lines before it (a lost page of the
// disk), and the lines of an event that has not got all of them. It finds the event from which to go
// on. One process at a time holds the file.
//
// Errors:  Error{DODONA_E_IO} with the path and the system's reason; Error{DODONA_E_STATE} if
//          another sink has the file open; Error{DODONA_E_INVALID} for a file of anything else,
//          which is left as it is.
// Threads: one at a time.
// Cost:    a write for each 64 KiB; opening reads the last line only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dodona::common {

// The lines of one kind of file.
struct LogFormat {
  // Every line begins so.
  std::string_view start;
  // The sequence of the event whose last line this is; nothing for another line.
  std::optional<std::uint64_t> (*last_of)(std::string_view line);
};

class LogFile {
 public:
  LogFile(std::filesystem::path path, const LogFormat& format);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // The sequence of the first event that the file lacks.
  std::uint64_t next() const { return next_; }
  // The first line, or empty.
  std::string first_line() const;

  // Appends all lines of an event, the last one without its line break.
  void append(std::string_view lines, std::uint64_t sequence);
  // Makes all appended lines durable.
  void sync();
  // Empties the file.
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
  LogFormat format_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t next_ = 0;
  std::string buffer_;
};

}  // namespace dodona::common
