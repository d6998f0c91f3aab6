// SPDX-License-Identifier: Apache-2.0
#include "host/overtime.hpp"

#include <algorithm>
#include <utility>

namespace dodona::host {

Overtime::Overtime(Seconds time, std::function<void(Seconds over)> function)
    : thread_([this, time, function = std::move(function)] {
        constexpr Seconds longest(1e9);  // far more fits into no clock
        const auto begin = std::chrono::steady_clock::now();
        const auto back = [this] { return back_; };
        for (Seconds wait = std::min(time, longest);; wait = Seconds(1)) {
          {
            std::unique_lock lock(mutex_);
            if (changed_.wait_for(lock, wait, back)) return;
          }
          function(std::chrono::steady_clock::now() - begin - time);
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

}  // namespace dodona::host
