// SPDX-License-Identifier: Apache-2.0
//
// Plugin directories made for one test, and libraries to put into them.
#pragma once

#include "base/file.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/elf.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace dodona::plugin {

namespace fs = std::filesystem;

// Message of the error that `action` throws, or a text that no error has.
template <class Action>
std::string error_of(Action&& action, dodona_status code = DODONA_E_PLUGIN) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "nothing was thrown";
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A directory that is removed at the end, writable by its owner alone.
class PluginDirectory {
 public:
  PluginDirectory() {
    std::string name = (fs::temp_directory_path() / "dodona-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    path_ = fs::canonical(name);
  }
  ~PluginDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PluginDirectory(const PluginDirectory&) = delete;
  PluginDirectory& operator=(const PluginDirectory&) = delete;

  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }

  fs::path write(const std::string& name, std::string_view text) const {
    base::write_file_atomically(path_ / name, text);
    fs::permissions(path_ / name, fs::perms(0644));
    return path_ / name;
  }

  // NAME.so as a copy of a library.
  fs::path copy(const fs::path& library, const std::string& name) const {
    const fs::path to = path_ / (name + ".so");
    fs::copy_file(library, to);
    fs::permissions(to, fs::perms(0755));
    return to;
  }

  // A copy of a library made of tests/bad/raw_module.c, with the manifest of one that is right.
  fs::path add_raw(const std::string& variant, const std::string& name = "raw") const {
    const fs::path library = copy(fs::path(DODONA_BAD_PLUGINS) / (variant + ".so"), name);
    write(name + ".json", raw_manifest(name, build_id(library)));
    return library;
  }

  static std::string build_id(const fs::path& library) {
    return read_elf(base::read_file(library), library.string()).build_id;
  }

  // The manifest of raw_module.c.
  static std::string raw_manifest(const std::string& file, const std::string& build_id,
                                  const std::string& id = "org.example.raw",
                                  const std::string& name = "raw") {
    return R"({"manifest_version": 1, "library": ")" + file + R"(.so", "abi_epoch": )" +
           std::to_string(DODONA_ABI_EPOCH) + R"(, "minor_built": )" +
           std::to_string(DODONA_ABI_MINOR) + R"(, "minor_needed": )" +
           std::to_string(DODONA_ABI_BREAK) + R"(, "build_id": ")" + build_id +
           R"(", "descriptors": [{"role": "dodona.oracle/1", "id": ")" + id + R"(", "name": ")" +
           name +
           R"(", "version": "1.0.0", "license": "Apache-2.0", "flags": 0,)"
           R"( "description": "proposes nothing", "options": []}]})";
  }

  Catalogue catalogue() const { return Catalogue({{path_, true}}); }

 private:
  fs::path path_;
};

}  // namespace dodona::plugin
