// SPDX-License-Identifier: Apache-2.0
//
// The plugins at hand, by what their manifests say: looking executes nothing of them.
//
// The first directory that has an id wins, and modules of the application win over directories. A
// plugin that cannot be used is a problem with one reason and leaves the others alone. Of a library
// that has variants, the first variant that runs on this processor serves; where its file cannot be
// used, that is a problem, and the plain library serves.
//
// Errors:  Error{kInvalid} for a given directory that is not there or that others may write to;
//          find throws Error{kPlugin}.
// Threads: const members from any thread.
// Cost:    reads each manifest once, on construction.
#pragma once

#include "plugin/descriptor.hpp"
#include "plugin/manifest.hpp"
#include "plugin/search_path.hpp"

#include <dodona/abi.h>

#include <cstdint>
#include <filesystem>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::plugin {

// A file or directory that is left aside, and why.
struct Problem {
  enum class Kind : std::uint8_t {
    kUnusable = 1,
    kHidden,  // a plugin of the same id comes before it
    kIgnored  // an entry of the environment that is not looked into
  };
  std::filesystem::path path;
  std::string reason;
  Kind kind = Kind::kUnusable;
  std::string id{};  // of the plugin that is left aside; empty: not known
};

class Catalogue {
 public:
  // Empty: only what add() brings.
  explicit Catalogue(const std::vector<SearchDirectory>& directories = {});

  // A table that is part of the application; it must live as long as the catalogue and what is made
  // from it. Throws Error{kPlugin} for one that breaks the contract. Before any use of find.
  // `create`, if given, makes its objects.
  void add(const dodona_module* module, const Create& create = {});

  // The usable plugins, the application's first, then by directory and file name. Valid as long as
  // the catalogue, as find's answer.
  std::vector<const Descriptor*> list() const;
  const std::vector<Problem>& problems() const { return problems_; }
  // The directories that exist.
  const std::vector<std::filesystem::path>& searched() const { return searched_; }

  // By short name or id. Where it is missing the message names the nearest known name and the
  // directories searched; where several ids share the name it lists them.
  const Descriptor& find(std::string_view role, std::string_view name_or_id) const;

 private:
  void scan(const SearchDirectory& directory);
  void scan_manifest(const std::filesystem::path& path);
  void pick_variant(const std::filesystem::path& path, Manifest& manifest);
  [[noreturn]] void fail_missing(std::string_view role, std::string_view name) const;

  std::list<Descriptor> found_;  // a list does not move what it holds
  std::vector<Problem> problems_;
  std::vector<std::filesystem::path> searched_;
};

}  // namespace dodona::plugin
