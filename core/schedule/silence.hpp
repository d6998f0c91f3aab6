// SPDX-License-Identifier: Apache-2.0
//
// Running trials that have been silent for long: they neither began nor reported.
//
// Threads: one at a time.
// Cost:    take_long() looks at each running trial.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace dodona::schedule {

class Silence {
 public:
  static constexpr std::int64_t kLongNanos = 60'000'000'000;

  explicit Silence(const base::Clock& clock) : clock_(clock) {}

  // A trial begins or reports. It is watched from its first call on.
  void hear(std::uint64_t trial) { last_[trial] = {clock_.steady_nanos(), 0}; }
  // A trial is not watched any more, if it was.
  void forget(std::uint64_t trial) { last_.erase(trial); }

  struct Silent {
    std::uint64_t trial;
    std::int64_t seconds;
  };
  // The trials that were silent for a minute; one that was named before, a minute after that.
  std::vector<Silent> take_long();

 private:
  struct Last {
    std::int64_t heard = 0;
    std::int64_t named = 0;  // 0: not since
  };
  const base::Clock& clock_;
  std::map<std::uint64_t, Last> last_;
};

}  // namespace dodona::schedule
