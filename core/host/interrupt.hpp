// SPDX-License-Identifier: Apache-2.0
//
// SIGINT, SIGTERM and SIGHUP as a wish to stop: the first one calls an action, the second one ends
// the process at once with exit code 130.
//
// A thread waits for the signals and no handler runs, so the action may do anything. Signals that
// were ignored when the process began (nohup, a shell's background jobs) stay ignored, except
// SIGINT from a kill: shells ignore it for background jobs only to spare them the terminal's.
//
// Threads: made before any other thread, which inherits the mask; destroyed after they ended.
#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

namespace dodona::host {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool came() const;

  // Calls a function at the first signal, at once if that came before; no longer once destroyed.
  class Action {
   public:
    Action(Interrupt& interrupt, std::function<void()> function);
    ~Action();
    Action(const Action&) = delete;
    Action& operator=(const Action&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  void wait();

  sigset_t signals_{};
  sigset_t before_{};
  bool kill_only_ = false;  // SIGINT was ignored
  mutable std::mutex mutex_;
  bool came_ = false;
  bool done_ = false;
  std::function<void()> action_;
  std::thread thread_;
};

}  // namespace dodona::host
