// SPDX-License-Identifier: Apache-2.0
//
// The structs by which a plugin asks about a trial: dodona_trial and dodona_hp.
//
// A plugin may keep their address for longer than the trial lives, in a thread that reports late.
// So an address belongs to one execution of one trial and is never given to another one. Once the
// execution has ended, a call through it answers DODONA_E_STATE and changes nothing.
//
// Errors:  Error{kNoMemory} where the system has no memory for more of them.
// Threads: any.
// Cost:    two atomic additions a call. About 300 bytes while an execution lives; of executions
//          that ended long ago only addresses are left.
#pragma once

#include "study/roles.hpp"

#include <dodona/abi.h>
#include <dodona/guard.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace dodona::plugin {

// Counts the calls that are under way, and lets none begin once it is closed.
class Gate {
 public:
  bool enter() noexcept;
  void leave() noexcept;
  // Returns when no call is under way any more.
  void close() noexcept;

 private:
  static constexpr std::uint32_t kClosed = std::uint32_t{1} << 31;
  std::atomic<std::uint32_t> calls_ = 0;
};

// The hypermodel that the log names when a handle is used too late: its services and its name,
// for as long as it lives.
class Complainant {
 public:
  Complainant(study::Services& services, std::string name);
  ~Complainant();
  Complainant(const Complainant&) = delete;
  Complainant& operator=(const Complainant&) = delete;

  std::uint64_t id() const { return id_; }

 private:
  std::uint64_t id_;
};

class HpBridge;
class TrialBridge;

struct Handle {
  dodona_trial trial{};
  dodona_hp hp{};
  Gate gate;
  std::atomic<bool> complained = false;
  // Of the bridges that exist, while the gate is open:
  TrialBridge* trial_bridge = nullptr;
  HpBridge* hp_bridge = nullptr;
  std::uint64_t complainant = 0;  // 0: nobody
  std::uint64_t id = 0;           // of the trial
};

// A handle that nobody had before. Its `impl` pointers point to it.
Handle* new_handle();
// Closes the gate and waits for the calls under way. The handle stays readable for good.
void retire(Handle& handle) noexcept;

// The answer to a call that comes too late. Logs it, once a handle.
dodona_status too_late(Handle& handle, dodona_error* error) noexcept;

// The common part of the structs' functions: calls function(Handle&) unless it is too late.
template <class Function>
dodona_status with_handle(void* impl, dodona_error* error, Function&& function) noexcept {
  Handle& handle = *static_cast<Handle*>(impl);
  if (!handle.gate.enter()) return too_late(handle, error);
  const dodona_status status =
      guard(error, [&] { return std::forward<Function>(function)(handle); });
  handle.gate.leave();
  return status;
}

}  // namespace dodona::plugin
