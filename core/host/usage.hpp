// SPDX-License-Identifier: Apache-2.0
//
// The command line of the program: texts of --help, and what is wrong with a command line.
#pragma once

#include <dodona/kernel.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace dodona::host {

// A command that was given runs and answers the exit code.
struct Command {
  CLI::App* app;
  std::function<int()> run;
};

using Commands = std::vector<Command>;

// The words of the command line, the program first.
using Words = std::vector<std::string>;

// Each adds its commands to the program.
void add_search(CLI::App& program, Commands& commands, const Words& words);
void add_ask_tell(CLI::App& program, Commands& commands);
void add_results(CLI::App& program, Commands& commands);
void add_show(CLI::App& program, Commands& commands);
void add_list(CLI::App& program, Commands& commands);
void add_delete(CLI::App& program, Commands& commands);
void add_explain(CLI::App& program, Commands& commands);
void add_report(CLI::App& program, Commands& commands);
void add_serve(CLI::App& program, Commands& commands);
void add_operations(CLI::App& program, Commands& commands);
void add_replay(CLI::App& program, Commands& commands);
void add_retrain(CLI::App& program, Commands& commands);
void add_models(CLI::App& program, Commands& commands);
void add_export(CLI::App& program, Commands& commands);
void add_import(CLI::App& program, Commands& commands);
void add_plugins(CLI::App& program, Commands& commands);
void add_check(CLI::App& program, Commands& commands);
void add_new(CLI::App& program, Commands& commands);
// Last, as it tells of all others.
void add_manual(CLI::App& program, Commands& commands);

// Throws Error for a command whose pages need d3, which was not there when this program was built.
[[noreturn]] void refuse_without_pages(const std::string& command);

// --plugin-path, as all commands that look for plugins have it.
void add_plugin_path(CLI::App& command, std::vector<std::string>& directories);

// --set, for what stands in a study file.
void add_sets(CLI::App& command, std::vector<std::string>& sets);

// The mistake in a count, or empty. The library behind would take -1 for a very large one.
std::string whole_number(const std::string& text);

// An argument that must be given.
void add_positional(CLI::App& command, const std::string& name, std::string& value,
                    const std::string& description);

// The common part of the commands that go through a study: its arguments and options.
struct StudyCommand {
  std::string study;
  std::vector<std::string> sets;
  std::vector<std::string> plugin_directories;
  bool overwrite = false;
  bool accept_changes = false;
  bool verbose = false;
};
void add_study(CLI::App& command, StudyCommand& given, const std::string& study_help);

PluginSources plugin_sources(const std::vector<std::string>& directories);

// The end of the program's --help.
std::string program_footer();

// Why the command line cannot be understood, the nearest known word included.
std::string usage_error(const CLI::App& program, const CLI::ParseError& error);

}  // namespace dodona::host
