// SPDX-License-Identifier: Apache-2.0
//
// Lines of text through a pair of descriptors.
//
// Errors:  Error{kIo} where a line is longer than kLineMax.
// Threads: a writer any; a reader one.
// Lifetime: the descriptors stay open as long as reader and writer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace dodona::runner {

inline constexpr std::size_t kLineMax = std::size_t{16} << 20;

// Writes whole lines. Never raises SIGPIPE.
class LineWriter {
 public:
  explicit LineWriter(int file) : file_(file) {}

  // Writes the line and its end. False if the other side is gone, or took nothing for `patience`;
  // nothing can be written any more then.
  bool write(std::string_view line, std::chrono::milliseconds patience);
  // The same for a short line, but only if that needs no waiting. False if the other side is gone.
  bool write_if_free(std::string_view line);
  // From here on nothing is written, so that the descriptor can be closed.
  void stop();

 private:
  bool put(std::string_view bytes, std::chrono::milliseconds patience);

  const int file_;
  std::mutex mutex_;
  bool broken_ = false;
};

class LineReader {
 public:
  explicit LineReader(int file) : file_(file) {}

  enum class Read : std::uint8_t { kLine = 1, kNothing, kEnd };
  // The next line, without its end. kNothing after `patience`; kEnd where the other side has closed,
  // a line without an end included.
  Read read(std::string& line, std::chrono::milliseconds patience);

 private:
  const int file_;
  std::string buffer_;
  std::size_t searched_ = 0;  // no end of a line before it
};

}  // namespace dodona::runner
