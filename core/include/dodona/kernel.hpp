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
// lib/dodona/plugins beside the library, and $XDG_DATA_HOME/dodona/plugins; never the working
// directory. `modules` are tables of the application itself, `objects` its oracles and sinks.
struct PluginSources {
  std::vector<std::string> directories;
  bool defaults = true;
  std::vector<const dodona_module*> modules;
  std::vector<ApplicationObject> objects{};
};

// A plugin that was found, as its manifest describes it.
struct PluginInfo {
  std::string role;  // oracle, hypermodel or sink
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
// The same, each with its "options".
DODONA_API std::string to_json(const std::vector<PluginDescription>& plugins);

// The JSON schema (draft 2020-12) of study files, the options of the plugins found included.
DODONA_API std::string study_schema(const PluginSources& sources = {},
                                    boundary::SameBuild build = boundary::check_plugins());

}  // namespace dodona
