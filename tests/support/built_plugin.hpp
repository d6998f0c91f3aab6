// SPDX-License-Identifier: Apache-2.0
//
// The built plugins, for tests that drive their C tables. The target of the test defines
// DODONA_PLUGINS, their directory.
#pragma once

#include <dodona/abi.h>
#include <dodona/error.hpp>

#include <dlfcn.h>
#include <filesystem>
#include <string>

namespace dodona::support {

// The descriptor of the plugin in a file; it stays loaded.
inline const dodona_descriptor& plugin_in(const std::filesystem::path& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw Error(DODONA_E_PLUGIN, ::dlerror());
  auto* entry = reinterpret_cast<const dodona_module* (*)()>(::dlsym(library, DODONA_ENTRY_SYMBOL));
  return *entry()->descriptors[0];
}

// The library for processors with AVX2 and FMA, if the plugin has one and this processor has both;
// else nothing.
inline std::filesystem::path variant_of(const std::string& name) {
  const std::filesystem::path file = DODONA_PLUGINS "/x86-64-v3/" + name + ".so";
#if defined(__x86_64__)
  const bool able = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (able && std::filesystem::exists(file)) return file;
#endif
  return {};
}

// The descriptor of the plugin of that name, in the library that the kernel would pick.
inline const dodona_descriptor& plugin(const std::string& name) {
  const std::filesystem::path variant = variant_of(name);
  return plugin_in(variant.empty() ? std::filesystem::path(DODONA_PLUGINS "/" + name + ".so")
                                   : variant);
}

}  // namespace dodona::support
