// SPDX-License-Identifier: Apache-2.0
//
// dodona import-keras-tuner, dodona import-optuna
#include "host/exit_code.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace dodona::host {
namespace {

// The last line is where the study is now.
int tell(const ImportSummary& summary) {
  for (const std::string& note : summary.notes) complain(note);
  std::string text = counted(summary.trials, "trial");
  if (summary.unfinished > 0) {
    text += ", " + std::to_string(summary.unfinished) + " of them to be run again";
  }
  text += ", " + counted(summary.hyperparameters, "hyperparameter") +
          (summary.objectives.size() > 1 ? ", objectives " : ", objective ");
  for (std::size_t i = 0; i < summary.objectives.size(); ++i) {
    const Objective& objective = summary.objectives[i];
    text += (i > 0 ? ", " : "") +
            std::string(objective.direction == Direction::kMax ? "max " : "min ") +
            one_line(objective.name);
  }
  print(text + "\nimported into " + summary.directory + "\n");
  return kDone;
}

void add_text(CLI::App& app, const char* name, std::string& value, const char* word,
              const char* description) {
  app.add_option(name, value, description)->type_name(word)->option_text(word);
}

void add_place(CLI::App& app, std::string& directory, std::string& project_name) {
  add_text(app, "--directory", directory, "DIR",
           "Where the project is to be (default: the working directory)");
  add_text(app, "--project-name", project_name, "NAME", "Its name (default: the one that it has)");
}

void add_keras_tuner(CLI::App& program, Commands& commands) {
  struct Given {
    std::string from;
    KerasTunerImport options;
  };
  const auto given = std::make_shared<Given>();
  CLI::App* app = program.add_subcommand("import-keras-tuner",
                                         "Make a study from the project of a KerasTuner search");
  add_positional(*app, "DIR", given->from,
                 "KerasTuner's directory/project_name, which holds oracle.json");
  add_place(*app, given->options.directory, given->options.project_name);
  add_text(*app, "--objective", given->options.objective, "METRIC",
           "The metric that decides, where the scores do not tell");
  app->footer(R"(Examples:
  dodona import-keras-tuner my_dir/helloworld --directory runs
  dodona best runs/helloworld
  dodona search helloworld.json        go on, with a study file of this directory, project_name
                                       and objective

KerasTuner's files stay as they are. Steps count from 0, as there. A trial that was running or waits
for a retry runs again when a search goes on.)");
  commands.push_back(
      {app, [given] { return tell(import_keras_tuner(given->from, given->options)); }});
}

void add_optuna(CLI::App& program, Commands& commands) {
  struct Given {
    std::string from;
    OptunaImport options;
  };
  const auto given = std::make_shared<Given>();
  CLI::App* app = program.add_subcommand("import-optuna", "Make a study from a study of Optuna");
  add_positional(*app, "FILE", given->from, "A journal file of Optuna, or its database of SQLite");
  add_text(*app, "--study", given->options.study, "NAME", "The study, where the file has several");
  add_place(*app, given->options.directory, given->options.project_name);
  app->add_option(
         "--objective", given->options.objectives,
         "The metric that Optuna's value is; once for each of several objectives (default: "
         "the metric names of the study, else value)")
      ->type_name("METRIC")
      ->option_text("METRIC")
      ->allow_extra_args(false);
  app->footer(R"(Examples:
  dodona import-optuna optuna.log --directory runs
  dodona import-optuna optuna.db --study mnist --objective val_accuracy --directory runs
  dodona search mnist.json             go on, with a study file of this directory, project_name
                                       and objective

Optuna's file stays as it is. Numbers among a trial's user attributes are its metrics, other ones its
notes. A trial that was running runs again when a search goes on, and the values of a waiting one
are tried first. Optuna has no conditions: the trials show where a hyperparameter depends on another,
and what is found is printed. Trials are numbered without gaps; where one is left out, the note
optuna_number of later ones has Optuna's number.)");
  commands.push_back({app, [given] { return tell(import_optuna(given->from, given->options)); }});
}

}  // namespace

void add_import(CLI::App& program, Commands& commands) {
  add_keras_tuner(program, commands);
  add_optuna(program, commands);
}

}  // namespace dodona::host
