// SPDX-License-Identifier: Apache-2.0
#include "plugin/catalogue.hpp"

#include "base/file.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "plugin/manifest.hpp"
#include "plugin/processor.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

namespace dodona::plugin {
namespace {

namespace fs = std::filesystem;

// The regular files of a directory, by name.
std::vector<fs::path> files_of(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A manifest that may be used, or Error.
Manifest checked_manifest(const fs::path& path) {
  check_trusted(path);
  Manifest manifest = read_manifest(path);
  const std::string mismatch = abi_mismatch(manifest.abi);
  const fs::path library = path.parent_path() / manifest.library;
  if (!mismatch.empty()) throw Error(DODONA_E_PLUGIN, library.string() + ": " + mismatch);
  std::error_code ignored;
  if (!fs::is_regular_file(library, ignored)) {
    throw Error(DODONA_E_PLUGIN,
                path.string() + ": the library " + library.string() + " is not there");
  }
  check_trusted(library);
  for (const Descriptor& each : manifest.descriptors) {
    const std::string problem = flag_problem(each.flags);
    if (!problem.empty()) throw Error(DODONA_E_PLUGIN, label(each) + " " + problem);
  }
  return manifest;
}

std::string hidden_by(const Descriptor& first) {
  return "is hidden by the " + label(first) + " of the same id in " +
         (first.library.empty() ? "the application" : first.library.string()) +
         ", which comes first";
}

std::string joined(const std::vector<fs::path>& paths) {
  std::string text;
  for (const fs::path& path : paths) text += (text.empty() ? "" : ", ") + path.string();
  return text;
}

// `an oracle`, `a sink`.
std::string with_article(std::string_view role) {
  return (role == DODONA_ROLE_ORACLE ? "an " : "a ") + std::string(role_word(role));
}

// Where a study file names plugins of the role.
const char* key_of(std::string_view role) {
  if (role == DODONA_ROLE_ORACLE) return "oracle or stopper";
  return role == DODONA_ROLE_SINK ? "sinks" : "hypermodel";
}

}  // namespace

Catalogue::Catalogue(const std::vector<SearchDirectory>& directories) {
  for (const SearchDirectory& directory : directories) scan(directory);
}

void Catalogue::scan(const SearchDirectory& directory) {
  if (!directory.ignored.empty()) {
    problems_.push_back({directory.path, directory.ignored, Problem::Kind::kIgnored});
    return;
  }
  std::error_code ignored;
  if (!fs::is_directory(directory.path, ignored)) {
    if (!directory.given) return;
    const auto meant = base::home_expanded(directory.path.native());
    throw Error(
        DODONA_E_INVALID,
        "the plugin directory " + directory.path.string() +
            (fs::exists(directory.path, ignored) ? " is not a directory" : " does not exist") +
            (meant ? "; give " + *meant + ", as only a shell expands ~" : ""));
  }
  // Made absolute here, so that nothing depends on the working directory later.
  const fs::path path = fs::canonical(directory.path);
  if (std::find(searched_.begin(), searched_.end(), path) != searched_.end()) return;
  std::vector<fs::path> files;
  try {
    check_trusted(path);
    files = files_of(path);
  } catch (const std::exception& problem) {
    if (directory.given) throw Error(DODONA_E_INVALID, problem.what());
    problems_.push_back({path, problem.what()});
    return;
  }
  searched_.push_back(path);
  for (const fs::path& file : files) {
    if (file.extension() == ".json") scan_manifest(file);
    if (file.extension() == ".so") {
      const fs::path manifest = fs::path(file).replace_extension(".json");
      if (std::binary_search(files.begin(), files.end(), manifest)) continue;
      problems_.push_back({file, "has no manifest " + manifest.filename().string() +
                                     " beside it; dodona_add_plugin() writes one"});
    }
  }
}

void Catalogue::scan_manifest(const fs::path& path) {
  try {
    Manifest manifest = checked_manifest(path);
    pick_variant(path, manifest);
    for (Descriptor& descriptor : manifest.descriptors) {
      descriptor.manifest = path;
      const auto same = std::find_if(found_.begin(), found_.end(), [&](const Descriptor& known) {
        return known.role == descriptor.role && known.id == descriptor.id;
      });
      if (same == found_.end()) {
        found_.push_back(std::move(descriptor));
      } else if (same->manifest.parent_path() == path.parent_path()) {
        problems_.push_back(
            {path,
             "offers the id " + base::quote(descriptor.id) + ", as does " + same->library.string(),
             Problem::Kind::kUnusable, descriptor.id});
      } else {
        problems_.push_back({path, hidden_by(*same), Problem::Kind::kHidden, descriptor.id});
      }
    }
  } catch (const Error& problem) {
    problems_.push_back({path, problem.what()});
  }
}

// Lets the descriptors name the library of the variant, if there is one for this processor.
void Catalogue::pick_variant(const fs::path& path, Manifest& manifest) {
  const auto best = std::find_if(manifest.variants.begin(), manifest.variants.end(),
                                 [](const Variant& each) { return runs_here(each.processor); });
  if (best == manifest.variants.end()) return;
  const fs::path library = path.parent_path() / best->library;
  std::error_code ignored;
  if (!fs::is_regular_file(library, ignored)) {
    problems_.push_back({path, "the library " + library.string() + " for " + best->processor +
                                   " is not there; the plain one serves"});
    return;
  }
  try {
    check_trusted(library.parent_path());
    check_trusted(library);
  } catch (const Error& problem) {
    problems_.push_back({path, std::string(problem.what()) + "; the plain library serves"});
    return;
  }
  for (Descriptor& descriptor : manifest.descriptors) {
    descriptor.library = library;
    descriptor.build_id = best->build_id;
    descriptor.processor = best->processor;
  }
}

void Catalogue::add(const dodona_module* module, const Create& create) {
  const std::string source = "a module of the application";
  check_module(module, source);
  for (std::uint64_t i = module->count; i-- > 0;) {
    if (!is_known_role(module->descriptors[i]->role)) continue;
    Descriptor descriptor = descriptor_of(*module->descriptors[i], source);
    descriptor.table = module->descriptors[i];
    descriptor.abi = {module->abi_epoch, module->minor_built, module->minor_needed};
    descriptor.create = create;
    found_.remove_if([&](const Descriptor& known) {
      const bool same = known.role == descriptor.role && known.id == descriptor.id;
      if (same) {
        problems_.push_back(
            {known.library, hidden_by(descriptor), Problem::Kind::kHidden, known.id});
      }
      return same;
    });
    found_.push_front(std::move(descriptor));
  }
}

std::vector<const Descriptor*> Catalogue::list() const {
  std::vector<const Descriptor*> out;
  for (const Descriptor& descriptor : found_) out.push_back(&descriptor);
  return out;
}

const Descriptor& Catalogue::find(std::string_view role, std::string_view name_or_id) const {
  std::vector<const Descriptor*> named;
  for (const Descriptor& descriptor : found_) {
    if (descriptor.role != role) continue;
    if (descriptor.id == name_or_id) return descriptor;
    if (descriptor.name == name_or_id) named.push_back(&descriptor);
  }
  if (named.empty()) fail_missing(role, name_or_id);
  if (named.size() == 1) return *named.front();
  std::string ids;
  for (const Descriptor* each : named) ids += (ids.empty() ? "" : ", ") + base::quote(each->id);
  throw Error(DODONA_E_PLUGIN, "several plugins are called " + label(*named.front()) +
                                   "; say which one by its id: " + ids);
}

void Catalogue::fail_missing(std::string_view role, std::string_view name) const {
  const std::string who = std::string(role_word(role)) + ' ' + base::quote(name);
  for (const Problem& problem : problems_) {
    if (problem.path.stem() == name && problem.kind == Problem::Kind::kUnusable) {
      throw Error(DODONA_E_PLUGIN, who + " cannot be used: " + problem.reason);
    }
  }
  std::vector<std::string> names;
  for (const Descriptor& descriptor : found_) {
    if (descriptor.role == role) names.push_back(descriptor.name);
    if (descriptor.role == role || (descriptor.name != name && descriptor.id != name)) continue;
    throw Error(DODONA_E_PLUGIN, base::quote(name) + " is " + with_article(descriptor.role) +
                                     ", not " + with_article(role) + "; name it under " +
                                     key_of(descriptor.role));
  }
  const std::string guess = base::did_you_mean(name, names);
  std::string message = "there is no " + who + guess;
  if (guess.empty() && !names.empty()) message += "; there are " + base::alternatives(names);
  if (searched_.empty()) {
    message += "; no plugin directory was found";
  } else {
    message += "; looked in " + joined(searched_);
  }
  for (const Problem& problem : problems_) {
    if (problem.kind != Problem::Kind::kHidden) message += "; left aside: " + problem.reason;
  }
  throw Error(DODONA_E_PLUGIN, message);
}

}  // namespace dodona::plugin
