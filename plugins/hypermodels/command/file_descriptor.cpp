// SPDX-License-Identifier: Apache-2.0
#include "file_descriptor.hpp"

#include <dodona/error.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace command {

void FileDescriptor::close() {
  if (open()) ::close(std::exchange(number_, -1));
}

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw dodona::Error(DODONA_E_IO, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  read = FileDescriptor(ends[0]);
  write = FileDescriptor(ends[1]);
}

// The signal is blocked for this thread, and removed if the write raised it.
bool write_quietly(const FileDescriptor& file, std::string_view bytes) {
  sigset_t broken;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &broken, &before);
  const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
  if (written < 0 && errno == EPIPE && !was_pending) {
    const timespec at_once{};
    sigtimedwait(&broken, nullptr, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return written == static_cast<ssize_t>(bytes.size());
}

void set_nonblocking(const FileDescriptor& file) {
  fcntl(file.get(), F_SETFL, fcntl(file.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace command
