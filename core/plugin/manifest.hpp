// SPDX-License-Identifier: Apache-2.0
//
// NAME.json beside NAME.so: what the library contains, so that nothing has to be executed to know.
//
// Errors:  Error{kInvalid} with file:line:column, the key, and what would be right.
// Threads: pure; read_manifest reads the file.
#pragma once

#include "plugin/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::plugin {

inline constexpr std::int64_t kManifestVersion = 1;

// The same plugin, compiled for processors that can do more.
struct Variant {
  std::string processor;          // a level that runs_here knows, or will know
  std::filesystem::path library;  // below the manifest's own directory
  std::string build_id;
};

struct Manifest {
  std::string library;  // a file name in the manifest's own directory
  AbiVersion abi;
  std::string build_id;
  std::vector<Variant> variants;        // the best one first; may be empty
  std::vector<Descriptor> descriptors;  // with `library` and `build_id` left empty
};

// Keys that it does not know are passed over, and so are descriptors of roles that it does not know.
// `file` is for messages.
Manifest parse_manifest(std::string_view text, std::string file);

// The descriptors say where the library is.
Manifest read_manifest(const std::filesystem::path& path);

}  // namespace dodona::plugin
