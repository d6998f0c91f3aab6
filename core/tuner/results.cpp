// SPDX-License-Identifier: Apache-2.0
#include "tuner/results.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "document/space_entries.hpp"
#include "space/definition.hpp"
#include "study/event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <initializer_list>
#include <optional>

namespace dodona {
namespace {

namespace json = boost::json;

// The numbers of a state are those of the log.
static_assert(static_cast<int>(TrialState::kWaiting) ==
              static_cast<int>(study::TrialState::kWaiting));
static_assert(static_cast<int>(TrialState::kInvalid) ==
              static_cast<int>(study::TrialState::kInvalid));

const char* kind_word(const HyperParameterValue& value) {
  static constexpr const char* kWords[] = {"an int", "a float", "a boolean", "a string"};
  static_assert(std::variant_size_v<HyperParameterValue> == 4);
  return kWords[value.index()];
}

const HyperParameterValue& value_of(const Values& values, std::string_view name) {
  if (const HyperParameterValue* found = values.find(name)) return *found;
  std::vector<std::string> names;
  for (const auto& entry : values.entries()) names.push_back(entry.first);
  throw Error(DODONA_E_INVALID, "there is no active hyperparameter " + base::quote(name) +
                                    base::did_you_mean(name, names));
}

template <class T>
const T& value_as(const Values& values, std::string_view name, const char* wanted) {
  const HyperParameterValue& value = value_of(values, name);
  if (const T* held = std::get_if<T>(&value)) return *held;
  throw Error(DODONA_E_INVALID, "hyperparameter " + base::quote(name) + " is " + kind_word(value) +
                                    ", not " + wanted);
}

// ---- CSV ---------------------------------------------------------------------------------------

std::string csv_text(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char each : text) out.append(each == '"' ? 2 : 1, each);
  return out + '"';
}

std::string csv_text(const HyperParameterValue& value) {
  const auto* real = std::get_if<double>(&value);
  return real != nullptr ? base::format_real(*real) : csv_text(space::to_text(value));
}

// `2024-02-29T13:05:00.123456Z`, or nothing for a moment that did not come.
std::string time_text(std::int64_t unix_nanos) {
  if (unix_nanos <= 0) return "";
  const std::time_t seconds = unix_nanos / 1'000'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char day[32];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  char text[48];
  const auto micros = static_cast<long>(unix_nanos % 1'000'000'000 / 1000);
  std::snprintf(text, sizeof text, "%s.%06ldZ", day, micros);
  return text;
}

// Names in the order in which they come first.
void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::string csv_number(const std::optional<double>& value) {
  return value ? base::format_real(*value) : "";
}

template <class T>
const T* find(const std::vector<std::pair<std::string, T>>& entries, const std::string& name) {
  for (const auto& [each, value] : entries) {
    if (each == name) return &value;
  }
  return nullptr;
}

// Lines of cells, the first of them the names of the columns.
class Csv {
 public:
  // The first columns and the last ones.
  explicit Csv(std::vector<std::string> columns, std::vector<std::string> last = {})
      : columns_(std::move(columns)), last_(std::move(last)) {}

  // Columns of names that come from somewhere else.
  void add_columns(const std::string& group, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto stands_in = [&](const std::vector<std::string>& list) {
        return std::find(list.begin(), list.end(), name) != list.end();
      };
      const bool taken = stands_in(columns_) || stands_in(last_);
      columns_.push_back(taken ? std::string(group).append(".").append(name) : name);
    }
  }
  void end_columns() {
    columns_.insert(columns_.end(), last_.begin(), last_.end());
    for (const std::string& name : columns_) add(csv_text(name));
    end_row();
  }
  void add(std::string_view cell) {
    if (!first_) text_ += ',';
    text_ += cell;
    first_ = false;
  }
  void end_row() {
    text_ += '\n';
    first_ = true;
  }
  std::string take() { return std::move(text_); }

 private:
  std::vector<std::string> columns_;
  std::vector<std::string> last_;
  std::string text_;
  bool first_ = true;
};

void add_metrics(Csv& csv, const std::vector<std::string>& names,
                 const std::vector<std::pair<std::string, double>>& metrics) {
  for (const std::string& name : names) {
    const double* value = find(metrics, name);
    csv.add(value != nullptr ? base::format_real(*value) : "");
  }
}

template <class Row>
std::vector<std::string> metric_names(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) {
    for (const auto& metric : row.metrics) add_new(names, metric.first);
  }
  return names;
}

