// SPDX-License-Identifier: Apache-2.0
//
// dodona delete
#include "host/exit_code.hpp"
#include "host/study_directory.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/upkeep.hpp>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace dodona::host {
namespace {

struct DeleteCommand {
  std::string directory;
  std::string trial;  // empty: the whole study
  bool yes = false;
};

// True if it was said on the command line, or is said now.
bool is_meant(const DeleteCommand& command, const std::string& question) {
  if (command.yes) return true;
  if (isatty(STDIN_FILENO) == 0) {
    throw Error(DODONA_E_INVALID, question + " nobody can be asked here; --yes says so");
  }
  Terminal(STDERR_FILENO).write(question + " [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

int delete_trial(const DeleteCommand& command, const Study& study) {
  const std::uint64_t trial = std::stoull(command.trial);
  if (trial >= study.trials().size()) {
    throw Error(DODONA_E_INVALID,
                "there is no trial " + command.trial + " in " + command.directory);
  }
  if (!is_meant(command, "delete the models and checkpoints of trial " + command.trial + " in " +
                             command.directory + "?")) {
    return kNoResult;
  }
  const std::uint64_t bytes = delete_trial_files(command.directory, trial);
  print("freed " + number(static_cast<double>(bytes) / 1e6) + " MB; the trial stays in the log\n");
  return kDone;
}

int delete_all(const DeleteCommand& command) {
  const std::uint64_t trials = open_study(command.directory, Study::Damage::kTold).trials().size();
  if (!is_meant(command, "delete the study in " + command.directory + ", with " +
                             counted(trials, "trial") + "?")) {
    return kNoResult;
  }
  const std::vector<std::string> left = delete_study(command.directory);
  std::string text;
  for (const std::string& name : left) text += (text.empty() ? "" : ", ") + one_line(name);
  print("deleted " + command.directory + (left.empty() ? "" : "; there is still " + text) + "\n");
  return kDone;
}

int run_delete(const DeleteCommand& command) {
  check_study_directory(command.directory);
  if (command.trial.empty()) return delete_all(command);
  return delete_trial(command, open_study(command.directory));
}

}  // namespace

void add_delete(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<DeleteCommand>();
  CLI::App* app = program.add_subcommand(
      "delete", "Delete a study that nobody searches, or the files of one of its trials");
  add_positional(*app, "DIR", given->directory, "The project's directory, such as runs/fashion");
  app->add_option("TRIAL", given->trial,
                  "Only the models and checkpoints of this trial; its events stay")
      ->type_name("")
      ->option_text(" ")
      ->check(whole_number);
  app->add_flag("--yes", given->yes, "Do not ask");
  app->footer(R"(Examples:
  dodona delete runs/fashion           asks first
  dodona delete runs/fashion --yes
  dodona delete runs/fashion 12        frees the disk of trial 12

Directories that sinks write to stay, as they may hold files of somebody else.)");
  commands.push_back({app, [given] { return run_delete(*given); }});
}

}  // namespace dodona::host
