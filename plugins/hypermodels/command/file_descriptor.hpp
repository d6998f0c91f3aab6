// SPDX-License-Identifier: Apache-2.0
//
// A file descriptor, closed by its owner's destructor.
#pragma once

#include <string_view>
#include <utility>

namespace command {

class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() { close(); }

  int get() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close();

 private:
  int number_;
};

struct Pipe {
  Pipe();  // throws Error{DODONA_E_IO}
  FileDescriptor read;
  FileDescriptor write;
};

// Writes up to PIPE_BUF bytes without waiting. Returns true if all were written. Never raises
// SIGPIPE.
bool write_quietly(const FileDescriptor& file, std::string_view bytes);

// From then on reads and writes of the file do not wait.
void set_nonblocking(const FileDescriptor& file);

}  // namespace command
