// SPDX-License-Identifier: Apache-2.0
//
// dodona retrain
#include "host/exit_code.hpp"
#include "host/study_directory.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

struct RetrainCommand {
  std::string directory;
  std::optional<std::uint64_t> trial;
  std::uint64_t steps = 0;
  std::string path;
  std::vector<std::string> sets;
  std::vector<std::string> plugin_path;
  bool validate = false;
  bool quiet = false;
};

std::string metrics_text(const Metrics& metrics) {
  std::string text;
  for (const auto& [name, value] : metrics) text += " " + one_line(name) + " " + number(value);
  return text;
}

int retrain(const RetrainCommand& command) {
  const Study study = open_study(command.directory);
  RetrainOptions options;
  options.trial = command.trial;
  options.steps = command.steps;
  options.all_data = !command.validate;
  options.path = command.path.empty() ? command.directory + "/retrained" : command.path;
  options.on_report = [&](std::uint64_t step, const Metrics& metrics) {
    if (!command.quiet) print("step " + std::to_string(step) + metrics_text(metrics) + "\n");
    return true;
  };
  const Retrained done =
      study.retrain_plugin(options, command.sets, plugin_sources(command.plugin_path));
  print("trained trial " + std::to_string(done.trial) + " anew for " + counted(done.steps, "step") +
        ":" + metrics_text(done.metrics) + "\nthe model is in " + options.path + "\n");
  return kDone;
}

}  // namespace

void add_retrain(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<RetrainCommand>();
  CLI::App* app =
      program.add_subcommand("retrain", "Train a model anew with the best hyperparameters");
  add_positional(*app, "DIR", given->directory, "The project's directory, such as runs/fashion");
  app->add_option("--trial", given->trial, "With the values of this trial (default: the best)")
      ->type_name("N")
      ->check(whole_number);
  app->add_option("--steps", given->steps,
                  "Train so many steps (default: up to the best step of the trial)")
      ->type_name("N")
      ->check(whole_number);
  app->add_option("--export", given->path, "The directory for the model (default: DIR/retrained)")
      ->type_name("PATH");
  app->add_flag("--validate", given->validate,
                "Hold data back for validation as the search did, instead of using all of it");
  add_sets(*app, given->sets);
  add_plugin_path(*app, given->plugin_path);
  app->add_flag("-q,--quiet", given->quiet, "Only the last lines");
  app->footer(R"(Examples:
  dodona retrain runs/fashion
  dodona retrain runs/fashion --steps 20 --export fashion-model
  dodona retrain runs/fashion --trial 3 --validate

The hypermodel of the study is built with the values of the trial and trained on all of its data.
The study's log does not change. An earlier export at PATH is replaced, anything else refused.)");
  commands.push_back({app, [given] { return retrain(*given); }});
}

}  // namespace dodona::host
