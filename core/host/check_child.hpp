// SPDX-License-Identifier: Apache-2.0
//
// Processes that run checks: this program once more, in a process group of its own, with a limit.
//
// Threads: one.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace dodona::host {

class CheckChild {
 public:
  using Clock = std::chrono::steady_clock;

  // Starts the program with these arguments. Its group is killed at `end`, or with this object.
  // Throws Error{DODONA_E_IO} if the system does not start it.
  CheckChild(const std::vector<std::string>& arguments, Clock::time_point end);
  CheckChild(const CheckChild&) = delete;
  CheckChild& operator=(const CheckChild&) = delete;
  ~CheckChild();

  // Reads what is there of its output. True once the process has ended, or was killed.
  bool poll();

  const std::string& output() const { return output_; }
  // How it ended if it did not end by itself with exit code 0 or 1, with the end of what it wrote to
  // standard error; else empty.
  std::string ending() const;
  bool was_late() const { return late_; }
  double seconds() const { return std::chrono::duration<double>(ended_ - begun_).count(); }

  // The files to wait for: its output and its errors.
  std::vector<int> files() const;

 private:
  void read_all();

  pid_t pid_ = -1;
  int out_ = -1;
  int error_ = -1;
  Clock::time_point begun_;
  Clock::time_point end_;
  Clock::time_point ended_{};
  bool late_ = false;
  int status_ = 0;
  std::string output_;
  std::string errors_;
};

}  // namespace dodona::host
