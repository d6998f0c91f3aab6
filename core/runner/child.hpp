// SPDX-License-Identifier: Apache-2.0
//
// A child process with pipes at its standard input, output and error, in a session of its own.
//
// Errors:  Error{kIo} where the system refuses a process or a pipe, with the program and the reason.
// Threads: one at a time. The kernel tells a child of the end of the thread that spawned it, so that
//          thread must outlive the child.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace dodona::runner {

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int file = -1) : file_(file) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return file_; }
  void close();

 private:
  int file_;
};

class Child {
 public:
  // kEnd: what it leaves in its session is killed once it has ended. kLeave: for the client of an
  // engine, whose helpers tidy up.
  enum class Session : std::uint8_t { kEnd = 1, kLeave };
  // Starts the program words[0] with these words. It has the environment of this process, no other
  // descriptors than the three, and no signal blocked or ignored.
  Child(const std::vector<std::string>& words, Session session);
  // Kills and reaps it.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int input() const { return input_.get(); }    // to write to
  int output() const { return output_.get(); }  // to read from
  int errors() const { return errors_.get(); }  // to read from
  void close_input() { input_.close(); }

  // The wait status, once it has ended; waits for `patience` at most.
  std::optional<int> wait(std::chrono::milliseconds patience);
  // Sends a signal to it alone, as long as it lives.
  void send(int signal) const;
  pid_t pid() const { return pid_; }

 private:
  bool has_ended(std::chrono::milliseconds patience) const;

  const Session session_;
  pid_t pid_ = -1;
  Descriptor process_;  // a pidfd
  Descriptor input_, output_, errors_;
  std::optional<int> status_;
};

}  // namespace dodona::runner
