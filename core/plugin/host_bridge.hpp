// SPDX-License-Identifier: Apache-2.0
//
// dodona_host over the kernel's services: what every object of a plugin gets.
//
// Errors:  parallel_for answers the first status of its body that is not DODONA_OK.
// Threads: [any], as the table says.
#pragma once

#include "study/roles.hpp"

#include <dodona/abi.h>

#include <string>

namespace dodona::plugin {

class HostBridge {
 public:
  // `source` stands before what the plugin logs.
  HostBridge(study::Services& services, std::string source);
  HostBridge(const HostBridge&) = delete;
  HostBridge& operator=(const HostBridge&) = delete;

  const dodona_host* get() const { return &raw_; }

 private:
  study::Services& services_;
  std::string source_;
  dodona_host raw_{};
};

}  // namespace dodona::plugin
