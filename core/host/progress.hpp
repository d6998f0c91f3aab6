// SPDX-License-Identifier: Apache-2.0
//
// Shows a search while it runs, on standard error: a thread that draws a scoreboard every 200 ms.
//
// The cursor is hidden only within a write and left below the lines, so that a process that is
// killed leaves the terminal as it was.
//
// Threads: any; while it shows, callers never wait for the terminal.
#pragma once

#include "host/scoreboard.hpp"
#include "host/terminal.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace dodona::host {

class ProgressDisplay {
 public:
  // kMessages: only what print() is given.
  enum class Shown : std::uint8_t { kMessages = 1, kProgress };
  ProgressDisplay(Goal goal, Shown shown);
  ~ProgressDisplay() { close(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void apply(const Progress& progress);
  // A line above those that are redrawn, at once. It is printed whole, however narrow the terminal.
  void print(std::string_view text, Tone tone = Tone::kPlain);
  // Prints what is pending and takes the redrawn lines away; print() still works.
  void close();

 private:
  double now() const;
  void draw();
  void draw_loop();
  std::string painted(const Line& line) const;

  const Terminal terminal_;
  const bool shown_;
  const bool live_;
  const std::chrono::steady_clock::time_point begin_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Scoreboard scoreboard_;
  std::vector<Line> printed_;
  bool closing_ = false;

  std::vector<std::size_t> drawn_;  // widths of the lines of the last frame; the thread's own
  std::thread thread_;
};

}  // namespace dodona::host
