// SPDX-License-Identifier: Apache-2.0
//
// Feeds one sink from the log, on a thread of its own: a cursor that goes on where it stood.
//
// The cursor moves after the sink's flush, at most once a second and at the end, so after a crash
// events may come again. A sink that fails is reported once and set aside.
//
// Threads: the constructor starts the thread; finish() from one thread.
#pragma once

#include "space/search_space.hpp"
#include "study/roles.hpp"
#include "study/store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dodona::schedule {

class SinkPump {
 public:
  // `name` stands in log lines; under `cursor` the store keeps where the sink stands.
  SinkPump(std::string name, std::string cursor, std::unique_ptr<study::Sink> sink,
           study::Store& store, const space::SearchSpace& space, study::Services& services);
  ~SinkPump();

  // Returns when the sink consumed and flushed every event of the log, or failed, or after `time`
  // (with a warning in the log; the thread is then waited for by the destructor).
  void finish(std::chrono::milliseconds time);

 private:
  void run();
  void pump();
  void deliver(std::vector<study::Event>& events);
  void flush(std::uint64_t next);

  const std::string name_;
  const std::string cursor_;
  std::unique_ptr<study::Sink> sink_;
  study::Store& store_;
  const space::SearchSpace& space_;
  study::Services& services_;
  std::size_t known_params_ = 0;
  std::atomic<std::uint64_t> last_ = UINT64_MAX;  // events to deliver before the end
  std::atomic<bool> abandoned_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool running_ = true;
  std::thread thread_;
};

}  // namespace dodona::schedule
