// SPDX-License-Identifier: Apache-2.0
//
// The thread that looks after the runners of an owner, whatever their workers do: it spawns them,
// reads what they write on standard error, sends them signs of life, and ends those that have been
// without a trial for long.
//
// It spawns them because the kernel ends a runner with the thread that spawned it.
//
// Errors:  spawn() throws what Child throws.
// Threads: any.
// Lifetime: outlives the runners that it spawned. The destructor waits for the thread.
#pragma once

#include "runner/child.hpp"
#include "runner/line.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace dodona::runner {

// The end of what a runner wrote on standard error.
//
// Threads: any.
class Tail {
 public:
  static constexpr std::size_t kKept = 2000;

  void add(std::string_view bytes);
  // No more will come.
  void end();
  bool has_ended() const;
  // Forgets what came so far, and its count.
  void clear();
  // The kept bytes, of whole lines. Waits until all has come, for `patience` at most.
  std::string text(std::chrono::milliseconds patience) const;
  // The number of bytes that came.
  std::uint64_t bytes() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::string kept_;
  std::uint64_t bytes_ = 0;
  bool has_ended_ = false;
};

// A runner's process, as the keeper looks after it.
//
// Threads: any; the child as it says.
struct Kept {
  using Clock = std::chrono::steady_clock;

  Kept(const std::vector<std::string>& words, Child::Session session)
      : child(words, session), out(child.input()) {}
  // Ends its standard input. The keeper may be about to write there.
  void close_input();
  // It has nothing to do from now on, so the keeper may end its input after a while.
  void rest();
  // It has something to do. False if its input has ended.
  bool wake();
  // Ends its input if it has had nothing to do since `moment`.
  void retire(Clock::time_point moment);

  Child child;
  LineWriter out;
  Tail tail;
  std::atomic<std::uint64_t> resident_bytes = 0;  // of its session, when it was measured last

 private:
  void close_now();

  std::mutex mutex_;
  bool closed_ = false;  // its input
  std::optional<Clock::time_point> idle_since_;
};

class Keeper {
 public:
  enum class Memory : std::uint8_t { kMeasured = 1, kUnmeasured };
  // A sign of life goes to each runner every `beat`. A runner that rests for `idle` is ended; 0: none is.
  // Memory is measured four times a second.
  Keeper(std::chrono::milliseconds beat, std::chrono::milliseconds idle, Memory memory);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // Starts a program as Child does. The keeper looks after it as long as somebody has it.
  std::shared_ptr<Kept> spawn(const std::vector<std::string>& words, Child::Session session);

  // kFriendly: it ends by itself, as its input has ended; kShort: it will not.
  enum class Farewell : std::uint8_t { kFriendly = 1, kShort };
  // Ends the client of an engine without waiting for it: SIGTERM, so that it tidies up, and SIGKILL
  // after five seconds. From here on its child belongs to the keeper.
  void dismiss(const std::shared_ptr<Kept>& kept, Farewell farewell);

 private:
  struct Job;
  struct Dismissed {
    std::shared_ptr<Kept> kept;
    Kept::Clock::time_point asked;  // to end, by SIGTERM; may be still to come
    bool told = false;              // SIGTERM was sent
  };
  using Runners = std::vector<std::shared_ptr<Kept>>;
  bool see_off();
  void work();
  Runners take_jobs();
  void read(const Runners& runners) const;
  static void measure(const Runners& runners);
  void wake() const;

  const std::chrono::milliseconds beat_, idle_;
  const Memory memory_;
  Descriptor wake_reading_, wake_writing_;
  std::mutex mutex_;
  std::condition_variable spawned_;
  std::vector<Job*> jobs_;
  std::vector<std::weak_ptr<Kept>> kept_;
  std::vector<Dismissed> dismissed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace dodona::runner
