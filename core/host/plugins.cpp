// SPDX-License-Identifier: Apache-2.0
//
// dodona plugins, dodona schema
#include "host/describe.hpp"
#include "host/exit_code.hpp"
#include "host/pager.hpp"
#include "host/table.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/kernel.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace dodona::host {
namespace {

struct PluginsCommand {
  std::vector<std::string> directories;
  std::string id;
  std::string library;
  std::string output;
  bool json = false;
  CLI::App* describe = nullptr;
  CLI::App* manifest = nullptr;
};

std::string list_text(const std::vector<PluginInfo>& plugins) {
  using Align = Table::Align;
  using Role = Table::Role;
  Table table({{"role", Align::kLeft, Role::kKey},
               {"name", Align::kLeft, Role::kKey},
               {"version"},
               {"id", Align::kLeft, Role::kSpare},
               {"library", Align::kLeft, Role::kSpare},
               {"description"}});
  for (const PluginInfo& plugin : plugins) {
    table.add({plugin.role, plugin.name, plugin.version, plugin.id,
               plugin.path.empty() ? "built in" : plugin.path,
               one_line(plugin.problem.empty() ? plugin.description
                                               : "cannot be used: " + plugin.problem)});
  }
  return table.fitted(output_width());
}

// A manifest is read by hosts, which refuse one that a group may write to.
int manifest(const PluginsCommand& command) {
  const std::string text = plugin_manifest(command.library);
  if (command.output.empty()) {
    print(text);
    return kDone;
  }
  const std::filesystem::path draft = command.output + ".tmp";
  std::error_code error;
  {
    std::ofstream file(draft, std::ios::binary);
    file << text << std::flush;
    if (!file) error = std::error_code(errno, std::generic_category());
  }
  if (!error) std::filesystem::permissions(draft, std::filesystem::perms(0644), error);
  if (!error) std::filesystem::rename(draft, command.output, error);
  if (!error) return kDone;
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  throw Error(DODONA_E_IO, "cannot write " + command.output + ": " + error.message());
}

int plugins(const PluginsCommand& command) {
  if (command.manifest->parsed()) return manifest(command);
  const PluginSources sources = plugin_sources(command.directories);
  if (command.describe->parsed()) {
    const std::vector<PluginDescription> found = describe_plugins(command.id, sources);
    std::string text = command.json ? to_json(found) + "\n" : "";
    for (const PluginDescription& plugin : found) {
      if (!command.json) text += (text.empty() ? "" : "\n") + description_text(plugin);
    }
    print(text);
    return kDone;
  }
  const std::vector<PluginInfo> list = list_plugins(sources);
  print_paged(command.json ? to_json(list) + "\n" : list_text(list));
  return kDone;
}

int schema(const PluginsCommand& command) {
  print(study_schema(plugin_sources(command.directories)) + "\n");
  return kDone;
}

}  // namespace

void add_plugins(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<PluginsCommand>();
  CLI::App* app =
      program.add_subcommand("plugins", "List plugins, or describe one with its options");
  app->require_subcommand(0, 1);
  add_plugin_path(*app, given->directories);
  app->add_flag("--json", given->json, "One JSON document instead of text");
  app->footer(R"(Examples:
  dodona plugins
  dodona plugins describe torch_mlp
  dodona plugins --plugin-path build/lib/dodona/plugins --json)");
  app->add_subcommand("list", "List the plugins that are found, as `dodona plugins` does")
      ->fallthrough();
  given->describe = app->add_subcommand("describe", "Describe a plugin and its options");
  given->describe->fallthrough();
  add_positional(*given->describe, "ID", given->id, "A plugin's name or id");
  given->describe->footer(R"(Examples:
  dodona plugins describe torch_mlp
  dodona plugins describe org.dodona.random --json)");
  given->manifest = app->add_subcommand(
      "manifest", "Check a library as the kernel would, and write its manifest; loads the library");
  add_positional(*given->manifest, "FILE", given->library, "The library, such as lib/net.so");
  given->manifest->add_option("-o", given->output, "Write to the file NAME.json beside NAME.so")
      ->type_name("FILE");
  given->manifest->footer(R"(Examples:
  dodona plugins manifest net.so
  dodona plugins manifest net.so -o net.json     for a plugin that dodona_add_plugin() did not build)");
  commands.push_back({app, [given] { return plugins(*given); }});

  CLI::App* schema_app = program.add_subcommand("schema", "Print the JSON schema of study files");
  add_plugin_path(*schema_app, given->directories);
  schema_app->footer(R"(Examples:
  dodona schema > dodona-study.schema.json     for an editor that completes and checks JSON)");
  commands.push_back({schema_app, [given] { return schema(*given); }});
}

}  // namespace dodona::host
