// SPDX-License-Identifier: Apache-2.0
//
// dodona import-keras-tuner
#include "host/exit_code.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <memory>
#include <string>

namespace dodona::host {
namespace {

struct ImportCommand {
  std::string from;
  KerasTunerImport options;
};

// The last line is where the study is now.
int import(const ImportCommand& command) {
  const ImportSummary summary = import_keras_tuner(command.from, command.options);
  for (const std::string& note : summary.notes) complain(note);
  std::string text = counted(summary.trials, "trial");
  if (summary.unfinished > 0) {
    text += ", " + std::to_string(summary.unfinished) + " of them to be run again";
  }
  text += ", " + counted(summary.hyperparameters, "hyperparameter") + ", objective " +
          (summary.objective.direction == Direction::kMax ? "max " : "min ") +
          one_line(summary.objective.name) + "\n";
  print(text + "imported into " + summary.directory + "\n");
  return kDone;
}

}  // namespace

void add_import(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ImportCommand>();
  CLI::App* app = program.add_subcommand("import-keras-tuner",
                                         "Make a study of the project of a KerasTuner search");
  add_positional(*app, "DIR", given->from,
                 "KerasTuner's directory/project_name, which holds oracle.json");
  const auto option = [&](const char* name, std::string& value, const char* word,
                          const char* description) {
    app->add_option(name, value, description)->type_name(word)->option_text(word);
  };
  option("--directory", given->options.directory, "DIR",
         "Where the project is to be (default: the working directory)");
  option("--project-name", given->options.project_name, "NAME",
         "Its name (default: the one that it has)");
  option("--objective", given->options.objective, "METRIC",
         "The metric that decides, where the scores do not tell");
  app->footer(R"(Examples:
  dodona import-keras-tuner my_dir/helloworld --directory runs
  dodona best runs/helloworld
  dodona search helloworld.json        go on, with a study file of this directory, project_name
                                       and objective

KerasTuner's files stay as they are. Steps count from 0, as there. A trial that was running or waits
for a retry runs again when a search goes on.)");
  commands.push_back({app, [given] { return import(*given); }});
}

}  // namespace dodona::host
