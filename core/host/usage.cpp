// SPDX-License-Identifier: Apache-2.0
#include "host/usage.hpp"

#include "base/text.hpp"
#include "host/text.hpp"

#include <dodona/error.hpp>

namespace dodona::host {
namespace {

// The command that the command line reached.
const CLI::App* innermost(const CLI::App* app) {
  for (auto given = app->get_subcommands(); !given.empty(); given = app->get_subcommands()) {
    app = given.front();
  }
  return app;
}

std::string full_name(const CLI::App* app) {
  const CLI::App* parent = app->get_parent();
  return parent == nullptr ? app->get_name() : full_name(parent) + " " + app->get_name();
}

Words option_names(const CLI::App* app) {
  Words names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    }
  }
  return names;
}

Words command_names(const CLI::App* app) {
  Words names;
  for (const CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

}  // namespace

void refuse_without_pages(const std::string& command) {
  throw Error(DODONA_E_UNSUPPORTED, "this dodona was built without `" + command +
                                        "`, as d3 was not there; install the package node-d3 and "
                                        "build again");
}

void add_plugin_path(CLI::App& command, std::vector<std::string>& directories) {
  command
      .add_option("--plugin-path", directories, "Look for plugins in DIR first; may be repeated")
      ->type_name("DIR")
      ->option_text("DIR")
      ->allow_extra_args(false);
}

void add_sets(CLI::App& command, std::vector<std::string>& sets) {
  command.add_option("--set", sets, "Another value for a key of the study file; may be repeated")
      ->type_name("PATH=VALUE")
      ->option_text("PATH=VALUE")
      ->allow_extra_args(false);
}

std::string whole_number(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits && text.size() < 19 ? "" : "\"" + text + "\" is no whole number of 0 or more";
}

void add_positional(CLI::App& command, const std::string& name, std::string& value,
                    const std::string& description) {
  command.add_option(name, value, description)->required()->type_name("")->option_text(" ");
}

void add_study(CLI::App& command, StudyCommand& given, const std::string& study_help) {
  add_positional(command, "STUDY.json", given.study, study_help);
  add_sets(command, given.sets);
  command.add_flag("--accept-changes", given.accept_changes,
                   "Go on although the study was made with another objective, oracle, stopper or "
                   "hypermodel, or with other options of these; after a change of the objective "
                   "all scores are computed again from the reports");
  command.add_flag("--overwrite", given.overwrite,
                   "Begin anew; the study that is there is deleted once the new one has a report");
  add_plugin_path(command, given.plugin_directories);
  command.add_flag("-v,--verbose", given.verbose,
                   "Also show remarks of the program and of plugins");
}

PluginSources plugin_sources(const std::vector<std::string>& directories) {
  PluginSources sources;
  sources.directories = directories;
  return sources;
}

std::string program_footer() {
  return R"(Examples:
  dodona search fashion.json                     run the search that a study file describes,
                                                 or go on with it
  dodona search fashion.json --set max_trials=5  the same with other settings
  dodona ask-tell fashion.json                   propose trials to a program in any language
  dodona status runs/fashion                     how a search stands, from any other terminal
  dodona best runs/fashion                       the best trials of a project's directory
  dodona explain runs/fashion                    what mattered, and what looks wrong
  dodona plugins                                 what can be named in a study file
  dodona check fashion.json                      whether anything is wrong in a study file
  dodona check mine.so                           whether a plugin keeps the contract

Exit codes:
  0    done, also when some trials failed
  1    no trial completed, too many failed, or a store, lock, disk or data error
  2    bad usage or a bad study file
  3    a plugin could not be loaded
  4    nobody searches the study (pause, stop, set)
  130  interrupted; the state is saved, and the same command goes on

Plugins are looked for in --plugin-path, DODONA_PLUGIN_PATH, lib/dodona/plugins beside the library,
and $XDG_DATA_HOME/dodona/plugins. NO_COLOR switches colours off.)";
}

std::string usage_error(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App* app = innermost(&program);
  const std::string hint = "; see " + full_name(app) + " --help";
  const Words left = program.remaining(true);
  if (left.empty()) return one_line(error.what()) + hint;
  const std::string& word = left.front();
  const std::string option = word.substr(0, word.find('='));
  if (word.starts_with('-') && word != "-") {
    return "unknown option " + option + base::did_you_mean(option, option_names(app)) + hint;
  }
  const Words commands = command_names(app);
  if (commands.empty()) return "unexpected argument \"" + word + "\"" + hint;
  return "unknown command \"" + word + "\"" + base::did_you_mean(word, commands) + hint;
}

}  // namespace dodona::host
