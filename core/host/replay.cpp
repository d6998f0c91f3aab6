// SPDX-License-Identifier: Apache-2.0
//
// dodona replay
#include "host/exit_code.hpp"
#include "host/study_directory.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <memory>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

struct ReplayCommand {
  std::string directory;
  std::vector<std::string> plugin_path;
  bool json = false;
};

std::string replay_text(const ReplayResult& replay) {
  std::string text = counted(replay.verified, "proposal") + " verified";
  if (replay.passed_over > 0) {
    text += ", " + counted(replay.passed_over, "trial") + " that no oracle proposed passed over";
  }
  if (replay.other_build > 0)
    text += ", made by another build: " + std::to_string(replay.other_build);
  text += "\n";
  if (const auto& found = replay.difference) {
    text += "trial " + std::to_string(found->trial) +
            " comes out otherwise: " + one_line(found->what) + " is " + one_line(found->logged) +
            " in the log and " + one_line(found->proposed) + " now\n";
  }
  return text;
}

int replay(const ReplayCommand& command) {
  const ReplayResult replay =
      open_study(command.directory).replay(plugin_sources(command.plugin_path));
  print(command.json ? to_json(replay) + "\n" : replay_text(replay));
  return replay.difference ? kNoResult : kDone;
}

}  // namespace

void add_replay(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ReplayCommand>();
  CLI::App* app = program.add_subcommand(
      "replay", "Prove that a study's proposals are what its oracle makes of its log");
  add_positional(*app, "DIR", given->directory, "The project's directory, such as runs/fashion");
  app->add_flag("--json", given->json, "One JSON document instead of text");
  add_plugin_path(*app, given->plugin_path);
  app->footer(R"(Examples:
  dodona replay runs/fashion && echo proven
  dodona replay runs/fashion --json    {"verified": 30, "passed_over": 0, "other_build": 0,
                                       "difference": null}

Every proposal is made again from what its oracle had observed, and compared bit for bit; the first
one that differs is shown, and the exit code is 1.)");
  commands.push_back({app, [given] { return replay(*given); }});
}

}  // namespace dodona::host
