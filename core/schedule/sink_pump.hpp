// SPDX-License-Identifier: Apache-2.0
//
// Feeds one sink from the log, on a thread of its own: a cursor that goes on where it stood.
//
// The cursor moves after the sink's flush, at most once a second and at the end, so after a crash
// events may come again. A sink that fails is reported once and set aside. A sink that does not
// come back is left alone with its thread: it may still call the services, and see the names of
// metrics, which are its own for that reason, but nothing else of the study.
//
// Threads: the constructor starts the thread; finish() from one thread.
#pragma once

#include "space/search_space.hpp"
#include "study/roles.hpp"
#include "study/store.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace dodona::schedule {

class SinkPump {
 public:
  // `name` stands in log lines; under `cursor` the store keeps where the sink stands. `names` are
  // those that the sink reads metrics by: they get the store's.
  SinkPump(std::string name, std::string cursor, std::unique_ptr<study::Sink> sink,
           std::shared_ptr<study::Names> names, study::Store& store,
           const space::SearchSpace& space, std::shared_ptr<study::Services> services);
  SinkPump(const SinkPump&) = delete;
  SinkPump& operator=(const SinkPump&) = delete;
  // Waits for the sink to come back, but no more than a moment.
  ~SinkPump();

  // Returns when the sink consumed and flushed every event of the log, or failed, or after `time`
  // (with a warning in the log).
  void finish(std::chrono::milliseconds time);

 private:
  struct Feed;
  const std::shared_ptr<Feed> feed_;
  std::thread thread_;
};

}  // namespace dodona::schedule
