// SPDX-License-Identifier: Apache-2.0
//
// The sinks of a study while it searches or gives out trials: each reads the log on a thread of its
// own, from where it stood.
//
// Errors:  Error{kPlugin} for a sink that cannot be made. A sink that fails later is set aside.
// Threads: one.
#pragma once

#include "schedule/sink_pump.hpp"
#include "tuner/open_study.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace dodona::tuner {

class Sinks {
 public:
  // Makes and starts them. `study` outlives them.
  explicit Sinks(const OpenStudy& study);

  enum class Patience : std::uint8_t {
    kFull = 1,     // half a minute
    kInterrupted,  // two seconds: the user waits
    kNone          // the store failed
  };
  // Returns when each sink has consumed and flushed the log, has failed, or was waited for long
  // enough; it then goes on from where it stood the next time.
  void finish(Patience patience);

 private:
  std::vector<std::unique_ptr<schedule::SinkPump>> pumps_;
};

}  // namespace dodona::tuner
