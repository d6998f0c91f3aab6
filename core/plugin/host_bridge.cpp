// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_bridge.hpp"

#include "plugin/running_call.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/space_extension.hpp>
#include <dodona/version.h>

#include <algorithm>
#include <string_view>
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

}  // namespace

HostBridge::HostBridge(study::Services& services, std::string source)
    : services_(services), source_(std::move(source)) {
  raw_.struct_size = sizeof raw_;
  raw_.abi_minor = DODONA_ABI_MINOR;
  raw_.impl = this;
  raw_.name = to_abi("dodona");
  raw_.version = to_abi(DODONA_VERSION);
  raw_.log = [](const dodona_host* host, dodona_level level, dodona_str message) noexcept {
    // A log line that cannot be written is lost: there is nobody to tell.
    guard(nullptr,
          [&] { self(host).services_.log(level_of(level), self(host).source_, view(message)); });
  };
  raw_.get_extension = [](const dodona_host*, const char* id) noexcept -> const void* {
    return std::string_view(id) == DODONA_EXTENSION_SPACE ? &kSpaceExtension : nullptr;
  };
  raw_.cancelled = [](const dodona_host* host) noexcept -> std::uint32_t {
    return self(host).services_.cancelled() ? 1 : 0;
  };
  raw_.parallel_for = [](const dodona_host* host, std::uint64_t count, std::uint64_t grain,
                         dodona_status (*body)(void*, std::uint64_t, std::uint64_t) noexcept,
                         void* ctx, dodona_error* error) noexcept {
    return guard(error, [&] {
      const RunningCall caller = running_call();  // for which other threads work now
      self(host).services_.parallel_for(count, std::max<std::uint64_t>(grain, 1),
                                        [=](std::uint64_t begin, std::uint64_t end) {
                                          const CallScope scope(caller);
                                          const dodona_status status = body(ctx, begin, end);
                                          if (status != DODONA_OK)
                                            throw Error(status, "the body of a loop failed");
                                        });
    });
  };
}

}  // namespace dodona::plugin
