// SPDX-License-Identifier: Apache-2.0
#include "import/optuna.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "import/optuna_space.hpp"
#include "import/python_json.hpp"
#include "space/definition.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace dodona::import {
namespace {

namespace json = boost::json;
using study::TrialState;

const OptunaStudy& chosen(const OptunaFile& file, const std::string& name) {
  std::vector<std::string> names;
  const OptunaStudy* found = nullptr;
  for (const OptunaStudy& study : file.studies) {
    if (study.deleted) continue;
    names.push_back(study.name);
    if (name.empty() || study.name == name) found = &study;
  }
  if (names.empty()) throw Error(DODONA_E_INVALID, file.path + ": there is no study");
  if (name.empty() && names.size() > 1) {
    throw Error(DODONA_E_INVALID,
                file.path + ": there are " + std::to_string(names.size()) +
                    " studies; choose one with --study: " + base::alternatives(names));
  }
  if (found == nullptr) {
    throw Error(DODONA_E_INVALID, file.path + ": there is no study " + base::quote(name) +
                                      base::did_you_mean(name, names) + "; there is " +
                                      base::alternatives(names));
  }
  return *found;
}

const json::value* find(const std::vector<std::pair<std::string, json::value>>& attributes,
                        std::string_view key) {
  for (const auto& [name, value] : attributes) {
    if (name == key) return &value;
  }
  return nullptr;
}

constexpr const char* kNumberNote = "optuna_number";

class StudyMaker {
 public:
  StudyMaker(const OptunaFile& file, const OptunaStudy& from)
      : file_(file), from_(from), space_(file, from, made_.notes) {}

  ImportedStudy make(const std::vector<std::string>& objectives) {
    name_objectives(objectives);
    for (const OptunaTrial& trial : from_.trials) {
      if (const json::value* list = find(trial.system, "constraints"); list && list->is_array()) {
        constraints_ = std::max(constraints_, list->get_array().size());
      }
    }
    for (std::size_t i = 0; i < constraints_; ++i) {
      Limit limit;
      limit.metric = constraint(i);
      limit.high = 0.0;
      made_.objective.limits.push_back(std::move(limit));
    }
    for (std::size_t number = 0; number < from_.trials.size(); ++number) {
      add(from_.trials[number], number);
    }
    if (const std::size_t waiting = made_.enqueued.size(); waiting > 0) {
      made_.notes.push_back("the values of " + std::to_string(waiting) +
                            (waiting == 1 ? " trial that waits" : " trials that wait") +
                            " are enqueued; they become the next trials");
    }
    made_.space = space_.params();
    return std::move(made_);
  }

 private:
  static std::string constraint(std::size_t index) { return "constraint_" + std::to_string(index); }

  void name_objectives(const std::vector<std::string>& given) {
    const std::size_t count = from_.maximizes.size();
    if (!given.empty() && given.size() != count) {
      throw Error(DODONA_E_INVALID, file_.path + ": the study " + base::quote(from_.name) +
                                        " has " + std::to_string(count) +
                                        " objectives, and --objective gives " +
                                        std::to_string(given.size()) + " names");
    }
    names_ = !given.empty() ? given : from_.metric_names;
    const bool usable = names_.size() == count &&
                        std::set<std::string>(names_.begin(), names_.end()).size() == count &&
                        std::find(names_.begin(), names_.end(), "") == names_.end();
    if (!usable && !given.empty()) {
      throw Error(DODONA_E_INVALID, "--objective: each objective needs a name of its own");
    }
    if (!usable) {
      names_.clear();
      for (std::size_t i = 0; i < count; ++i) {
        names_.push_back(count == 1 ? "value" : "value_" + std::to_string(i));
      }
    }
    std::vector<study::ObjectiveTerm> terms;
    for (std::size_t i = 0; i < count; ++i) {
      terms.push_back({names_[i], from_.maximizes[i] ? study::Direction::kMaximize
                                                     : study::Direction::kMinimize});
    }
    made_.objective = study::Objective(terms.front());
    made_.objective.others.assign(terms.begin() + 1, terms.end());
  }

  // `number` is Optuna's.
  void add(const OptunaTrial& from, std::size_t number) {
    if (from.state == OptunaState::kWaiting) return enqueue(from);
    auto assignments = assignments_of(from);
    if (!assignments) return;
    ImportedTrial trial;
    trial.assignments = *std::move(assignments);
    trial.started_nanos = from.started_nanos;
    trial.finished_nanos = from.finished_nanos;
    trial.state = state_of(from.state);
    put_steps(from, trial);
    put_attributes(from, trial);
    if (trial.state != TrialState::kFailed) put_score(from, trial);
    if (number != made_.trials.size()) put_number(number, trial);
    made_.trials.push_back(std::move(trial));
  }

  // Trials here are counted without gaps.
  void put_number(std::size_t number, ImportedTrial& trial) {
    trial.notes.emplace_back(kNumberNote, std::to_string(number));
    if (std::exchange(renumbered_, true)) return;
    made_.notes.push_back(
        "trial " + std::to_string(number) + " of Optuna is trial " +
        std::to_string(made_.trials.size()) +
        " here, as trials before it were left out or wait; from it on, the note " + kNumberNote +
        " of each trial has Optuna's number");
  }