json::object metrics_to_json(const std::vector<std::pair<std::string, double>>& metrics) {
  json::object out;
  for (const auto& [name, value] : metrics) out[name] = value;
  return out;
}

// ---- explanations ------------------------------------------------------------------------------

// The note of an oracle; nothing where there is none, or it is no JSON after all.
std::optional<json::value> note_of(const Explanation& explanation) {
  boost::system::error_code error;
  json::value note = json::parse(explanation.note, error);
  return error ? std::nullopt : std::optional(std::move(note));
}

}  // namespace

std::int64_t Values::integer(std::string_view name) const {
  return value_as<std::int64_t>(*this, name, "an int");
}

// A study file may give an int where the hypermodel asked for a float.
double Values::real(std::string_view name) const {
  const HyperParameterValue& value = value_of(*this, name);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return value_as<double>(*this, name, "a float");
}

bool Values::boolean(std::string_view name) const {
  return value_as<bool>(*this, name, "a boolean");
}

const std::string& Values::text(std::string_view name) const& {
  return value_as<std::string>(*this, name, "a string");
}

const HyperParameterValue* Values::find(std::string_view name) const& {
  for (const auto& entry : entries_) {
    if (entry.first == name) return &entry.second;
  }
  return nullptr;
}

const char* to_text(TrialState state) {
  switch (state) {
    case TrialState::kWaiting:
      return "waiting";
    case TrialState::kRunning:
      return "running";
    case TrialState::kCompleted:
      return "completed";
    case TrialState::kStopped:
      return "stopped";
    case TrialState::kFailed:
      return "failed";
    case TrialState::kInvalid:
      break;
  }
  return "invalid";
}

const char* to_text(End end) {
  switch (end) {
    case End::kMaxTrials:
      return "max_trials reached";
    case End::kExhausted:
      return "nothing left to propose";
    case End::kMaxSeconds:
      return "max_seconds reached";
    case End::kInterrupted:
      return "interrupted";
    case End::kFailures:
      break;
  }
  return "too many failed trials in a row";
}

std::string to_text(const HyperParameterValue& value) {
  return space::to_text(value);
}

std::string to_json(const Result& trial) {
  return base::to_pretty_text(tuner::to_json(trial));
}

std::string to_json(const std::vector<Result>& trials) {
  json::array list;
  for (const Result& trial : trials) list.push_back(tuner::to_json(trial));
  return base::to_pretty_text(json::object{{"trials", std::move(list)}});
}

namespace {

// The columns of which a trial may have any number.
struct TrialColumns {
  explicit TrialColumns(const std::vector<Result>& trials) : metrics(metric_names(trials)) {
    std::size_t executions = 0;
    for (const Result& trial : trials) {
      for (const auto& entry : trial.values.entries()) add_new(values, entry.first);
      for (const auto& note : trial.notes) add_new(notes, note.first);
      for (const auto& score : trial.scores) add_new(objectives, score.first);
      for (const auto& excess : trial.excesses) add_new(excesses, "excess." + excess.first);
      executions = std::max(executions, trial.execution_scores.size());
      runs |= trial.runs > 1;
      expected |= trial.expected.has_value();
      losses |= trial.losses > 0;
    }
    while (scores.size() < executions) scores.push_back("score_" + std::to_string(scores.size()));
  }

  std::vector<std::string> first() const {
    std::vector<std::string> names = {"trial", "state", "outcome"};
    if (!objectives.empty()) names.emplace_back("rank");
    names.insert(names.end(), {"score", "best_step", "spread"});
    if (runs) names.emplace_back("runs");
    if (expected) names.insert(names.end(), {"expected", "deviation"});
    if (losses) names.insert(names.end(), {"losses", "lost"});
    return names;
  }

