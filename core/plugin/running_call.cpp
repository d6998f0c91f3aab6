// SPDX-License-Identifier: Apache-2.0
#include "plugin/running_call.hpp"

#include "base/assert.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <set>

namespace dodona::plugin {

// Written by its own thread alone; each member is whole at any moment.
struct alignas(64) Slot {
  std::atomic<bool> taken = false;
  std::atomic<bool> model = false;
  std::atomic<const char*> plugin = nullptr;
  std::atomic<std::uint64_t> trial = study::kNoTrial;
  std::atomic<std::uint64_t> runs = study::kNoTrial;  // the trial whose hypermodel is on the stack
};

namespace {

constexpr std::size_t kThreadsMax = 1024;
constinit std::array<Slot, kThreadsMax> slots;

// Reached without a call of the dynamic linker, which a signal handler could not make.
[[gnu::tls_model("initial-exec")]] constinit thread_local Slot* own_slot = nullptr;

struct Lease {
  ~Lease() {
    if (own_slot != nullptr) own_slot->taken.store(false, std::memory_order_release);
    own_slot = nullptr;
  }
};

Slot* slot_of_this_thread() noexcept {
  if (own_slot != nullptr) return own_slot;
  for (Slot& slot : slots) {
    bool taken = false;
    if (slot.taken.load(std::memory_order_relaxed) ||
        !slot.taken.compare_exchange_strong(taken, true, std::memory_order_acquire)) {
      continue;
    }
    thread_local const Lease kLease;  // gives it back at the thread's end
    static_cast<void>(kLease);
    own_slot = &slot;
    return own_slot;
  }
  return nullptr;
}

RunningCall read(const Slot& slot) noexcept {
  return {slot.plugin.load(std::memory_order_relaxed), slot.trial.load(std::memory_order_relaxed),
          slot.model.load(std::memory_order_relaxed)};
}

void write(Slot& slot, const RunningCall& call) noexcept {
  slot.trial.store(call.trial, std::memory_order_relaxed);
  slot.model.store(call.model, std::memory_order_relaxed);
  slot.plugin.store(call.plugin, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace

CallScope::CallScope(const RunningCall& call) noexcept : slot_(slot_of_this_thread()) {
  if (slot_ == nullptr) return;
  before_ = read(*slot_);
  trial_before_ = slot_->runs.load(std::memory_order_relaxed);
  if (call.model) slot_->runs.store(call.trial, std::memory_order_relaxed);
  write(*slot_, call);
}

CallScope::~CallScope() {
  if (slot_ == nullptr) return;
  DODONA_ASSERT(slot_ == own_slot);
  slot_->runs.store(trial_before_, std::memory_order_relaxed);
  write(*slot_, before_);
}

const char* lasting_name(const std::string& text) {
  static std::mutex mutex;
  static auto& names = *new std::set<std::string>;  // never destroyed: a handler may read it last
  const std::lock_guard lock(mutex);
  return names.insert(text).first->c_str();
}

RunningCall running_call() noexcept {
  return own_slot != nullptr ? read(*own_slot) : RunningCall{};
}

std::size_t running_trials(std::span<std::uint64_t> out) noexcept {
  std::size_t count = 0;
  for (const Slot& slot : slots) {
    if (!slot.taken.load(std::memory_order_acquire)) continue;
    const std::uint64_t trial = slot.runs.load(std::memory_order_relaxed);
    if (trial != study::kNoTrial && count < out.size()) out[count++] = trial;
  }
  return count;
}

}  // namespace dodona::plugin
