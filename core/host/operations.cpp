// SPDX-License-Identifier: Apache-2.0
//
// dodona status, pause, stop and set: of a search of another process.
#include "host/exit_code.hpp"
#include "host/study_directory.hpp"
#include "host/table.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/status.hpp>

#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

struct OperationCommand {
  std::string directory;
  std::vector<std::string> sets;
  bool json = false;
  bool off = false;
};

std::string percent(double share) {
  return std::to_string(std::lround(share * 100)) + " %";
}

std::string per_minute(double rate) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f trials/min", rate);
  return text;
}

std::string runner_table(const StudyStatus& status) {
  using Align = Table::Align;
  Table table({{"runner", Align::kLeft, Table::Role::kKey},
               {"host"},
               {"state"},
               {"trial", Align::kRight},
               {"age", Align::kRight},
               {"losses", Align::kRight},
               {"busy", Align::kRight}});
  for (const Runner& runner : status.runners) {
    table.add({one_line(runner.name), one_line(runner.host), to_text(runner.state),
               runner.trial ? std::to_string(*runner.trial) : "", duration(runner.seconds),
               std::to_string(runner.losses), percent(runner.busy)});
  }
  return table.fitted(output_width());
}

std::string trials_line(const StudyStatus& status) {
  std::string text = std::to_string(status.finished());
  if (status.max_trials > 0) text += "/" + std::to_string(status.max_trials);
  text += " trials finished";
  if (status.failed > 0) text += ", " + std::to_string(status.failed) + " of them failed";
  if (status.running > 0) text += "; " + std::to_string(status.running) + " running";
  if (status.waiting > 0) text += "; " + std::to_string(status.waiting) + " waiting";
  if (status.best_score) {
    text += "; best " + number(*status.best_score) + " (trial " +
            std::to_string(*status.best_trial) + ")";
  }
  return text + "\n";
}

std::string owner_line(const StudyStatus& status) {
  if (status.owner.empty()) return "no owner: nobody searches this study now\n";
  std::string text = "searched by " + one_line(status.owner) + " for " + duration(status.seconds);
  if (status.max_seconds > 0) text += " of " + duration(status.max_seconds);
  if (status.paused) text += "; paused";
  if (status.stopping) text += "; comes to its end";
  return text + "\n";
}

std::string pace_line(const StudyStatus& status) {
  std::string text;
  if (status.trials_per_minute) text += per_minute(*status.trials_per_minute);
  if (status.utilisation) {
    text +=
        (text.empty() ? "" : "; ") + percent(*status.utilisation) + " of the workers' time busy";
  }
  return text.empty() ? "" : text + "\n";
}

int status(const OperationCommand& command) {
  check_study_directory(command.directory);
  const StudyStatus status = study_status(command.directory);
  if (command.json) {
    print(to_json(status) + "\n");
    return kDone;
  }
  const std::string runners = status.runners.empty() ? "" : runner_table(status) + "\n";
  print(runners + trials_line(status) + owner_line(status) + pace_line(status));
  return kDone;
}

// Gives an order, and says what came of it.
int order(const OperationCommand& command, const std::function<bool()>& give,
          const std::string& done) {
  check_study_directory(command.directory);
  if (!give()) {
    complain("no owner: nobody searches the study in " + command.directory);
    return kNoOwner;
  }
  print(done + "\n");
  return kDone;
}

int pause(const OperationCommand& command) {
  return order(
      command, [&] { return pause_study(command.directory, !command.off); },
      command.off ? "goes on" : "paused: trials that run go on, and no other begins");
}

int stop(const OperationCommand& command) {
  return order(
      command, [&] { return stop_study(command.directory); },
      "stops: running trials end at their next report, and the state is saved");
}

int set(const OperationCommand& command) {
  std::string all;
  for (const std::string& each : command.sets) all += (all.empty() ? "" : ", ") + each;
  return order(
      command, [&] { return set_study(command.directory, command.sets); }, "set: " + all);
}

CLI::App* add_command(CLI::App& program, Commands& commands, OperationCommand& given,
                      std::function<int()> run, const char* name, const char* description) {
  CLI::App* app = program.add_subcommand(name, description);
  add_positional(*app, "DIR", given.directory, "The project's directory, such as runs/fashion");
  commands.push_back({app, std::move(run)});
  return app;
}

}  // namespace

void add_operations(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<OperationCommand>();
  CLI::App* app = add_command(
      program, commands, *given, [given] { return status(*given); }, "status",
      "Show how a search stands: its runners, trials and pace");
  app->add_flag("--json", given->json, "One JSON document instead of a table");
  app->footer(R"(Examples:
  dodona status runs/fashion
  watch dodona status runs/fashion
  dodona status runs/fashion --json | jq '.trials.finished'

The process that searches the study is asked, through the directory DIR/mailbox, from any machine
that sees it. Where none answers within 3 s, the figures come from the log, and "owner" in JSON is null.)");
  app = add_command(
      program, commands, *given, [given] { return pause(*given); }, "pause",
      "Begin no more trials in a search that runs, until --off");
  app->add_flag("--off", given->off, "Go on");
  app->footer(R"(Examples:
  dodona pause runs/fashion          trials that run go on
  dodona pause runs/fashion --off

Exit code 4: nobody searches the study, or does not answer within 3 s.)");
  app = add_command(
      program, commands, *given, [given] { return stop(*given); }, "stop",
      "End a search that runs, as Ctrl-C does there");
  app->footer(R"(Examples:
  dodona stop runs/fashion

Running trials end at their next report, the state is saved, and the same search goes on with it.
Exit code 4: nobody searches the study, or does not answer within 3 s.)");
  app = add_command(
      program, commands, *given, [given] { return set(*given); }, "set",
      "Give a search that runs other limits");
  app->add_option("SET", given->sets,
                  "max_trials, max_seconds or parallel_trials, as in a study file")
      ->required()
      ->type_name("")
      ->option_text(" ");
  app->footer(R"(Examples:
  dodona set runs/fashion parallel_trials=4
  dodona set runs/fashion max_trials=200 max_seconds=7200
  dodona set runs/fashion max_trials=null

With more parallel_trials than before, trials begin at once; with fewer, those that run end first. The values are those of this
search: the next one goes by its study file and --set. max_seconds counts from the start of the
search. Exit code 4: nobody searches the study, or does not answer within 3 s.)");
}

}  // namespace dodona::host
