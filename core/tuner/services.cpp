// SPDX-License-Identifier: Apache-2.0
#include "tuner/services.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>

namespace dodona::tuner {

void KernelServices::log(study::Level level, std::string_view source, std::string_view message) {
  std::string text(source);
  if (!text.empty()) text += ": ";
  text += message;
  const std::lock_guard lock(mutex_);
  if (!log_) return;
  try {
    log_(static_cast<std::int32_t>(level), text);
  } catch (...) {  // the line is lost: nobody is left to tell
  }
}

void KernelServices::silence() {
  const std::lock_guard lock(mutex_);
  log_ = nullptr;
}

void KernelServices::parallel_for(std::uint64_t count, std::uint64_t grain,
                                  const std::function<void(std::uint64_t, std::uint64_t)>& body) {
  grain = std::max<std::uint64_t>(grain, 1);
  const std::uint64_t chunks = count / grain + (count % grain != 0 ? 1 : 0);
  if (chunks <= 1) {
    if (count > 0) body(0, count);
    return;
  }
  const auto run_chunk = [&](std::uint64_t chunk) {
    const std::uint64_t begin = chunk * grain;
    body(begin, std::min(begin + grain, count));
  };
  // Isolated: who waits here, perhaps with the oracle's lock, must not pick up another's chunk.
  arena_.execute([&] {
    tbb::this_task_arena::isolate([&] { tbb::parallel_for(std::uint64_t{0}, chunks, run_chunk); });
  });
}

}  // namespace dodona::tuner
