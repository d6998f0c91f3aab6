// SPDX-License-Identifier: Apache-2.0
//
// One plugin, compiled twice: NAME.so for every x86-64 processor, and x86-64-v3/NAME.so beside it
// for those with AVX2 and FMA. The first one looks at the processor and hands over its module to
// the second. Each is whole, so that no inline function of the one can end up in the other.
//
// Where the second one is not there, may be written to by others, or does not load, the first one
// serves. Bits differ between the two: both log which one it is.
//
// Threads: any.
#pragma once

#include <dodona/plugin.hpp>

#ifdef DODONA_HANDS_OVER

#include <dlfcn.h>
#include <string>
#include <sys/stat.h>

namespace dodona::common {

// Whether the processor has the level x86-64-v3. clang 14 does not know it by name; what is not
// asked for here (F16C, LZCNT, MOVBE) comes with every processor that has these.
inline bool has_v3() noexcept {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

// What the second one exports, or null. `here` is any address in the first one.
inline const dodona_module* faster_module(const void* here) noexcept {
  if (!has_v3()) return nullptr;
  try {
    Dl_info self{};
    if (::dladdr(here, &self) == 0 || self.dli_fname == nullptr) return nullptr;
    const std::string file = self.dli_fname;
    const std::size_t name = file.rfind('/') + 1;  // 0 where there is no folder
    const std::string folder = file.substr(0, name) + "x86-64-v3";
    const std::string twin = folder + "/" + file.substr(name);
    for (const std::string& path : {folder, twin}) {
      struct stat found {};
      if (::stat(path.c_str(), &found) != 0 || (found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return nullptr;
      }
    }
    void* library = ::dlopen(twin.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) return nullptr;
    const auto entry =
        reinterpret_cast<decltype(&dodona_module_v0)>(::dlsym(library, DODONA_ENTRY_SYMBOL));
    return entry == nullptr ? nullptr : entry();
  } catch (...) {
    return nullptr;
  }
}

}  // namespace dodona::common

#define DODONA_SEARCH_PLUGIN(...)                                                      \
  const dodona_module* dodona_module_v0(void) noexcept {                               \
    static const dodona::Module module{__VA_ARGS__};                                   \
    static const dodona_module* const faster = dodona::common::faster_module(&module); \
    return faster != nullptr ? faster : module.get();                                  \
  }

#else
#define DODONA_SEARCH_PLUGIN(...) DODONA_PLUGIN(__VA_ARGS__)
#endif
