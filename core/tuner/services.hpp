// SPDX-License-Identifier: Apache-2.0
//
// Services of the kernel for plugins: the application's log, cancellation, and threads.
//
// Errors:  none of its own; parallel_for() throws the first exception of its body.
// Threads: any.
// Cost:    lines are written one at a time, so a slow application holds up who logs.
#pragma once

#include "study/roles.hpp"

#include <tbb/task_arena.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace dodona::tuner {

class KernelServices : public study::Services {
 public:
  using Log = std::function<void(std::int32_t level, const std::string& message)>;
  explicit KernelServices(Log log) : log_(std::move(log)) {}

  // An exception of the application's log is dropped: a line is no reason to end anything. The
  // application must not cause another line from within.
  void log(study::Level level, std::string_view source, std::string_view message) override;
  bool cancelled() const override { return cancelled_.load(std::memory_order_relaxed); }
  void parallel_for(std::uint64_t count, std::uint64_t grain,
                    const std::function<void(std::uint64_t, std::uint64_t)>& body) override;

  // From now on nobody hears. When it returns, the application's log is not running any more.
  void silence();
  void set_cancelled(bool cancelled) { cancelled_.store(cancelled, std::memory_order_relaxed); }

 private:
  Log log_;
  std::mutex mutex_;
  std::atomic<bool> cancelled_ = false;
  tbb::task_arena arena_;
};

}  // namespace dodona::tuner
