// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "import/optuna_file.hpp"
#include "import/python_json.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace dodona::import {
namespace {

namespace json = boost::json;

// The constants of Optuna.
enum Operation : std::int64_t {
  kCreateStudy = 0,
  kDeleteStudy,
  kStudyUserAttribute,
  kStudySystemAttribute,
  kCreateTrial,
  kTrialParam,
  kTrialStateValues,
  kIntermediateValue,
  kTrialUserAttribute,
  kTrialSystemAttribute
};

bool is_finished(OptunaState state) {
  return state != OptunaState::kRunning && state != OptunaState::kWaiting;
}

OptunaState state_of(const base::JsonReader& at) {
  const std::int64_t code = at.whole();
  if (code < 0 || code > 4) at.fail(std::to_string(code) + " is no state; they are 0 to 4");
  return static_cast<OptunaState>(code);
}

std::int64_t time_of(const base::JsonReader& at) {
  const std::string_view text = at.string();
  const auto time = optuna_time(text);
  if (!time) {
    at.fail(base::quote(text) + " is no time; it should be as 2026-11-30T21:37:45.562315");
  }
  return *time;
}

std::uint64_t step_of(const base::JsonReader& at, std::int64_t step) {
  if (step < 0) at.fail(std::to_string(step) + " is no step; it should be 0 or more");
  return static_cast<std::uint64_t>(step);
}

class JournalReader {
 public:
  explicit JournalReader(const std::string& path) : distributions_(file_.distributions) {
    file_.path = path;
  }

  void read(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      where_ = file_.path + ":" + std::to_string(number);
      read_line(line, end == std::string_view::npos);
    }
    if (file_.studies.empty()) {
      throw Error(DODONA_E_INVALID,
                  file_.path +
                      ":1:1: there is no study; give a journal file of Optuna, or "
                      "its database of SQLite");
    }
  }

  OptunaFile take() { return std::move(file_); }

 private:
  // A document is a line of the file, so its own line numbers are all 1.
  [[noreturn]] void fail_at_line(const Error& error) const {
    const std::string text = error.what();
    const std::string start = file_.path + ":1:";
    if (!text.starts_with(start)) throw error;
    throw Error(error.code(), where_ + text.substr(start.size() - 1));
  }

  // Somebody may be writing the last line, which has no end yet.
  void read_line(std::string_view line, bool is_open) {
    base::JsonDocument document;
    try {
      document = base::parse_json(strict_json(std::string(line)), file_.path);
    } catch (const Error& error) {
      if (is_open) return;
      fail_at_line(error);
    }
    try {
      apply(base::JsonReader(document));
    } catch (const Error& error) {
      fail_at_line(error);
    }
  }

  void apply(const base::JsonReader& line) {
    const base::JsonReader code = line.required("op_code");
    switch (code.whole()) {
      case kCreateStudy:
        return create_study(line);
      case kDeleteStudy:
        if (OptunaStudy* study = study_of(line)) study->deleted = true;
        return;
      case kStudyUserAttribute:
        return;
      case kStudySystemAttribute:
        return set_study_attribute(line);
      case kCreateTrial:
        return create_trial(line);
      case kTrialParam:
        if (OptunaTrial* trial = open_trial(line)) {
          const base::JsonReader distribution = line.required("distribution");
          const base::JsonReader value = line.required("param_value_internal");
          set_param(*trial, line.required("param_name").string(), value, distribution);
        }
        return;
      case kTrialStateValues:
        return set_state(line);
      case kIntermediateValue:
        return set_intermediate_value(line);
      case kTrialUserAttribute:
        if (OptunaTrial* trial = open_trial(line)) put_all(line.required("user_attr"), trial->user);
        return;
      case kTrialSystemAttribute:
        if (OptunaTrial* trial = open_trial(line))
          put_all(line.required("system_attr"), trial->system);
        return;
      default:
        code.fail(std::to_string(code.whole()) + " is no operation of Optuna; they are 0 to 9");
    }
  }

  void create_study(const base::JsonReader& line) {
    const std::string_view name = line.required("study_name").string();
    for (const OptunaStudy& study : file_.studies) {
      if (!study.deleted && study.name == name) return;  // two processes made it at once
    }
    OptunaStudy study;
    study.name = name;
    const base::JsonReader directions = line.required("directions");
    for (std::size_t i = 0; i < directions.array().size(); ++i) {
      const std::int64_t direction = directions.element(i).whole();
      if (direction != 1 && direction != 2) {
        directions.element(i).fail(std::to_string(direction) +
                                   " is no direction; it should be 1 (minimize) or 2 (maximize)");
      }
      study.maximizes.push_back(direction == 2);
    }
    if (study.maximizes.empty()) directions.fail("is empty; it should have one of each objective");
    file_.studies.push_back(std::move(study));
  }

  OptunaStudy* study_of(const base::JsonReader& line) {
    const std::int64_t id = line.required("study_id").whole();
    if (id < 0 || static_cast<std::size_t>(id) >= file_.studies.size()) return nullptr;
    OptunaStudy& study = file_.studies[static_cast<std::size_t>(id)];
    return study.deleted ? nullptr : &study;
  }

