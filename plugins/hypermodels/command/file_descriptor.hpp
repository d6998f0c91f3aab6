// SPDX-License-Identifier: Apache-2.0
//
// A file descriptor that is closed when its owner goes.
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
  Pipe();  // throws Error{kIo}
  FileDescriptor read;
  FileDescriptor write;
};

// Whether it could be written as a whole, at once; never raises SIGPIPE. Up to PIPE_BUF bytes.
bool write_quietly(const FileDescriptor& file, std::string_view bytes);

// Reads and writes of it no longer wait.
void set_nonblocking(const FileDescriptor& file);

}  // namespace command
