// SPDX-License-Identifier: Apache-2.0
//
// The folder of a new plugin, made of the templates that are installed with the program.
//
// Errors:  Error{kInvalid} for a name that cannot be one, Error{kState} for a folder that is there,
//          Error{kIo} for what the disk refuses, or templates that are missing. Nothing is left of a
//          folder then.
// Threads: one at a time for a folder.
#pragma once

#include <filesystem>
#include <string>

namespace dodona::host {

struct NewPlugin {
  std::string role;      // oracle, hypermodel or sink
  std::string name;      // of the plugin and its folder
  std::string language;  // c or c++
};

// Why a plugin cannot have the name, or empty.
std::string name_problem(const std::string& name);

// Writes the folder `parent`/NAME from the templates in `templates`.
void write_plugin(const NewPlugin& plugin, const std::filesystem::path& templates,
                  const std::filesystem::path& parent);

}  // namespace dodona::host
