// SPDX-License-Identifier: Apache-2.0
//
// Shell scripts as programs that tests start.
#pragma once

#include <string>
#include <vector>

namespace dodona::support {

inline std::vector<std::string> shell(const std::string& script) {
  return {"/bin/sh", "-c", script};
}

}  // namespace dodona::support
