// SPDX-License-Identifier: Apache-2.0
//
// Facts that an ELF64 library tells about itself, read from its bytes: nothing is mapped or
// executed.
//
// Errors:  Error{kPlugin} for bytes that are not such a library or point outside themselves; it
//          never reads past them.
// Threads: pure.
// Cost:    O(dynamic symbols).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dodona::plugin {

struct ElfFacts {
  std::string build_id;              // lower-case hex; empty: linked without one
  std::vector<std::string> exports;  // defined symbols that other objects can bind to
  std::vector<std::string> needed;   // shared libraries that the loader brings with it
};

// `file` is for messages.
ElfFacts read_elf(std::string_view bytes, const std::string& file);

}  // namespace dodona::plugin
