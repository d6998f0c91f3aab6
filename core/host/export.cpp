// SPDX-License-Identifier: Apache-2.0
//
// dodona export
#include "host/exit_code.hpp"
#include "host/study_directory.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

namespace fs = std::filesystem;

struct ExportCommand {
  std::string directory;
  std::string sink;
  std::string output;
  std::vector<std::string> plugin_path;
};

// Named like the study, as some sinks call it by their directory.
std::string default_output(const std::string& directory) {
  const fs::path whole = (fs::absolute(directory) / "").lexically_normal().parent_path();
  return (fs::path("export") / whole.filename()).string();
}

int export_events(const ExportCommand& command) {
  const Study study = open_study(command.directory);
  const std::string output =
      command.output.empty() ? default_output(command.directory) : command.output;
  const std::uint64_t events =
      study.export_events(command.sink, output, plugin_sources(command.plugin_path));
  std::error_code ignored;
  const bool is_there = fs::exists(output, ignored);  // an option may have named another place
  print(counted(events, "event") + " exported" + (is_there ? " to " + output : "") + "\n");
  return kDone;
}

}  // namespace

void add_export(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ExportCommand>();
  CLI::App* app =
      program.add_subcommand("export", "Give all events of a study to a sink, such as tensorboard");
  add_positional(*app, "DIR", given->directory, "The project's directory, such as runs/fashion");
  app->add_option("--sink", given->sink,
                  "The sink's name, or an entry of `sinks` in a study file as JSON, with options")
      ->type_name("NAME")
      ->option_text("NAME")
      ->required();
  app->add_option("-o,--output", given->output,
                  "Where the sink writes to (default: DIR/export/NAME)")
      ->type_name("DIR")
      ->option_text("DIR");
  add_plugin_path(*app, given->plugin_path);
  app->footer(R"(Examples:
  dodona export runs/fashion --sink tensorboard
  dodona export runs/fashion --sink optuna_journal -o boards
  dodona export runs/fashion --sink '{"plugin": "jsonl", "options": {"path": "log.jsonl"}}'

The study stays as it is, and may be searched meanwhile: what has happened by now is exported. The
same command once more adds what has happened since. `dodona plugins` lists the sinks.)");
  commands.push_back({app, [given] { return export_events(*given); }});
}

}  // namespace dodona::host
