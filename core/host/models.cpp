// SPDX-License-Identifier: Apache-2.0
//
// dodona summary, dodona evaluate, dodona predict
#include "base/text.hpp"
#include "host/exit_code.hpp"
#include "host/study_directory.hpp"
#include "host/study_place.hpp"
#include "host/table.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::host {
namespace {

namespace fs = std::filesystem;

struct ModelCommand {
  StudyCommand study;
  std::optional<std::uint64_t> trial;
  std::string model;
  std::string data;
  std::string output;
  bool json = false;

  ModelChoice choice() const {
    return {trial, model, study.sets, plugin_sources(study.plugin_directories)};
  }
};

// ---- summary -----------------------------------------------------------------------------------

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t side : shape) text += (text.empty() ? "" : " x ") + std::to_string(side);
  return text;
}

std::string summary_text(const ModelSummary& summary) {
  std::string text = "model of " + one_line(summary.hypermodel);
  if (summary.trial) text += ", trial " + std::to_string(*summary.trial);
  using enum Table::Align;
  using enum Table::Role;
  Table table({{"layer", kLeft, kKey},
               {"kind", kLeft, kKey},
               {"output shape", kRight, kKey},
               {"parameters", kRight, kKey}});
  for (const ModelLayer& layer : summary.layers) {
    table.add({one_line(layer.name), one_line(layer.kind), shape_text(layer.shape),
               std::to_string(layer.parameters)});
  }
  const std::uint64_t fixed = summary.parameters() - summary.trainable();
  return text + "\n" + table.fitted(output_width()) + "parameters     " +
         std::to_string(summary.parameters()) + "\ntrainable      " +
         std::to_string(summary.trainable()) + "\nnot trainable  " + std::to_string(fixed) + "\n";
}

int summary(const ModelCommand& command) {
  std::error_code ignored;
  ModelSummary found;
  if (fs::is_regular_file(command.study.study, ignored)) {
    if (command.trial)
      throw Error(DODONA_E_INVALID, "--trial is for the directory of a project, and " +
                                        command.study.study + " is a study file");
    run_placed(command.study, [&] {
      found = summarize_study_file(command.study.study, command.study.sets,
                                   plugin_sources(command.study.plugin_directories));
      return static_cast<int>(kDone);
    });
  } else {
    found = open_study(command.study.study).summary(command.choice());
  }
  print(command.json ? to_json(found) + "\n" : summary_text(found));
  return kDone;
}

// ---- evaluate ----------------------------------------------------------------------------------

std::string cell_text(const std::optional<HyperParameterValue>& cell) {
  return cell ? one_line(shown(*cell)) : "";
}

// Numbers stand at the right.
std::string table_text(const DetailTable& details) {
  std::vector<Table::Column> columns;
  for (std::size_t i = 0; i < details.columns.size(); ++i) {
    const bool text = !details.rows.empty() && details.rows.front()[i] &&
                      std::holds_alternative<std::string>(*details.rows.front()[i]);
    columns.push_back({one_line(details.columns[i]),
                       text ? Table::Align::kLeft : Table::Align::kRight, Table::Role::kKey});
  }
  Table table(std::move(columns));
  for (const Row& row : details.rows) {
    std::vector<std::string> cells;
    for (const auto& cell : row) cells.push_back(cell_text(cell));
    table.add(std::move(cells));
  }
  return "\n" + one_line(details.name) + "\n" + table.fitted(output_width());
}

int evaluate(const ModelCommand& command) {
  const ModelEvaluation found =
      open_study(command.study.study).evaluate(command.choice(), command.data);
  if (command.json) {
    print(to_json(found) + "\n");
    return kDone;
  }
  std::string text;
  for (const auto& [name, value] : found.metrics)
    text += one_line(name) + " " + base::format_real(value) + "\n";
  for (const DetailTable& table : found.tables) text += table_text(table);
  print(text);
  return kDone;
}

