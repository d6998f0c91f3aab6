// SPDX-License-Identifier: Apache-2.0
//
// The processes of this machine, as /proc has them.
//
// Threads: any.
// Cost:    looks at each process of the machine, some 10 us each.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <sys/types.h>

namespace command {

// True if a process of the group is alive. A process that has ended stays in its group until its
// parent reaps it, which the first process of a container may never do. True, too, without /proc.
bool has_living_member(pid_t group);

// The memory of sessions. All trials of a hypermodel share the looks at /proc.
class MemoryMeter {
 public:
  // The resident bytes of all processes of the session together, at most kAge old. Pages that
  // several processes share count for each of them.
  std::uint64_t resident_bytes(pid_t session);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kAge{200};

  std::mutex mutex_;
  Clock::time_point measured_{};
  std::map<pid_t, std::uint64_t> sizes_;  // by session
};

}  // namespace command