  void set_study_attribute(const base::JsonReader& line) {
    OptunaStudy* study = study_of(line);
    if (study == nullptr) return;
    const auto names = given(line.required("system_attr"), "study:metric_names");
    if (!names) return;
    study->metric_names.clear();
    for (std::size_t i = 0; i < names->array().size(); ++i) {
      study->metric_names.emplace_back(names->element(i).string());
    }
  }

  void create_trial(const base::JsonReader& line) {
    OptunaStudy* study = study_of(line);
    if (study == nullptr) return;
    OptunaTrial trial{.where = where_};
    if (const auto state = given(line, "state")) trial.state = state_of(*state);
    if (const auto time = given(line, "datetime_start")) trial.started_nanos = time_of(*time);
    if (const auto time = given(line, "datetime_complete")) trial.finished_nanos = time_of(*time);
    if (const auto value = given(line, "value")) trial.values = {number(*value)};
    set_values(line, *study, trial);
    if (const auto params = given(line, "params")) {
      const base::JsonReader distributions = line.required("distributions");
      for (const json::key_value_pair& param : params->object()) {
        set_param(trial, param.key(), params->required(param.key()),
                  distributions.required(param.key()));
      }
    }
    if (const auto steps = given(line, "intermediate_values")) set_steps(*steps, trial);
    if (const auto attributes = given(line, "user_attrs")) put_all(*attributes, trial.user);
    if (const auto attributes = given(line, "system_attrs")) put_all(*attributes, trial.system);
    trials_.emplace_back(static_cast<std::size_t>(study - file_.studies.data()),
                         study->trials.size());
    study->trials.push_back(std::move(trial));
  }

  // The keys of JSON are texts.
  static void set_steps(const base::JsonReader& steps, OptunaTrial& trial) {
    for (const json::key_value_pair& member : steps.object()) {
      const std::string_view key = member.key();
      std::int64_t step = 0;
      const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), step);
      if (code != std::errc() || end != key.data() + key.size()) {
        steps.fail_key(key, "is no step; it should be a whole number");
      }
      const base::JsonReader at = steps.required(key);
      trial.steps[step_of(at, step)] = number(at);
    }
  }

  void set_values(const base::JsonReader& line, const OptunaStudy& study, OptunaTrial& trial) {
    const auto values = given(line, "values");
    if (!values) return;
    trial.values.clear();
    for (std::size_t i = 0; i < values->array().size(); ++i) {
      trial.values.push_back(number(values->element(i)));
    }
    if (trial.values.size() != study.maximizes.size()) {
      values->fail("has " + std::to_string(trial.values.size()) + " numbers; the study has " +
                   std::to_string(study.maximizes.size()) + " objectives");
    }
  }

  // The trial of an operation, where it is there and has not ended.
  OptunaTrial* open_trial(const base::JsonReader& line) {
    const std::int64_t id = line.required("trial_id").whole();
    if (id < 0 || static_cast<std::size_t>(id) >= trials_.size()) return nullptr;
    const auto [study, trial] = trials_[static_cast<std::size_t>(id)];
    OptunaTrial& found = file_.studies[study].trials[trial];
    return is_finished(found.state) ? nullptr : &found;
  }

  void set_param(OptunaTrial& trial, std::string_view name, const base::JsonReader& value,
                 const base::JsonReader& distribution) {
    const double internal = number(value);
    const std::string_view text = distribution.string();
    put(trial.params, {std::string(name), internal,
                       distributions_.read(text, where_ + ": " + base::quote(name))});
  }

  void set_state(const base::JsonReader& line) {
    OptunaTrial* trial = open_trial(line);
    if (trial == nullptr) return;
    const auto id = static_cast<std::size_t>(line.required("trial_id").whole());
    trial->state = state_of(line.required("state"));
    if (const auto time = given(line, "datetime_start")) trial->started_nanos = time_of(*time);
    if (const auto time = given(line, "datetime_complete")) trial->finished_nanos = time_of(*time);
    set_values(line, file_.studies[trials_[id].first], *trial);
  }

  void set_intermediate_value(const base::JsonReader& line) {
    OptunaTrial* trial = open_trial(line);
    if (trial == nullptr) return;
    const base::JsonReader step = line.required("step");
    trial->steps[step_of(step, step.whole())] = number(line.required("intermediate_value"));
  }

  static void put_all(const base::JsonReader& attributes,
                      std::vector<std::pair<std::string, json::value>>& list) {
    for (const json::key_value_pair& member : attributes.object()) {
      put(list, std::string_view(member.key()), member.value());
    }
  }

  OptunaFile file_;
  OptunaDistributions distributions_;
  std::string where_;                                        // file:line
  std::vector<std::pair<std::size_t, std::size_t>> trials_;  // study and trial of Optuna's ids
};

}  // namespace

OptunaFile parse_optuna_journal(std::string_view text, const std::string& path) {
  JournalReader reader(path);
  reader.read(text);
  return reader.take();
}

}  // namespace dodona::import
