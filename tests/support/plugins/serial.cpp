// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel that can run one trial at a time in a process, and fails where it runs two.
#include <dodona/plugin.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace {

std::atomic<int> running = 0;

class Serial {
 public:
  explicit Serial(const dodona::StudyContext&) {}

  void run(dodona::Trial& trial) {
    if (++running > 1) throw std::runtime_error("two trials in one process");
    const double x = trial.hp().real("x", {.min = 0, .max = 1});
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    trial.report(1, {{"loss", x}});
    --running;
  }
};

}  // namespace

DODONA_PLUGIN(dodona::hypermodel<Serial>({.id = "org.example.serial",
                                          .name = "serial",
                                          .description = "one trial at a time in a process",
                                          .flags = DODONA_FLAG_SERIAL}))
