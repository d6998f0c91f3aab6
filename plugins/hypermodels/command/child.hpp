// SPDX-License-Identifier: Apache-2.0
//
// A program that runs: a child in a session and process group of its own, with pipes to its
// standard input, output and error, and a guardian for all such groups.
//
// Signals go to the group, so to all that the program starts, except what makes a session or group
// of its own. When this object goes, or the process dies, however it does, the group is killed.
//
// Errors:  Error{kIo} for what cannot be started, with the name of the program.
// Threads: a Child belongs to one; a Guardian serves any.
// Cost:    posix_spawn, whatever memory this process has; no fork.
#pragma once

#include "file_descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace command {

// Kills the groups it was told of when this process ends without taking them back, by kill -9 for
// example: a shell that waits for the end of its standard input, which this process alone can write
// to. It survives where somebody kills it first, and a child that this process had no time to tell
// of.
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
  // `arguments`: the program first, looked for in PATH; `environment`: NAME=value.
  Child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
        const Guardian& guardian);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  FileDescriptor& output() { return output_; }  // reads of these two do not wait
  FileDescriptor& error() { return error_; }
  const FileDescriptor& exit_sign() const { return exit_; }  // readable once the program has ended

  // A line for who reads standard input; lost if nobody does and the pipe is full.
  void tell(std::string_view line) const { write_quietly(input_, line); }
  void end_input() { input_.close(); }

  // To the whole group.
  void signal(int number) const;

  // How the program ended, as waitpid tells it; nothing as long as it runs.
  std::optional<int> status();
  // Whether nothing of the group is left; after status() told the end.
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
