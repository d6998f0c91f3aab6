// SPDX-License-Identifier: Apache-2.0
#include "host/new_plugin.hpp"

#include "base/text.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

namespace fs = std::filesystem;

// Targets that CMake or the SDK make themselves.
constexpr std::array<std::string_view, 11> kTaken = {
    "all",     "clean",   "depend",     "dodona_manifest", "edit_cache", "help",
    "install", "package", "preinstall", "rebuild_cache",   "test"};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// `my_oracle` as the name of a class: `MyOracle`.
std::string class_name(const std::string& name) {
  std::string out;
  bool begins = true;
  for (const char c : name) {
    if (c == '_') {
      begins = true;
      continue;
    }
    out += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = false;
  }
  return out;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(DODONA_E_IO, "cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) {
    throw Error(DODONA_E_IO, "cannot write " + path.string() + ": " +
                                 std::error_code(errno, std::generic_category()).message());
  }
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

// A folder of another name that takes the wanted one at the end, or goes.
class Draft {
 public:
  explicit Draft(const fs::path& wanted) : wanted_(wanted) {
    std::string name = wanted.string() + ".XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(DODONA_E_IO, "cannot make the folder " + wanted.string() + ": " +
                                   std::error_code(errno, std::generic_category()).message());
    }
    path_ = name;
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }
  void keep() {
    fs::permissions(path_, fs::perms(0755));
    fs::rename(path_, wanted_);
    path_.clear();
  }

 private:
  const fs::path wanted_;
  fs::path path_;
};

// The templates, with the names of one plugin in them.
class Writer {
 public:
  Writer(const NewPlugin& plugin, fs::path templates)
      : plugin_(plugin),
        templates_(std::move(templates)),
        source_(plugin.name + (plugin.language == "c" ? ".c" : ".cpp")) {}

  void write_to(const fs::path& folder) const {
    const fs::path common = templates_ / "common";
    const fs::path own = templates_ / plugin_.role;
    for (const char* file :
         {"CMakeLists.txt", "CMakePresets.json", "README.md", "test/tests.cmake"}) {
      write(folder / file, filled(common / file));
    }
    write(folder / "test/study.json", filled(own / "test/study.json"));
    write(folder / source_, filled(own / ("my_plugin" + fs::path(source_).extension().string())));
  }

 private:
  std::string filled(const fs::path& file) const {
    std::string text = read(file);
    replace_all(text, "my_use\n", read(templates_ / plugin_.role / "use.txt"));
    replace_all(text, "my_source", source_);
    replace_all(text, "my_languages", plugin_.language == "c" ? "C" : "C CXX");
    replace_all(text, "my_role", plugin_.role);
    replace_all(text, "my_plugin", plugin_.name);
    replace_all(text, "MyPlugin", class_name(plugin_.name));
    return without_licence(text);
  }

  // The licence of the templates is not that of what is made of them.
  static std::string without_licence(const std::string& text) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
      const std::string_view line = std::string_view(text).substr(at, end - at);
      at = end;
      if (line.find("SPDX-License-Identifier") == std::string_view::npos) {
        out += line;
        continue;
      }
      const std::string_view rest = std::string_view(text).substr(at);
      for (const std::string_view empty : {"//\n", "#\n"}) {
        if (rest.starts_with(empty)) at += empty.size();
      }
    }
    return out;
  }

  const NewPlugin& plugin_;
  const fs::path templates_;
  const std::string source_;
};

}  // namespace

std::string name_problem(const std::string& name) {
  const bool plain = !name.empty() && is_lower(name[0]) && name.back() != '_' &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return is_lower(c) || (c >= '0' && c <= '9') || c == '_';
                     });
  const std::string quoted = base::quote(name);
  if (!plain) {
    return quoted +
           " is no name for a plugin: it has lower-case letters, digits and _, begins "
           "with a letter and does not end with _, such as hill_climber";
  }
  if (std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end()) {
    return quoted + " is a target of CMake; choose another name";
  }
  return {};
}

void write_plugin(const NewPlugin& plugin, const fs::path& templates, const fs::path& parent) {
  if (const std::string problem = name_problem(plugin.name); !problem.empty()) {
    throw Error(DODONA_E_INVALID, problem);
  }
  std::error_code ignored;
  const fs::path wanted = parent / plugin.name;
  if (fs::exists(fs::symlink_status(wanted, ignored))) {
    throw Error(DODONA_E_STATE, wanted.string() +
                                    " is there already; choose another name, or run "
                                    "this in another directory");
  }
  if (!fs::is_directory(templates, ignored)) {
    throw Error(DODONA_E_IO, "the templates are not there: " + templates.string() +
                                 "; the program was installed without them");
  }
  try {
    Draft draft(wanted);
    Writer(plugin, templates).write_to(draft.path());
    draft.keep();
  } catch (const fs::filesystem_error& error) {
    throw Error(DODONA_E_IO, error.what());
  }
}

}  // namespace dodona::host