  std::vector<std::string> objectives, excesses, scores, values, metrics, notes;
  bool runs = false;
  bool expected = false;
  bool losses = false;
};

void add_first(Csv& csv, const TrialColumns& columns, const Result& trial) {
  csv.add(std::to_string(trial.trial));
  csv.add(to_text(trial.state));
  csv.add(trial.outcome);
  if (!columns.objectives.empty()) csv.add(trial.rank ? std::to_string(*trial.rank) : "");
  csv.add(csv_number(trial.score));
  csv.add(trial.best_step > 0 ? std::to_string(trial.best_step) : "");
  csv.add(csv_number(trial.spread));
  if (columns.runs) csv.add(std::to_string(trial.runs));
  if (columns.expected) csv.add(csv_number(trial.expected));
  if (columns.expected) csv.add(csv_number(trial.deviation));
  if (columns.losses) csv.add(std::to_string(trial.losses));
  if (columns.losses) csv.add(trial.lost.empty() ? "" : csv_text(trial.lost));
}

void add_named(Csv& csv, const TrialColumns& columns, const Result& trial) {
  for (const std::string& name : columns.objectives) {
    const auto* score = find(trial.scores, name);
    csv.add(score != nullptr ? csv_number(*score) : "");
  }
  for (std::size_t i = 0; i < columns.excesses.size(); ++i) {
    csv.add(i < trial.excesses.size() ? csv_number(trial.excesses[i].second) : "");
  }
  for (std::size_t i = 0; i < columns.scores.size(); ++i) {
    csv.add(i < trial.execution_scores.size() ? csv_number(trial.execution_scores[i]) : "");
  }
  for (const std::string& name : columns.values) {
    const HyperParameterValue* value = trial.values.find(name);
    csv.add(value != nullptr ? csv_text(*value) : "");
  }
  add_metrics(csv, columns.metrics, trial.metrics);
  for (const std::string& key : columns.notes) {
    const std::string* value = find(trial.notes, key);
    csv.add(value != nullptr ? csv_text(*value) : "");
  }
}

}  // namespace

std::string to_csv(const std::vector<Result>& trials) {
  const TrialColumns columns(trials);
  Csv csv(columns.first(), {"message", "seed", "budget", "resume_of", "repeat_of", "attempt",
                            "started", "finished"});
  csv.add_columns("scores", columns.objectives);
  csv.add_columns("limits", columns.excesses);
  csv.add_columns("executions", columns.scores);
  csv.add_columns("values", columns.values);
  csv.add_columns("metrics", columns.metrics);
  csv.add_columns("notes", columns.notes);
  csv.end_columns();
  for (const Result& trial : trials) {
    add_first(csv, columns, trial);
    add_named(csv, columns, trial);
    csv.add(trial.message.empty() ? "" : csv_text(trial.message));
    csv.add(std::to_string(trial.seed));
    csv.add(std::to_string(trial.budget));
    csv.add(trial.resume_of ? std::to_string(*trial.resume_of) : "");
    csv.add(trial.repeat_of ? std::to_string(*trial.repeat_of) : "");
    csv.add(std::to_string(trial.attempt));
    csv.add(time_text(trial.started_unix_nanos));
    csv.add(time_text(trial.finished_unix_nanos));
    csv.end_row();
  }
  return csv.take();
}

std::string to_json(const std::vector<Report>& reports) {
  json::array list;
  for (const Report& report : reports) {
    list.push_back({{"trial", report.trial},
                    {"execution", report.execution},
                    {"attempt", report.attempt},
                    {"step", report.step},
                    {"verdict", report.verdict},
                    {"metrics", metrics_to_json(report.metrics)}});
  }
  return base::to_pretty_text(json::object{{"reports", std::move(list)}});
}

std::string to_csv(const std::vector<Report>& reports) {
  const std::vector<std::string> metrics = metric_names(reports);
  Csv csv({"trial", "execution", "attempt", "step", "verdict"});
  csv.add_columns("metrics", metrics);
  csv.end_columns();
  for (const Report& report : reports) {
    csv.add(std::to_string(report.trial));
    csv.add(std::to_string(report.execution));
    csv.add(std::to_string(report.attempt));
    csv.add(std::to_string(report.step));
    csv.add(report.verdict);
    add_metrics(csv, metrics, report.metrics);
    csv.end_row();
  }
  return csv.take();
}

