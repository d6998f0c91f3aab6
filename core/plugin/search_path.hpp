// SPDX-License-Identifier: Apache-2.0
//
// The directories in which plugins are looked for, in their order.
//
//   1. those given by the user or the application;
//   2. DODONA_PLUGIN_PATH, separated by colons;
//   3. ../lib/dodona/plugins, seen from the real place of libdodona, else of the executable;
//   4. $XDG_DATA_HOME/dodona/plugins, else ~/.local/share/dodona/plugins;
//   5. ~/.local/lib/dodona/plugins, where `cmake --install BUILD --prefix ~/.local` puts plugins.
//
// Never the working directory: what the environment says counts only where it is absolute, and not
// at all in a program that runs with the rights of another user (AT_SECURE).
//
// Errors:  Error{kInvalid} and Error{kIo} as said at check_trusted.
// Threads: pure, but Environment::current reads the process's environment.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace dodona::plugin {

// The surroundings that the search depends on, so that a test can set them.
struct Environment {
  std::optional<std::string> plugin_path;    // DODONA_PLUGIN_PATH
  std::optional<std::string> xdg_data_home;  // XDG_DATA_HOME
  std::optional<std::string> home;           // HOME
  bool secure = false;                       // AT_SECURE
  std::filesystem::path holder;              // real path of the library or program that holds us

  static Environment current();
};

struct SearchDirectory {
  std::filesystem::path path;
  bool given = false;     // by the user: it must be there
  std::string ignored{};  // why it is not looked into; empty: it is
};

// With `defaults` off, only the given ones. A relative entry of DODONA_PLUGIN_PATH is among them as
// one that is ignored, so that this can be said.
std::vector<SearchDirectory> search_directories(const std::vector<std::string>& given,
                                                bool defaults, const Environment& environment);

// True if code of this owner may run here: root's, the user's own, and that of the user to whom the
// library belongs, as that code runs anyway.
bool is_trusted(uid_t owner, uid_t user, uid_t library_owner);

// Throws Error{kInvalid} with the remedy for a file or directory that a group or everybody may
// write to, or whose owner is not trusted; Error{kIo} where that cannot be read.
void check_trusted(const std::filesystem::path& path);

}  // namespace dodona::plugin
