// SPDX-License-Identifier: Apache-2.0
//
// dodona_host over the kernel's services: what every object of a plugin gets.
//
// Errors:  a function of dodona_host cannot fail; what nevertheless went wrong inside parallel_for
//          is kept, and thrown by check().
// Threads: [any], as the table says.
#pragma once

#include "study/roles.hpp"

#include <dodona/abi.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace dodona::plugin {

class HostBridge {
 public:
  // `source` stands before what the plugin logs.
  HostBridge(study::Services& services, std::string source);
  HostBridge(const HostBridge&) = delete;
  HostBridge& operator=(const HostBridge&) = delete;

  const dodona_host* get() const { return &raw_; }

  // Throws Error{kPlugin} if a loop was left undone: to be called after each call into the plugin,
  // as its answer rests on that loop.
  void check() const;

 private:
  void run_loop(std::uint64_t count, std::uint64_t grain,
                void (*body)(void*, std::uint64_t, std::uint64_t), void* ctx) const noexcept;

  study::Services& services_;
  std::string source_;
  dodona_host raw_{};
  mutable std::atomic<bool> loop_failed_{false};
};

}  // namespace dodona::plugin
