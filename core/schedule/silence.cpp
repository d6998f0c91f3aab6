// SPDX-License-Identifier: Apache-2.0
#include "schedule/silence.hpp"

#include <algorithm>

namespace dodona::schedule {

std::vector<Silence::Silent> Silence::take_long() {
  const std::int64_t now = clock_.steady_nanos();
  std::vector<Silent> silent;
  for (auto& [trial, last] : last_) {
    if (now - std::max(last.heard, last.named) < kLongNanos) continue;
    last.named = now;
    silent.push_back({trial, (now - last.heard) / 1'000'000'000});
  }
  return silent;
}

}  // namespace dodona::schedule