  static TrialState state_of(OptunaState state) {
    switch (state) {
      case OptunaState::kComplete:
        return TrialState::kCompleted;
      case OptunaState::kPruned:
        return TrialState::kStopped;
      case OptunaState::kFail:
        return TrialState::kFailed;
      default:
        return TrialState::kRunning;
    }
  }

  // Nothing where the space cannot hold a value, which enqueue_trial() may bring about.
  std::optional<std::vector<Assignment>> assignments_of(const OptunaTrial& from) {
    Point point(space_.params().size());
    if (from.state == OptunaState::kRunning) put_fixed(from, point);
    for (const OptunaParam& param : from.params) {
      const std::size_t place = *space_.find(param.name);
      const auto cell = space_.cell(place, param);
      if (!cell) {
        made_.notes.push_back("a trial is left out: " + from.where + ": " +
                              base::format_real(param.value) + " is not a value of " +
                              space::to_text(space_.params()[place]));
        return std::nullopt;
      }
      point.set(place, *cell);
    }
    return point.assignments();
  }

  // The values with which enqueue_trial() made a trial.
  void put_fixed(const OptunaTrial& from, Point& point) {
    const json::value* fixed = find(from.system, "fixed_params");
    if (fixed == nullptr || !fixed->is_object()) return;
    for (const json::key_value_pair& member : fixed->get_object()) {
      const auto place = space_.find(member.key());
      const auto cell = place ? space_.cell(*place, member.value()) : std::nullopt;
      if (cell) {
        point.set(*place, *cell);
      } else {
        made_.notes.push_back("a value that waits is left out: " + from.where + ": " +
                              std::string(member.key()) + " = " + plain_text(member.value()));
      }
    }
  }

  void enqueue(const OptunaTrial& from) {
    Point point(space_.params().size());
    put_fixed(from, point);
    study::Enqueued values{point.assignments()};
    if (!values.assignments.empty()) made_.enqueued.push_back(std::move(values));
  }

  // Optuna has intermediate values of a single objective alone.
  void put_steps(const OptunaTrial& from, ImportedTrial& trial) const {
    if (from.steps.empty()) return;
    trial.executions.emplace_back();
    for (const auto& [step, value] : from.steps) {
      trial.executions.front()[step] = {{names_.front(), value}};
    }
  }

  void put_attributes(const OptunaTrial& from, ImportedTrial& trial) const {
    for (const auto& [key, value] : from.user) {
      if (key.empty() || is_taken(key)) continue;
      const auto number = python_number(value);
      if (number) {
        trial.metrics.emplace_back(key, *number);
      } else if (key == "message" && trial.state == TrialState::kFailed) {
        trial.message = plain_text(value);
      } else {
        trial.notes.emplace_back(key, plain_text(value));
      }
    }
    const json::value* list = find(from.system, "constraints");
    for (std::size_t i = 0; list != nullptr && list->is_array() && i < list->get_array().size();
         ++i) {
      const auto excess = python_number(list->get_array()[i]);
      if (excess) trial.metrics.emplace_back(constraint(i), *excess);
    }
    const json::value* reason = find(from.system, "fail_reason");
    if (trial.message.empty() && trial.state == TrialState::kFailed && reason != nullptr) {
      trial.message = plain_text(*reason);
    }
  }

  // The sink optuna_journal writes objectives as attributes, too.
  bool is_taken(const std::string& key) const {
    if (std::find(names_.begin(), names_.end(), key) != names_.end()) return true;
    for (std::size_t i = 0; i < constraints_; ++i) {
      if (key == constraint(i)) return true;
    }
    return false;
  }

  void put_score(const OptunaTrial& from, ImportedTrial& trial) const {
    if (trial.state == TrialState::kRunning) return;
    const bool finite = std::all_of(from.values.begin(), from.values.end(),
                                    [](double value) { return std::isfinite(value); });
    if (from.values.empty() || !finite) {
      if (trial.state == TrialState::kStopped) return;
      trial.state = TrialState::kInvalid;
      if (trial.message.empty()) trial.message = base::quote(names_.front()) + " was never finite";
      return;
    }
    ImportedTrial::Metrics metrics;
    for (std::size_t i = 0; i < from.values.size(); ++i) {
      trial.objectives.push_back(from_.maximizes[i] ? -from.values[i] : from.values[i]);
      metrics.emplace_back(names_[i], from.values[i]);
    }
    trial.metrics.insert(trial.metrics.begin(), metrics.begin(), metrics.end());
    if (from.values.size() > 1) return;
    for (const auto& [step, value] : from.steps) {
      trial.best_step = step;  // the last one, where none has the value
      if (value == from.values.front()) break;
    }
  }

  const OptunaFile& file_;
  const OptunaStudy& from_;
  ImportedStudy made_;
  const OptunaSpace space_;
  std::vector<std::string> names_;
  std::size_t constraints_ = 0;
  bool renumbered_ = false;
};

}  // namespace

ImportedStudy study_of(const OptunaFile& file, const OptunaChoice& choice, std::string* name) {
  const OptunaStudy& from = chosen(file, choice.study);
  if (name != nullptr) *name = from.name;
  return StudyMaker(file, from).make(choice.objectives);
}

}  // namespace dodona::import
