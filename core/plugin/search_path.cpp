// SPDX-License-Identifier: Apache-2.0
#include "plugin/search_path.hpp"

#include "base/file.hpp"
#include "base/text.hpp"

#include <dodona/error.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <pwd.h>
#include <string_view>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace dodona::plugin {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return text;
}

// The real path of the object that this function was linked into.
fs::path find_holder() {
  static const char kAnchor = 0;
  Dl_info info{};
  void* extra = nullptr;
  std::error_code ignored;
  if (dladdr1(&kAnchor, &info, &extra, RTLD_DL_LINKMAP) != 0 && extra != nullptr) {
    const char* name = static_cast<const link_map*>(extra)->l_name;
    // The program itself has an empty name there.
    if (name != nullptr && *name != '\0') {
      fs::path path = fs::canonical(name, ignored);
      if (!ignored) return path;
    }
  }
  return fs::read_symlink("/proc/self/exe", ignored);
}

void add_listed(const std::string& list, std::vector<SearchDirectory>& out) {
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    if (entry.empty()) continue;
    fs::path path(entry);
    std::string ignored;
    if (!path.is_absolute()) {
      ignored = "the entry " + base::quote(entry) +
                " of DODONA_PLUGIN_PATH is ignored, as it is relative; give " +
                base::quote(base::home_expanded(entry).value_or(fs::absolute(path).string()));
    }
    out.push_back({std::move(path), false, std::move(ignored)});
  }
}

std::string name_of(uid_t user) {
  const std::string number = std::to_string(user);
  char bytes[4096];
  passwd entry{};
  passwd* found = nullptr;
  const bool known =
      ::getpwuid_r(user, &entry, bytes, sizeof bytes, &found) == 0 && found != nullptr;
  return known ? std::string(found->pw_name) + " (" + number + ")" : number;
}

// Root's where it cannot be told: nobody else is trusted then.
uid_t library_owner() {
  struct stat status {};
  const fs::path holder = find_holder();
  return ::stat(holder.c_str(), &status) == 0 ? status.st_uid : 0;
}

}  // namespace

Environment Environment::current() {
  Environment out;
  out.plugin_path = variable("DODONA_PLUGIN_PATH");
  out.xdg_data_home = variable("XDG_DATA_HOME");
  out.home = variable("HOME");
  out.secure = getauxval(AT_SECURE) != 0;
  out.holder = find_holder();
  return out;
}

std::vector<SearchDirectory> search_directories(const std::vector<std::string>& given,
                                                bool defaults, const Environment& environment) {
  std::vector<SearchDirectory> out;
  for (const std::string& path : given) out.push_back({fs::path(path), true});
  if (!defaults) return out;
  const bool trusted = !environment.secure;
  if (trusted && environment.plugin_path) add_listed(*environment.plugin_path, out);
  if (!environment.holder.empty()) {
    const fs::path prefix = environment.holder.parent_path().parent_path();
    out.push_back({prefix / "lib/dodona/plugins", false});
  }
  if (!trusted) return out;
  const fs::path data = environment.xdg_data_home.value_or("");
  const fs::path home = environment.home.value_or("");
  if (data.is_absolute()) {
    out.push_back({data / "dodona/plugins", false});
  } else if (home.is_absolute()) {
    out.push_back({home / ".local/share/dodona/plugins", false});
  }
  if (home.is_absolute()) out.push_back({home / ".local/lib/dodona/plugins", false});
  return out;
}

bool is_trusted(uid_t owner, uid_t user, uid_t library_owner) {
  return owner == 0 || owner == user || owner == library_owner;
}

void check_trusted(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    throw Error(DODONA_E_IO, "cannot look at " + path.string() + ": " + std::strerror(errno));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    const bool everybody = (status.st_mode & S_IWOTH) != 0;
    throw Error(DODONA_E_INVALID, path.string() + " may be written to by " +
                                      (everybody ? "everybody" : "its group") +
                                      ", so anyone there could put code into this program; run: "
                                      "chmod go-w " +
                                      path.string());
  }
  static const uid_t kLibrary = library_owner();
  if (is_trusted(status.st_uid, ::geteuid(), kLibrary)) return;
  throw Error(DODONA_E_INVALID, path.string() + " belongs to user " + name_of(status.st_uid) +
                                    ", who could put code into this program; it should belong to "
                                    "root or to you, user " +
                                    name_of(::geteuid()) + "; install a copy of your own");
}

}  // namespace dodona::plugin
