// SPDX-License-Identifier: Apache-2.0
//
// dodona trials, dodona best, dodona space
#include "host/exit_code.hpp"
#include "host/pager.hpp"
#include "host/rows.hpp"
#include "host/study_directory.hpp"
#include "host/study_place.hpp"
#include "host/table.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>
#include <dodona/tuner.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

struct ResultsCommand {
  std::string directory;
  std::uint64_t count = 10;
  RowChoice rows;
  bool json = false;
  bool csv = false;
  bool steps = false;
  bool explain = false;
  bool robust = false;
  std::string path;    // for the best model; empty: not asked for
  StudyCommand study;  // of `space` with a study file
};

using Align = Table::Align;

// Names of all values, in the order in which trials show them first.
std::vector<std::string> names_of(const std::vector<Result>& trials) {
  std::vector<std::string> names;
  for (const Result& trial : trials) {
    for (const auto& [name, value] : trial.values.entries()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string cell_of(const Values& values, const std::string& name) {
  const HyperParameterValue* value = values.find(name);
  return value == nullptr ? "" : shown(*value);
}

// Numbers to the right, words to the left.
Align alignment(const std::vector<Result>& trials, const std::string& name) {
  const bool numeric = std::all_of(trials.begin(), trials.end(), [&](const Result& trial) {
    const HyperParameterValue* value = trial.values.find(name);
    return value == nullptr || std::holds_alternative<std::int64_t>(*value) ||
           std::holds_alternative<double>(*value);
  });
  return numeric ? Align::kRight : Align::kLeft;
}

// `0.31 +- 0.02`.
std::string expected_text(const Result& trial) {
  if (!trial.expected) return "";
  return expected(*trial.expected, trial.deviation.value_or(0.0));
}

// `2 times: node failure`.
std::string losses_text(const Result& trial) {
  if (trial.losses == 0) return "";
  return (trial.losses == 1 ? "once" : std::to_string(trial.losses) + " times") + ": " +
         headline(trial.lost);
}

std::string trials_text(const std::vector<Result>& trials) {
  const std::vector<std::string> names = names_of(trials);
  const bool messages = std::any_of(trials.begin(), trials.end(),
                                    [](const Result& trial) { return !trial.message.empty(); });
  std::vector<std::string> objectives;  // several, or none
  for (const Result& trial : trials) {
    for (std::size_t i = objectives.size(); i < trial.scores.size(); ++i) {
      objectives.push_back(trial.scores[i].first);
    }
  }
  std::vector<Table::Column> columns = {{"trial", Align::kRight, Table::Role::kKey}, {"state"}};
  if (objectives.empty()) columns.push_back({"score", Align::kRight});
  if (!objectives.empty()) columns.push_back({"rank", Align::kRight});
  for (const std::string& name : objectives) columns.push_back({one_line(name), Align::kRight});
  const bool limits = std::any_of(trials.begin(), trials.end(),
                                  [](const Result& trial) { return !trial.excesses.empty(); });
  if (limits) columns.push_back({"limits"});
  const bool runs =
      std::any_of(trials.begin(), trials.end(), [](const Result& trial) { return trial.runs > 1; });
  if (runs) columns.push_back({"runs", Align::kRight});
  const bool expected = std::any_of(trials.begin(), trials.end(),
                                    [](const Result& trial) { return trial.expected.has_value(); });
  if (expected) columns.push_back({"expected", Align::kRight});
  columns.push_back({"best_step", Align::kRight});
  for (const std::string& name : names) {
    columns.push_back({one_line(name), alignment(trials, name)});
  }
  const bool losses = std::any_of(trials.begin(), trials.end(),
                                  [](const Result& trial) { return trial.losses > 0; });
  if (losses) columns.push_back({"lost"});
  if (messages) columns.push_back({"message"});
  Table table(std::move(columns));
  for (const Result& trial : trials) {
    std::vector<std::string> cells = {std::to_string(trial.trial), to_text(trial.state)};
    if (objectives.empty()) cells.push_back(trial.score ? number(*trial.score) : "");
    if (!objectives.empty()) cells.push_back(trial.rank ? std::to_string(*trial.rank) : "");
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      const bool there = i < trial.scores.size() && trial.scores[i].second;
      cells.push_back(there ? number(*trial.scores[i].second) : "");
    }
    if (limits) cells.push_back(trial.score ? limits_text(trial) : "");
    if (runs) cells.push_back(std::to_string(trial.runs));
    if (expected) cells.push_back(expected_text(trial));
    cells.push_back(trial.best_step > 0 ? std::to_string(trial.best_step) : "");
    for (const std::string& name : names) cells.push_back(cell_of(trial.values, name));
    if (losses) cells.push_back(losses_text(trial));
    if (messages) cells.push_back(headline(trial.message));
    table.add(std::move(cells));
  }
  return table.fitted(output_width());
}

std::string reports_text(const std::vector<Report>& reports) {
  std::vector<std::string> names;
  for (const Report& report : reports) {
    for (const auto& [name, value] : report.metrics) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::vector<Table::Column> columns = {{"trial", Align::kRight},
                                        {"execution", Align::kRight},
                                        {"attempt", Align::kRight},
                                        {"step", Align::kRight},
                                        {"verdict"}};
  for (const std::string& name : names) columns.push_back({one_line(name), Align::kRight});
  Table table(std::move(columns));
  for (const Report& report : reports) {
    std::vector<std::string> cells = {
        std::to_string(report.trial), std::to_string(report.execution),
        std::to_string(report.attempt), std::to_string(report.step), report.verdict};
    for (const std::string& name : names) {
      const auto found = std::find_if(report.metrics.begin(), report.metrics.end(),
                                      [&](const auto& metric) { return metric.first == name; });
      cells.push_back(found == report.metrics.end() ? "" : number(found->second));
    }
    table.add(std::move(cells));
  }
  return table.fitted(output_width());
}

std::string range_of(const HyperParameter& parameter) {
  if (!parameter.values.empty()) return shown(parameter.values);
  if (parameter.type == "boolean") return "false, true";
  if (!parameter.min_value || !parameter.max_value) return "";
  return shown(*parameter.min_value) + " .. " + shown(*parameter.max_value);
}

// `optimizer = sgd and layers in 2, 3`.
std::string condition_of(const HyperParameter& parameter) {
  std::string text;
  for (const auto& [parent, values] : parameter.when) {
    text += (text.empty() ? "" : " and ") + one_line(parent) +
            (values.size() == 1 ? " = " : " in ") + shown(values);
  }
  return text;
}

// The space and the constraints of a study.
struct WholeSpace {
  std::vector<HyperParameter> space;
  std::vector<std::string> constraints;
};

std::string space_text(const WholeSpace& whole) {
  Table table({{"name", Align::kLeft, Table::Role::kKey},
               {"type"},
               {"values"},
               {"sampling"},
               {"step"},
               {"default"},
               {"when"}});
  for (const HyperParameter& parameter : whole.space) {
    table.add({one_line(parameter.name), parameter.type, range_of(parameter), parameter.sampling,
               parameter.step ? shown(*parameter.step) : "", shown(parameter.initial),
               condition_of(parameter)});
  }
  std::string text = table.fitted(output_width());
  for (const std::string& each : whole.constraints) text += "constraint: " + one_line(each) + "\n";
  return text;
}

// JSON, CSV or a table, as was asked for.
template <class Row, class TableOf>
void print_rows(const ResultsCommand& command, const std::vector<Row>& rows, const TableOf& table) {
  print_paged(command.json ? to_json(rows) + "\n" : command.csv ? to_csv(rows) : table(rows));
}

std::string explanations_text(const std::vector<Explanation>& explanations,
                              const Objective& objective) {
  Table table({{"trial", Align::kRight, Table::Role::kKey}, {"source"}, {"explanation"}});
  for (const Explanation& each : explanations) {
    table.add({std::to_string(each.trial), each.source, one_line(shown(each, objective))});
  }
  return table.fitted(output_width());
}

// The table of trials: the usual columns, or those that were asked for.
void print_trials(const ResultsCommand& command, const std::vector<Result>& trials) {
  print_rows(command, trials, [&](const std::vector<Result>& rows) {
    return command.rows.columns.empty() ? trials_text(rows)
                                        : columns_text(rows, command.rows.columns, output_width());
  });
}

// Those of the chosen trials, which `of` tells of a row.
template <class Row>
std::vector<Row> of_chosen(const ResultsCommand& command, const Study& study,
                           std::vector<Row> rows) {
  const std::vector<Result> trials = study.trials();
  std::vector<bool> kept(trials.size(), false);
  for (const Result& trial : chosen(trials, command.rows)) kept[trial.trial] = true;
  std::erase_if(rows, [&](const Row& row) { return !kept[row.trial]; });
  return rows;
}

int trials(const ResultsCommand& command) {
  const Study study = open_study(command.directory, Study::Damage::kTold);
  if (command.explain) {
    print_rows(command, of_chosen(command, study, study.explanations()),
               [&](const std::vector<Explanation>& rows) {
                 return explanations_text(rows, study.objective());
               });
  } else if (command.steps) {
    print_rows(command, of_chosen(command, study, study.reports()), reports_text);
  } else {
    print_trials(command, chosen(study.trials(), command.rows));
  }
  if (study.damage().empty()) return kDone;
  complain(study.damage());
  return kNoResult;
}

// The trials by what a model expects, and a word on whose it is.
std::vector<Result> robust_trials(const ResultsCommand& command, const Study& study) {
  std::vector<Result> trials =
      study.best(robust, 0, plugin_sources(command.study.plugin_directories));
  if (!trials.empty() && !command.json && !command.csv) {
    complain(trials.front().expected
                 ? "the order is that of what the oracle's model expects"
                 : "the oracle has no model: the order is that of the means over runs of the same "
                   "values");
  }
  return trials;
}

int best(const ResultsCommand& command) {
  const Study study = open_study(command.directory);
  // The best of those that are chosen, unless they have an order of their own.
  std::vector<Result> trials =
      chosen(command.robust ? robust_trials(command, study) : study.best(), command.rows);
  if (command.count > 0 && trials.size() > command.count) trials.resize(command.count);
  if (!trials.empty() && !command.path.empty())
    study.export_model(command.path, trials.front().trial);
  if (!trials.empty() || command.json) print_trials(command, trials);
  if (trials.empty() && (!command.rows.where.empty() || !command.rows.states.empty())) {
    throw Error(DODONA_E_STATE, command.directory + " has no such trial with a score");
  }
  if (trials.empty()) {
    throw Error(DODONA_E_STATE, command.directory + " has no trial with a score yet");
  }
  if (!command.path.empty() && !command.json && !command.csv) {
    print("the model of trial " + std::to_string(trials.front().trial) + " is in " + command.path +
          "\n");
  }
  return kDone;
}

// The space that a search of the study file would begin with. Nothing is written.
WholeSpace space_of_file(const StudyCommand& study) {
  TunerOptions options =
      read_study_file(study.study, study.sets, plugin_sources(study.plugin_directories));
  keep_in_memory(options.study);
  options.on_log = [](dodona_level level, const std::string& message) {
    if (level >= DODONA_WARN) complain(message);
  };
  Tuner tuner(options);
  std::vector<HyperParameter> space = tuner.discover_space();
  return {std::move(space), tuner.constraints()};
}

int space(const ResultsCommand& command) {
  std::error_code ignored;
  const bool is_file = std::filesystem::is_regular_file(command.directory, ignored);
  if (!is_file && !command.study.sets.empty()) {
    throw Error(DODONA_E_INVALID, "--set is for a study file, and " + command.directory +
                                      " is the directory of a project");
  }
  WholeSpace whole;
  if (is_file) {
    StudyCommand study = command.study;
    study.study = command.directory;
    run_placed(study, [&] {
      whole = space_of_file(study);
      return static_cast<int>(kDone);
    });
  } else {
    const Study study = open_study(command.directory);
    whole = {study.space(), study.constraints()};
  }
  print(command.json ? to_json(whole.space, whole.constraints) + "\n" : space_text(whole));
  if (is_file && whole.space.empty()) {
    complain(
        "the space is not known before the first trial, which asks for it: the hypermodel "
        "declares none, and the study file gives none");
  }
  return kDone;
}

CLI::App* add_command(CLI::App& program, Commands& commands, ResultsCommand& given,
                      std::function<int()> run, const char* name, const char* description,
                      const char* what = "The project's directory, such as runs/fashion") {
  CLI::App* app = program.add_subcommand(name, description);
  add_positional(*app, "DIR", given.directory, what);
  app->add_flag("--json", given.json, "One JSON document instead of a table");
  commands.push_back({app, std::move(run)});
  return app;
}

void add_csv(CLI::App& app, ResultsCommand& given) {
  app.add_flag("--csv", given.csv, "CSV with a header instead of a table")->excludes("--json");
}

}  // namespace

void add_results(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ResultsCommand>();
  CLI::App* app = add_command(
      program, commands, *given, [given] { return trials(*given); }, "trials",
      "List the trials of a study, in order");
  add_csv(*app, *given);
  app->add_flag("--steps", given->steps, "A row for each report of a trial, with its metrics");
  app->add_flag("--explain", given->explain,
                "How each trial came about: who proposed it, and what the oracle went by")
      ->excludes("--steps");
  app->add_option("-n", given->rows.count,
                  "At most so many trials: the newest, or the first in the order of --sort")
      ->type_name("N")
      ->check(whole_number);
  add_choice(*app, given->rows);
  app->footer(R"(Examples:
  dodona trials runs/fashion
  dodona trials runs/fashion --where "lr < 0.01 and state == 'completed'" --sort=-score -n 5
  dodona trials runs/fashion --columns trial,score,lr,seconds
  dodona trials runs/fashion --explain
  dodona trials runs/fashion --json | jq '.trials[].score'
  dodona trials runs/fashion --csv > trials.csv             a row a trial
  dodona trials runs/fashion --steps --csv > steps.csv      a row a report)");
  app = add_command(
      program, commands, *given, [given] { return best(*given); }, "best",
      "List the best trials of a study, the best one first; of several objectives, those that no "
      "other one beats");
  app->add_option("-n", given->count, "So many trials; 0: all that have a score (default: 10)")
      ->type_name("N")
      ->check(whole_number);
  app->add_flag("--robust", given->robust,
                "Under noise: by what the oracle's model expects, not by the luckiest score. An "
                "oracle without a model: by the mean over runs of the same values");
  add_plugin_path(*app, given->study.plugin_directories);
  add_csv(*app, *given);
  add_choice(*app, given->rows);
  app->add_option("--export", given->path,
                  "Copy the trained model of the best trial to the directory PATH")
      ->type_name("PATH");
  app->footer(R"(Examples:
  dodona best runs/fashion -n 1
  dodona best runs/fashion --robust
  dodona best runs/fashion -n 1 --export fashion-model     what its hypermodel saved, and trial.json
  dodona best runs/fashion -n 0 --csv > best.csv
  dodona best runs/fashion --json | jq '.trials[0].values')");
  app = add_command(
      program, commands, *given, [given] { return space(*given); }, "space",
      "List the hyperparameters of a study, or those that a study file would search",
      "The project's directory, such as runs/fashion, or a study file, which is not searched");
  add_sets(*app, given->study.sets);
  add_plugin_path(*app, given->study.plugin_directories);
  app->footer(R"(Examples:
  dodona space runs/fashion
  dodona space fashion.json            what a search would begin with: plugins are loaded, and
                                       nothing is written
  dodona space runs/fashion --json     entries as a study file takes them)");
}

}  // namespace dodona::host
