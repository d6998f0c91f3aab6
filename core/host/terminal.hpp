// SPDX-License-Identifier: Apache-2.0
//
// The terminal, pipe or file behind standard output or standard error, and writing to it.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <string_view>

namespace dodona::host {

class Terminal {
 public:
  explicit Terminal(int fd);

  // True if lines can be redrawn: on a terminal that understands more than text.
  bool live() const { return live_; }
  bool colours() const { return colours_; }
  // Characters a line and lines, now; 0 where it is no terminal.
  std::size_t width() const;
  std::size_t height() const;

  // In as few system calls as it takes. False where the other side has gone or is full.
  bool write(std::string_view text) const;

 private:
  int fd_;
  bool terminal_;
  bool live_;
  bool colours_;
};

// Takes standard output away from everybody but print(): descriptor 1 is standard error from here
// on, for plugins and for the programs that they start. To be called before a plugin is loaded.
void keep_standard_output();

// Writes to standard output. Throws Error{kIo} where it does not take it.
void print(std::string_view text);
// One line to standard error: `dodona: TEXT`.
void complain(std::string_view text);
// The descriptor of standard output, wherever that is.
int answers_descriptor();
// The width that tables may have; 0: any.
std::size_t output_width();

}  // namespace dodona::host
