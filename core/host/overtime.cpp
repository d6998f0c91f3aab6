// SPDX-License-Identifier: Apache-2.0
#include "host/overtime.hpp"

#include <algorithm>
#include <utility>

namespace dodona::host {

Overtime::Overtime(Seconds time, std::function<void(Seconds over)> function)
    : time_(time), thread_([this, function = std::move(function)] {
        const auto begin = std::chrono::steady_clock::now();
        const auto over = [&] { return Seconds(std::chrono::steady_clock::now() - begin) - time_; };
        const auto until_next = [&] {  // at least once a second, as the time may change
          const Seconds left = -over();
          return time_ > Seconds(0) && left > Seconds(0) ? std::min(left, Seconds(1)) : Seconds(1);
        };
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, until_next(), [this] { return back_; })) {
          const Seconds now = over();
          if (time_ <= Seconds(0) || now < Seconds(0)) continue;
          lock.unlock();
          function(now);
          lock.lock();
        }
      }) {}

Overtime::~Overtime() {
  {
    const std::lock_guard lock(mutex_);
    back_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Overtime::set(Seconds time) {
  const std::lock_guard lock(mutex_);
  time_ = time;
}

}  // namespace dodona::host
