// SPDX-License-Identifier: Apache-2.0
//
// Plugins loaded into the process, once each, for as long as it lives.
//
// Before a library is mapped its file is compared with the manifest (build-id) and must export the
// entry symbol and nothing else; after that its tables must fit this ABI and say what the manifest
// says. It is never unloaded: code of it may be on any stack, and its thread-local objects may have
// destructors yet to run.
//
// Errors:  Error{kPlugin} naming the library, what is wrong, and what would be right.
// Threads: any.
// Cost:    one read of the file and one dlopen a library; afterwards a lookup.
#pragma once

#include "plugin/descriptor.hpp"
#include "study/roles.hpp"

#include <dodona/abi.h>

#include <filesystem>
#include <string>

namespace dodona::plugin {

// The table behind a descriptor of a catalogue. It lives as long as the process (or, for a module
// of the application, as that module). A library that is not loaded yet is announced to `services`
// first, as its code may run from there on.
const dodona_descriptor& load(const Descriptor& descriptor, study::Services& services);

// The manifest of a library, as dodona_add_plugin() writes it. Loads the library for good, so code of
// it runs. Throws Error{kPlugin} for a file, or for tables, that no plugin may have.
std::string manifest_text(const std::filesystem::path& library);

}  // namespace dodona::plugin