std::string to_json(const std::vector<Explanation>& explanations) {
  json::array list;
  for (const Explanation& each : explanations) {
    list.push_back({{"trial", each.trial},
                    {"source", each.source},
                    {"note", note_of(each).value_or(nullptr)}});
  }
  return base::to_pretty_text(json::object{{"explanations", std::move(list)}});
}

std::string to_csv(const std::vector<Explanation>& explanations) {
  Csv csv({"trial", "source", "note"});
  csv.end_columns();
  for (const Explanation& each : explanations) {
    csv.add(std::to_string(each.trial));
    csv.add(each.source);
    csv.add(each.note.empty() ? "" : csv_text(each.note));
    csv.end_row();
  }
  return csv.take();
}

namespace tuner {

std::string note_member(const std::string& note, std::string_view name) {
  const auto parsed = note_of({0, "", note});
  const json::object* members = parsed ? parsed->if_object() : nullptr;
  const json::value* value = members != nullptr ? members->if_contains(name) : nullptr;
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string(*text) : "";
}

json::object to_json(const std::vector<std::pair<std::string, std::optional<double>>>& named) {
  json::object out;
  for (const auto& [name, number] : named) {
    out[name] = number ? json::value(*number) : json::value();
  }
  return out;
}

json::object to_json(const Result& result) {
  json::object notes;
  for (const auto& [key, value] : result.notes) notes[key] = value;
  json::object values;
  for (const auto& [name, value] : result.values.entries()) values[name] = document::to_json(value);
  const auto nullable = [](const std::optional<double>& number) {
    return number ? json::value(*number) : json::value();
  };
  const auto moment = [](std::int64_t unix_nanos) {
    const std::string text = time_text(unix_nanos);
    return text.empty() ? json::value() : json::value(text);
  };
  const bool timed = result.started_unix_nanos > 0 && result.finished_unix_nanos > 0;
  const std::int64_t nanos = result.finished_unix_nanos - result.started_unix_nanos;
  json::array execution_scores;
  for (const auto& score : result.execution_scores) execution_scores.push_back(nullable(score));
  json::object out = {
      {"trial", result.trial},
      {"state", to_text(result.state)},
      {"outcome", result.outcome.empty() ? json::value() : json::value(result.outcome)},
      {"values", std::move(values)},
      {"score", nullable(result.score)}};
  if (!result.scores.empty()) {
    out["scores"] = to_json(result.scores);
    out["front"] = result.rank == 0U;
    out["rank"] = result.rank ? json::value(*result.rank) : json::value();
  }
  if (!result.excesses.empty()) out["excess"] = to_json(result.excesses);
  const json::object more = {
      {"spread", nullable(result.spread)},
      {"execution_scores", std::move(execution_scores)},
      {"best_step", result.best_step > 0 ? json::value(result.best_step) : json::value()},
      {"metrics", metrics_to_json(result.metrics)},
      {"message", result.message},
      {"seed", std::to_string(result.seed)},
      {"budget", result.budget},
      {"resume_of", result.resume_of ? json::value(*result.resume_of) : json::value()},
      {"repeat_of", result.repeat_of ? json::value(*result.repeat_of) : json::value()},
      {"attempt", result.attempt},
      {"started", moment(result.started_unix_nanos)},
      {"finished", moment(result.finished_unix_nanos)},
      {"seconds", timed ? json::value(static_cast<double>(nanos) / 1e9) : json::value()},
      {"notes", std::move(notes)}};
  out.insert(more.begin(), more.end());
  if (result.runs > 1) out["runs"] = result.runs;
  if (result.expected) out["expected"] = *result.expected;
  if (result.deviation) out["deviation"] = *result.deviation;
  if (result.losses > 0) out["losses"] = result.losses;
  if (result.losses > 0) out["lost"] = result.lost;
  return out;
}

}  // namespace tuner
}  // namespace dodona