// ---- predict -----------------------------------------------------------------------------------

// Takes text piece by piece: to standard output, or to a file that takes its name once it is whole.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path) {
    if (path.empty()) return;
    file_.open(part(), std::ios::binary);
    if (!file_) refuse();
  }
  ~Output() {
    std::error_code ignored;
    if (!path_.empty() && !whole_) fs::remove(part(), ignored);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(const std::string& text) {
    pending_ += text;
    constexpr std::size_t piece = 1 << 16;
    if (pending_.size() >= piece) flush();
  }
  void finish() {
    flush();
    if (path_.empty()) return;
    file_.close();
    std::error_code error;
    if (file_) fs::rename(part(), path_, error);
    if (!file_ || error) refuse();
    whole_ = true;
  }

 private:
  std::string part() const { return path_ + ".part"; }
  [[noreturn]] void refuse() const {
    throw Error(DODONA_E_IO, base::quote(path_) + " cannot be written");
  }
  void flush() {
    if (path_.empty()) {
      print(pending_);
    } else if (!file_.write(pending_.data(), static_cast<std::streamsize>(pending_.size()))) {
      refuse();
    }
    pending_.clear();
  }

  const std::string path_;
  std::ofstream file_;
  std::string pending_;
  bool whole_ = false;
};

std::string json_text(const std::optional<HyperParameterValue>& cell) {
  if (!cell) return "null";
  if (const auto* text = std::get_if<std::string>(&*cell)) return base::quote(*text);
  if (const auto* flag = std::get_if<bool>(&*cell)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&*cell)) return std::to_string(*whole);
  const double real = std::get<double>(*cell);
  const std::string text = base::format_real(real);
  return real - real == 0 ? text : base::quote(text);  // NaN and infinities
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_text(const std::optional<HyperParameterValue>& cell) {
  if (!cell) return "";
  if (const auto* text = std::get_if<std::string>(&*cell)) return csv_text(*text);
  if (const auto* real = std::get_if<double>(&*cell)) return base::format_real(*real);
  return shown(*cell);
}

// A line of the cells; the brackets are those of JSON, or nothing.
template <class Cells, class Text>
std::string line_of(const Cells& cells, const char* begin, const char* end, Text&& text) {
  std::string line = begin;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i > 0 ? "," : "") + text(i);
  return line + end + "\n";
}

// Writes rows to `out` in the form that the name of the file asks for.
RowWriter writer_of(Output& out, bool json_lines, std::uint64_t& rows) {
  const auto names = std::make_shared<std::vector<std::string>>();
  return {
      [&out, json_lines, names](const std::vector<std::string>& columns) {
        *names = columns;
        if (json_lines) return;
        out.write(line_of(columns, "", "", [&](std::size_t i) { return csv_text(columns[i]); }));
      },
      [&out, json_lines, names, &rows](const Row& row) {
        ++rows;
        out.write(json_lines
                      ? line_of(row, "{", "}",
                                [&](std::size_t i) {
                                  return base::quote((*names)[i]) + ":" + json_text(row[i]);
                                })
                      : line_of(row, "", "", [&](std::size_t i) { return csv_text(row[i]); }));
      }};
}

bool ends_in(const std::string& path, const std::string& ending) {
  return path.size() > ending.size() && path.ends_with(ending);
}

int predict(const ModelCommand& command) {
  const bool json_lines = command.json || ends_in(command.output, ".jsonl");
  if (!command.output.empty() && !json_lines && !ends_in(command.output, ".csv"))
    throw Error(DODONA_E_INVALID, base::quote(command.output) +
                                      " ends neither in .csv nor in .jsonl, so the form of the "
                                      "predictions is open; give it one of these endings");
  const Study study = open_study(command.study.study);
  Output out(command.output);
  std::uint64_t rows = 0;
  const std::uint64_t trial =
      study.predict(command.choice(), command.data, writer_of(out, json_lines, rows));
  out.finish();
  if (!command.output.empty())
    print(counted(rows, "prediction") + " by trial " + std::to_string(trial) + " in " +
          command.output + "\n");
  return kDone;
}

