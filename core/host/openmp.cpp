// SPDX-License-Identifier: Apache-2.0
#include "host/openmp.hpp"

#include <cstdlib>

namespace dodona::host {
namespace {

std::string decide() {
  for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    return "threads of OpenMP wait as " + std::string(name) + "=" + value +
           " of the environment says";
  }
  setenv("OMP_WAIT_POLICY", "passive", 0);
  return "threads of OpenMP sleep while they wait (OMP_WAIT_POLICY=passive), as spinning is slow "
         "where others use the processors too";
}

}  // namespace

const std::string& openmp_waits() {
  static const std::string kDecided = decide();
  return kDecided;
}

}  // namespace dodona::host
