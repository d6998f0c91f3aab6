// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_bridge.hpp"

#include "base/assert.hpp"
#include "plugin/running_call.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/version.h>

#include <algorithm>
#include <utility>

namespace dodona::plugin {
namespace {

const HostBridge& self(const dodona_host* host) {
  return *static_cast<const HostBridge*>(host->impl);
}

study::Level level_of(dodona_level level) {
  if (level >= DODONA_ERROR) return study::Level::kError;
  if (level >= DODONA_WARN) return study::Level::kWarn;
  return level >= DODONA_INFO ? study::Level::kInfo : study::Level::kDebug;
}

thread_local HostBridge::Call* innermost_call = nullptr;

}  // namespace

HostBridge::HostBridge(study::Services& services, std::string source)
    : services_(services), source_(std::move(source)) {
  raw_.struct_size = DODONA_SIZE_TO(dodona_host, parallel_for);
  raw_.abi_minor = DODONA_ABI_MINOR;
  raw_.impl = this;
  raw_.name = to_abi("dodona");
  raw_.version = to_abi(DODONA_VERSION);
  raw_.log = [](const dodona_host* host, dodona_level level, dodona_str message) noexcept {
    // A log line that cannot be written is lost: there is nobody to tell.
    guard(nullptr,
          [&] { self(host).services_.log(level_of(level), self(host).source_, view(message)); });
  };
  raw_.get_extension = [](const dodona_host*, const char*) noexcept -> const void* {
    return nullptr;
  };
  raw_.cancelled = [](const dodona_host* host) noexcept -> std::uint32_t {
    const Call* const call = self(host).current();
    const bool in_vain = call != nullptr && call->loop_failed_;
    return in_vain || self(host).services_.cancelled() ? 1 : 0;
  };
  raw_.parallel_for = [](const dodona_host* host, std::uint64_t count, std::uint64_t grain,
                         void (*body)(void*, std::uint64_t, std::uint64_t), void* ctx) noexcept {
    self(host).run_loop(count, std::max<std::uint64_t>(grain, 1), body, ctx);
  };
}

void HostBridge::run_loop(std::uint64_t count, std::uint64_t grain,
                          void (*body)(void*, std::uint64_t, std::uint64_t),
                          void* ctx) const noexcept {
  const RunningCall caller = running_call();  // for which other threads work now
  const dodona_status status = guard(nullptr, [&] {
    services_.parallel_for(count, grain, [=](std::uint64_t begin, std::uint64_t end) {
      const CallScope scope(caller);
      body(ctx, begin, end);
    });
  });
  if (status == DODONA_OK) return;
  if (Call* const call = current()) {
    call->loop_failed_ = true;
  } else {
    own_loop_failed_ = true;
  }
}

HostBridge::Call* HostBridge::current() const {
  Call* call = innermost_call;
  while (call != nullptr && &call->host_ != this) call = call->outer_;
  return call;
}

HostBridge::Call::Call(const HostBridge& host) : host_(host), outer_(innermost_call) {
  innermost_call = this;
}

HostBridge::Call::~Call() {
  DODONA_ASSERT(innermost_call == this);
  innermost_call = outer_;
}

void HostBridge::Call::check() const {
  if (!host_.own_loop_failed_.exchange(false) && !loop_failed_) return;
  throw Error(DODONA_E_PLUGIN, host_.source_ + ": a loop of parallel_for ended with an exception");
}

}  // namespace dodona::plugin