// ---- the commands ------------------------------------------------------------------------------

CLI::App* add_command(CLI::App& program, Commands& commands,
                      const std::shared_ptr<ModelCommand>& given,
                      int (*run)(const ModelCommand& command), const char* name,
                      const char* description, const char* what) {
  CLI::App* app = program.add_subcommand(name, description);
  add_positional(*app, "DIR", given->study.study, what);
  app->add_option("--trial", given->trial, "The model of this trial (default: the best)")
      ->type_name("N")
      ->check(whole_number);
  add_sets(*app, given->study.sets);
  add_plugin_path(*app, given->study.plugin_directories);
  commands.push_back({app, [given, run] { return run(*given); }});
  return app;
}

void add_model(CLI::App& app, ModelCommand& given) {
  app.add_option("--model", given.model,
                 "A model that `best --export` or `retrain` wrote (default: the one that was kept "
                 "of the trial)")
      ->type_name("PATH");
}

constexpr const char* kProject = "The project's directory, such as runs/fashion";

void add_summary(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ModelCommand>();
  CLI::App* app = add_command(
      program, commands, given, summary, "summary",
      "List the layers of a model, with shapes and counts of parameters",
      "The project's directory, such as runs/fashion, or a study file, which is not searched");
  app->add_flag("--json", given->json, "One JSON document instead of a table");
  app->footer(R"(Examples:
  dodona summary runs/fashion
  dodona summary runs/fashion --trial 3
  dodona summary study.json
  dodona summary study.json --set 'initial=[{"layers": 3, "units_0": 64}]'

Of a study file, the model is that of the first entry of `initial`; what that does not give has its
default.)");
}

void add_evaluate(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ModelCommand>();
  CLI::App* app = add_command(program, commands, given, evaluate, "evaluate",
                              "Measure a model on data, a line a metric", kProject);
  app->add_option(
         "--data", given->data,
         "What to measure on (default: the part of the data that the trials were scored on)")
      ->type_name("PATH");
  add_model(*app, *given);
  app->add_flag("--json", given->json, "One JSON document instead of lines");
  app->footer(R"(Examples:
  dodona evaluate runs/fashion
  dodona evaluate runs/fashion --trial 3 --data t10k-images-idx3-ubyte.gz
  dodona evaluate runs/fashion --model runs/fashion/retrained --data new.csv

Metrics have the names that the search has for them. Without --data, and with the threads of the
search, the figures are those of the trial's best report. A model that was trained on all data has
seen that part, so give it other data.)");
}

void add_predict(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ModelCommand>();
  CLI::App* app =
      add_command(program, commands, given, predict, "predict",
                  "Predict the class or the number of each sample of an input", kProject);
  add_positional(*app, "INPUT", given->data,
                 "The samples: what --data of evaluate takes, also without labels");
  app->add_option("-o,--output", given->output,
                  "The file for the predictions, .csv or .jsonl (default: CSV to standard output)")
      ->type_name("FILE");
  add_model(*app, *given);
  app->add_flag("--json", given->json, "JSON, an object a line, instead of CSV");
  app->footer(R"(Examples:
  dodona predict runs/fashion t10k-images-idx3-ubyte.gz -o classes.csv
  dodona predict runs/wine new.csv -o wine.jsonl
  dodona predict runs/wine new.csv --model wine-model | head

CSV has a header. A row is a sample, in the order of the input: its class with the probability of
each class, or the number.)");
}

}  // namespace

void add_models(CLI::App& program, Commands& commands) {
  add_summary(program, commands);
  add_evaluate(program, commands);
  add_predict(program, commands);
}

}  // namespace dodona::host
