// SPDX-License-Identifier: Apache-2.0
//
// A running program: a child in a session and process group of its own, with pipes to its standard
// input, output and error, and a guardian for all such groups.
//
// Signals go to the group, and so to all processes that the program starts, except those that make
// a session or group of their own. The group is killed when this object is destroyed, and when the
// process dies in any way.
//
// Errors:  Error{DODONA_E_IO} with the name of a program that cannot be started.
// Threads: a Child belongs to one thread; any thread may use a Guardian.
// Cost:    a posix_spawn, whatever memory this process has; no fork.
#pragma once

#include "file_descriptor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace command {

// Kills its groups when this process ends without taking them back, for example by kill -9. It is a
// shell that waits for the end of its standard input, to which this process alone can write. A
// child survives if the guardian is killed first, or if this process died before it told of the
// child.
class Guardian {
 public:
  Guardian();
  ~Guardian();
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  void add(pid_t group) const;
  void drop(pid_t group) const;

 private:
  pid_t pid_ = -1;
  FileDescriptor orders_;
};

class Child {
 public:
  // Starts a program. `arguments`: the program, looked for in PATH, then its arguments.
  // `environment`: NAME=value.
  Child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
        const Guardian& guardian);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  FileDescriptor& output() { return output_; }  // a read of output or error does not wait
  FileDescriptor& error() { return error_; }
  const FileDescriptor& exit_sign() const { return exit_; }  // readable once the program has ended

  // Writes a line to the program's standard input. It is lost if the pipe is full, as for a program
  // that does not read.
  void tell(std::string_view line) const { write_quietly(input_, line); }
  void end_input() { input_.close(); }

  // The number of its session, and of its group.
  pid_t session() const { return pid_; }
  // From now on an allocation fails with which the program, or a process that it starts, would have
  // more writable memory than this.
  void limit_memory(std::uint64_t bytes) const;

  // Sends a signal to the whole group.
  void signal(int number) const;

  // The status of the program's end, as of waitpid; nothing as long as it runs.
  std::optional<int> status();
  // True if no process of the group is left. Asked after status() told the end.
  bool group_is_empty() const;

 private:
  const Guardian& guardian_;
  pid_t pid_ = -1;
  std::optional<int> status_;
  FileDescriptor input_;
  FileDescriptor output_;
  FileDescriptor error_;
  FileDescriptor exit_;
};

}  // namespace command
