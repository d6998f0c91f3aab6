// SPDX-License-Identifier: Apache-2.0
#include "plugin/processor.hpp"

namespace dodona::plugin {

bool runs_here(std::string_view level) {
#if defined(__x86_64__)
  // clang 14 does not know the level by name. The other features of the level (F16C, LZCNT, MOVBE)
  // come with every processor that has these.
  if (level == "x86-64-v3") {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  }
#endif
  static_cast<void>(level);
  return false;
}

}  // namespace dodona::plugin
