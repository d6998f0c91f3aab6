// SPDX-License-Identifier: Apache-2.0
//
// A loop's body that may throw through the host's threads.
// Diagnostic: noexcept
#include <dodona/abi.h>

#include <cstdint>

#ifdef CONTROL
#define PROMISE noexcept
#else
#define PROMISE
#endif

int main() {
  const auto body = [](void*, std::uint64_t, std::uint64_t)
                        PROMISE -> dodona_status { return DODONA_OK; };
  const dodona_host host{};
  if (host.parallel_for == nullptr) return 0;
  return host.parallel_for(&host, 1, 1, body, nullptr, nullptr);
}
