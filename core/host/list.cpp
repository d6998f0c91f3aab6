// SPDX-License-Identifier: Apache-2.0
//
// dodona list
#include "base/json.hpp"
#include "host/exit_code.hpp"
#include "host/pager.hpp"
#include "host/table.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/status.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

namespace json = boost::json;

struct ListCommand {
  std::string directory;
  bool json = false;
};

struct Listed {
  std::string directory;
  StudyStatus status;
  std::string problem;  // why it cannot be read
};

std::vector<Listed> listed(const std::string& directory) {
  std::vector<Listed> all;
  for (const std::string& each : find_studies(directory)) {
    Listed entry{each, {}, ""};
    try {
      entry.status = study_status(each);
    } catch (const Error& unreadable) {
      entry.problem = unreadable.what();
    }
    all.push_back(std::move(entry));
  }
  return all;
}

std::string state_of(const Listed& entry) {
  if (!entry.problem.empty()) return "cannot be read";
  if (entry.status.owner.empty()) return "nobody searches";
  if (entry.status.paused) return "paused";
  return entry.status.stopping ? "comes to its end" : "searches";
}

std::string list_text(const std::vector<Listed>& all) {
  using Align = Table::Align;
  Table table({{"study", Align::kLeft, Table::Role::kKey},
               {"state", Align::kLeft, Table::Role::kKey},
               {"finished", Align::kRight},
               {"failed", Align::kRight},
               {"best", Align::kRight},
               {"trial", Align::kRight},
               {"problem"}});
  for (const Listed& entry : all) {
    const StudyStatus& status = entry.status;
    const std::string of =
        status.max_trials > 0 ? "/" + std::to_string(status.max_trials) : std::string();
    const bool there = entry.problem.empty();
    table.add({one_line(entry.directory), state_of(entry),
               there ? std::to_string(status.finished()) + of : "",
               there ? std::to_string(status.failed) : "",
               status.best_score ? number(*status.best_score) : "",
               status.best_trial ? std::to_string(*status.best_trial) : "",
               one_line(entry.problem)});
  }
  return table.fitted(output_width());
}

std::string list_json(const std::vector<Listed>& all) {
  json::array studies;
  for (const Listed& entry : all) {
    json::object study = {
        {"directory", entry.directory}, {"problem", nullptr}, {"status", nullptr}};
    if (entry.problem.empty()) {
      study["status"] = base::parse_json(to_json(entry.status), "status").root;
    } else {
      study["problem"] = entry.problem;
    }
    studies.push_back(std::move(study));
  }
  return base::to_pretty_text(json::object{{"studies", std::move(studies)}}) + "\n";
}

int list(const ListCommand& command) {
  const std::vector<Listed> all = listed(command.directory);
  print_paged(command.json ? list_json(all) : all.empty() ? "" : list_text(all));
  if (all.empty() && !command.json) complain("there is no study in " + command.directory);
  return kDone;
}

}  // namespace

void add_list(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ListCommand>();
  CLI::App* app = program.add_subcommand("list", "List the studies in a directory and below");
  add_positional(*app, "DIR", given->directory, "A directory of projects, such as runs");
  app->add_flag("--json", given->json, "One JSON document instead of a table");
  app->footer(R"(Examples:
  dodona list runs
  dodona list runs --json | jq '.studies[].directory')");
  commands.push_back({app, [given] { return list(*given); }});
}

}  // namespace dodona::host
