// SPDX-License-Identifier: Apache-2.0
//
// The built plugins, for tests that drive their C tables. The target of the test defines
// DODONA_PLUGINS, their directory.
#pragma once

#include <dodona/abi.h>
#include <dodona/error.hpp>

#include <dlfcn.h>
#include <string>

namespace dodona::support {

// The descriptor of the plugin of that name. Its library stays loaded.
inline const dodona_descriptor& plugin(const std::string& name) {
  const std::string file = DODONA_PLUGINS "/" + name + ".so";
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw Error(DODONA_E_PLUGIN, ::dlerror());
  auto* entry = reinterpret_cast<const dodona_module* (*)()>(::dlsym(library, DODONA_ENTRY_SYMBOL));
  return *entry()->descriptors[0];
}

}  // namespace dodona::support
