// SPDX-License-Identifier: Apache-2.0
//
// dodona show
#include "host/exit_code.hpp"
#include "host/pager.hpp"
#include "host/sparkline.hpp"
#include "host/study_directory.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

constexpr const char* kDevicesNote = "dodona.devices";  // stands among the facts

struct ShowCommand {
  std::string directory;
  std::string trial;
  bool json = false;
};

// Lines of a name and a text, in groups.
class Sheet {
 public:
  explicit Sheet(std::size_t width_max) : width_max_(width_max) {}

  void group(const std::string& title) {
    text_ += (text_.empty() ? "" : "\n") + title + "\n";
    pending_.clear();
  }
  void add(const std::string& name, const std::string& value) {
    if (!value.empty()) pending_.emplace_back(name, value);
  }
  // Ends the lines of a group, whose names have one width.
  void close() {
    std::size_t names = 0;
    for (const auto& [name, value] : pending_) names = std::max(names, width(name));
    for (const auto& [name, value] : pending_) {
      const std::string head = "  " + name + std::string(names - width(name) + 2, ' ');
      const std::size_t room = width_max_ > width(head) + 20 ? width_max_ - width(head) : 0;
      text_ += head;
      for (const char c : folded(value, room)) {
        text_ += c;
        if (c == '\n') text_.append(width(head), ' ');
      }
      text_ += '\n';
    }
    pending_.clear();
  }
  const std::string& text() const { return text_; }

 private:
  std::size_t width_max_;
  std::string text_;
  std::vector<std::pair<std::string, std::string>> pending_;
};

std::string score_text(const Result& trial) {
  if (!trial.score) return "";
  std::string text = number(*trial.score);
  if (trial.spread) text += " +- " + number(*trial.spread) + " over executions";
  if (trial.best_step > 0) text += ", at step " + std::to_string(trial.best_step);
  return text;
}

// A member of the runs, in their order, each text once.
std::string places_text(const std::vector<TrialRun>& runs, std::string TrialRun::*member) {
  std::vector<std::string> places;
  for (const TrialRun& run : runs) {
    const std::string place = one_line(run.*member);
    const bool known = std::find(places.begin(), places.end(), place) != places.end();
    if (!place.empty() && !known) places.push_back(place);
  }
  std::string text;
  for (const std::string& place : places) text += (text.empty() ? "" : "; then ") + place;
  return text;
}

void add_places(Sheet& sheet, const Study& study, std::uint64_t trial) {
  std::vector<TrialRun> runs = study.runs();
  std::erase_if(runs, [&](const TrialRun& run) { return run.trial != trial; });
  sheet.add("devices", places_text(runs, &TrialRun::devices));
  sheet.add("runner", places_text(runs, &TrialRun::runner));
}

void add_facts(Sheet& sheet, const Study& study, const Result& trial) {
  sheet.group("trial " + std::to_string(trial.trial) + ": " + to_text(trial.state));
  sheet.add(shown(study.objective()), score_text(trial));
  for (const auto& [name, score] : trial.scores) {
    if (score && name != study.objective().name) sheet.add(one_line(name), number(*score));
  }
  if (!trial.excesses.empty()) sheet.add("limits", limits_text(trial));
  if (trial.outcome != "ok") sheet.add("outcome", trial.outcome);
  if (trial.finished_unix_nanos > trial.started_unix_nanos) {
    sheet.add("time", duration(1e-9 * static_cast<double>(trial.finished_unix_nanos -
                                                          trial.started_unix_nanos)));
  }
  if (trial.budget > 0) sheet.add("budget", std::to_string(trial.budget) + " steps");
  if (trial.attempt > 0) sheet.add("attempts", std::to_string(trial.attempt + 1));
  add_places(sheet, study, trial.trial);
  if (trial.losses > 0) sheet.add("lost", counted(trial.losses, "time") + ": " + trial.lost);
  sheet.add("seed", std::to_string(trial.seed));
  if (trial.resume_of) sheet.add("goes on from", "trial " + std::to_string(*trial.resume_of));
  if (trial.repeat_of) sheet.add("repeats", "trial " + std::to_string(*trial.repeat_of));
  sheet.close();
}

