// SPDX-License-Identifier: Apache-2.0
//
// Calls a function, on a thread of its own, while a search has not come back after its time.
//
// Threads: made and destroyed by one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace dodona::host {

class Overtime {
 public:
  using Seconds = std::chrono::duration<double>;
  // After `time` the function is called about once a second, with how long that time is over. 0: never.
  Overtime(Seconds time, std::function<void(Seconds over)> function);
  // Another time, from the same beginning. [any]
  void set(Seconds time);
  // The function is not called any more; waits for it if it runs.
  ~Overtime();
  Overtime(const Overtime&) = delete;
  Overtime& operator=(const Overtime&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool back_ = false;
  Seconds time_;
  std::thread thread_;
};

}  // namespace dodona::host
