// SPDX-License-Identifier: Apache-2.0
//
// The kernel's version, the plugins that it finds, and the schema of study files.
//
// Errors:  Error{kPlugin} for a plugin that is missing or unusable, Error{kInvalid} for a directory
//          that does not exist or that others may write to.
#pragma once

#include <dodona/abi.h>
#include <dodona/build.hpp>
#include <dodona/export.hpp>
#include <dodona/version.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dodona {

// Of the library that runs; DODONA_VERSION is that of the headers.
DODONA_API const char* version();

// An oracle, stopper or sink that the application makes itself; dodona/objects.hpp has the functions
// that answer one.
struct ApplicationObject {
  std::shared_ptr<const dodona_module> module;  // describes it alone
  // In place of the `create` of its table.
  std::function<dodona_status(const dodona_host*, const dodona_study*, const dodona_options*,
                              void** self, dodona_error*)>
      create;
};

// Where plugins come from: these directories first, then, unless switched off, DODONA_PLUGIN_PATH,
// lib/dodona/plugins beside the library, $XDG_DATA_HOME/dodona/plugins and
// ~/.local/lib/dodona/plugins; never the working directory. `modules` are tables of the application itself, `objects` its oracles and sinks.
struct PluginSources {
  std::vector<std::string> directories;
  bool defaults = true;
  std::vector<const dodona_module*> modules;
  std::vector<ApplicationObject> objects{};
};

// A plugin that was found, as its manifest describes it.
struct PluginInfo {
  std::string role;  // oracle, stopper (an oracle that only judges), hypermodel or sink
  std::string id, name, version, license, description;
  std::string path;     // of the library; empty: built in
  std::string problem;  // why it cannot be used; empty: it can
};

// An option that a study file may give to a plugin. Values are texts of JSON.
struct PluginOption {
  std::string name;
  std::string kind;                    // int, float, boolean, string, list or object
  std::optional<std::string> initial;  // the default; none: it must be given
  std::optional<std::string> low, high;
  std::vector<std::string> choices;  // empty: any
  std::string help;
};

// A plugin with all the options that a study file may give to it.
struct PluginDescription {
  PluginInfo info;
  std::vector<PluginOption> options;
  std::vector<std::string> flags;  // resumes, ends, isolate, objectives, serial
  std::string abi_built;           // the plugin ABI of its headers, such as 0.5
  std::string abi_needed;          // the oldest one that will do
  std::string build_id;            // of its library; empty: built in
  std::string processor;           // the level that its library is for; empty: any
  bool judges = false;             // an oracle that proposes and stops trials early, too
  // Files that were left aside: those that hold the same id, or that have its name and cannot be
  // used.
  std::vector<PluginInfo> aside;
};

namespace boundary {

// Of the classes about plugins.
__attribute__((visibility("hidden"))) inline SameBuild check_plugins() {
  return check_build({{"ApplicationObject", sizeof(ApplicationObject)},
                      {"PluginDescription", sizeof(PluginDescription)},
                      {"PluginInfo", sizeof(PluginInfo)},
                      {"PluginOption", sizeof(PluginOption)},
                      {"PluginSources", sizeof(PluginSources)}});
}

}  // namespace boundary

// From manifests alone: nothing of a plugin is executed.
DODONA_API std::vector<PluginInfo> list_plugins(
    const PluginSources& sources = {}, boundary::SameBuild build = boundary::check_plugins());
// {"plugins": [{"role", "id", "name", "version", "license", "description", "path", "problem"}]}
DODONA_API std::string to_json(const std::vector<PluginInfo>& plugins);

// All plugins of a name or id, of any role. Throws Error{DODONA_E_PLUGIN} for one that is not there
// or cannot be used.
DODONA_API std::vector<PluginDescription> describe_plugins(
    const std::string& name_or_id, const PluginSources& sources = {},
    boundary::SameBuild build = boundary::check_plugins());
// The same, each with "options", "flags", "abi_built", "abi_needed", "build_id", "processor", "judges"
// and "aside".
DODONA_API std::string to_json(const std::vector<PluginDescription>& plugins);

// The manifest of a plugin's library, as dodona_add_plugin() writes it. Loads the library for good, so
// code of it runs. Throws Error{DODONA_E_PLUGIN} for a library that no plugin may be, or whose tables
// break a rule: a plugin with a manifest has right tables.
DODONA_API std::string plugin_manifest(const std::string& library);

// The JSON schema (draft 2020-12) of study files, the options of the plugins found included.
DODONA_API std::string study_schema(const PluginSources& sources = {},
                                    boundary::SameBuild build = boundary::check_plugins());

}  // namespace dodona