void add_origin(Sheet& sheet, const Study& study, std::uint64_t trial) {
  for (const Explanation& each : study.explanations()) {
    if (each.trial != trial) continue;
    sheet.add("values from", each.source == "user"    ? "a user"
                             : each.source == "model" ? "the model's defaults"
                                                      : "the oracle");
    sheet.add("because", one_line(shown(each, study.objective())));
  }
}

void add_curves(Sheet& sheet, const Study& study, std::uint64_t trial) {
  std::map<std::pair<std::string, std::uint32_t>, std::vector<double>> curves;
  std::uint64_t steps = 0;
  for (const Report& report : study.reports()) {
    if (report.trial != trial) continue;
    steps = std::max(steps, report.step);
    for (const auto& [name, value] : report.metrics) {
      curves[{name, report.execution}].push_back(value);
    }
  }
  if (curves.empty()) return;
  sheet.group("curves to step " + std::to_string(steps));
  const bool several = std::any_of(curves.begin(), curves.end(),
                                   [](const auto& curve) { return curve.first.second > 0; });
  static constexpr std::size_t kCells = 40;
  for (const auto& [key, values] : curves) {
    const std::string name = one_line(key.first);
    sheet.add(
        several ? name + " (" + std::to_string(key.second) + ")" : name,
        sparkline(values, kCells) + "  " + number(values.front()) + " to " + number(values.back()));
  }
  sheet.close();
}

std::string sheet_text(const Study& study, const Result& trial, const std::string& directory) {
  namespace fs = std::filesystem;
  Sheet sheet(output_width());
  add_facts(sheet, study, trial);
  sheet.group("values");
  for (const auto& [name, value] : trial.values.entries()) sheet.add(one_line(name), shown(value));
  add_origin(sheet, study, trial.trial);
  sheet.close();
  if (!trial.metrics.empty()) {
    sheet.group("metrics");
    for (const auto& [name, value] : trial.metrics) sheet.add(one_line(name), number(value));
    sheet.close();
  }
  if (!trial.execution_scores.empty()) {
    sheet.group("executions");
    for (std::size_t i = 0; i < trial.execution_scores.size(); ++i) {
      const auto& score = trial.execution_scores[i];
      sheet.add(std::to_string(i), score ? number(*score) : "no score");
    }
    sheet.close();
  }
  add_curves(sheet, study, trial.trial);
  std::vector<std::pair<std::string, std::string>> notes = trial.notes;
  std::erase_if(notes, [](const auto& note) { return note.first == kDevicesNote; });
  if (!notes.empty()) {
    sheet.group("notes");
    for (const auto& [key, value] : notes) sheet.add(one_line(key), one_line(value));
    sheet.close();
  }
  std::error_code ignored;
  const fs::path files = fs::path(directory) / "trials" / std::to_string(trial.trial);
  if (fs::exists(files, ignored)) {
    sheet.group("files");
    sheet.add("directory", files.lexically_normal().string());
    sheet.close();
  }
  std::string text = sheet.text();
  // As it came, with its lines: a traceback is read here.
  if (!trial.message.empty()) text += "\nmessage\n" + indented(trial.message, 2);
  return text;
}

int show(const ShowCommand& command) {
  const Study study = open_study(command.directory);
  const std::vector<Result> trials = study.trials();
  const std::uint64_t id = std::stoull(command.trial);
  if (id >= trials.size()) {
    throw Error(DODONA_E_INVALID,
                "there is no trial " + command.trial + " in " + command.directory +
                    (trials.empty() ? ", which has none"
                                    : "; the last one is " + std::to_string(trials.size() - 1)));
  }
  print_paged(command.json ? to_json(trials[id]) + "\n"
                           : sheet_text(study, trials[id], command.directory));
  return kDone;
}

}  // namespace

void add_show(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ShowCommand>();
  CLI::App* app = program.add_subcommand("show", "Show all that is known of one trial");
  add_positional(*app, "DIR", given->directory, "The project's directory, such as runs/fashion");
  app->add_option("TRIAL", given->trial, "The number of the trial")
      ->required()
      ->type_name("")
      ->option_text(" ")
      ->check(whole_number);
  app->add_flag("--json", given->json, "One JSON document instead of text");
  app->footer(R"(Examples:
  dodona show runs/fashion 12          values, metrics, curves, message, files, and why it was tried
  dodona show runs/fashion 12 --json)");
  commands.push_back({app, [given] { return show(*given); }});
}

}  // namespace dodona::host
