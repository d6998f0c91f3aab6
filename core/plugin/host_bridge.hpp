// SPDX-License-Identifier: Apache-2.0
//
// dodona_host over the kernel's services: what every object of a plugin gets.
//
// Errors:  a function of dodona_host cannot fail. A loop of parallel_for that did nevertheless
//          spoils the call of the plugin that it was part of, and no other: Call::check() throws.
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

  // A call into the plugin, by the thread that makes it.
  class Call {
   public:
    explicit Call(const HostBridge& host);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // Throws Error{kPlugin} if a loop of this call was left undone, as its answer rests on that
    // loop; or one of a thread of the plugin's own, since this was last asked.
    void check() const;

   private:
    friend class HostBridge;
    const HostBridge& host_;
    Call* const outer_;  // the call within which this one is made, by the same thread
    bool loop_failed_ = false;
  };

 private:
  // The innermost call into this plugin that this thread makes; or none.
  Call* current() const;
  void run_loop(std::uint64_t count, std::uint64_t grain,
                void (*body)(void*, std::uint64_t, std::uint64_t), void* ctx) const noexcept;

  study::Services& services_;
  std::string source_;
  dodona_host raw_{};
  mutable std::atomic<bool> own_loop_failed_{false};  // in a thread of the plugin's own
};

}  // namespace dodona::plugin
