// SPDX-License-Identifier: Apache-2.0
#include "import/keras_tuner.hpp"

#include "base/file.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "document/metric_direction.hpp"
#include "document/space_entries.hpp"
#include "import/python_json.hpp"
#include "space/definition.hpp"
#include "study/state.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

namespace dodona::import {
namespace {

namespace json = boost::json;
using study::Direction;
using study::TrialState;
using Metrics = ImportedTrial::Metrics;

// A step or a count of epochs; Python may have made it a float.
std::uint64_t count(const base::JsonReader& at) {
  const double real = number(at);
  if (!(real >= 0.0 && real <= 0x1p53 && real == std::floor(real))) {
    at.fail(base::format_real(real) + " is not a whole number of 0 or more");
  }
  return static_cast<std::uint64_t>(real);
}

std::vector<std::string> strings(const std::optional<base::JsonReader>& list) {
  std::vector<std::string> texts;
  if (!list) return texts;
  for (std::size_t i = 0; i < list->array().size(); ++i) {
    texts.emplace_back(list->element(i).string());
  }
  return texts;
}

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// ---- a definition of the space -----------------------------------------------------------------

class DefinitionReader {
 public:
  explicit DefinitionReader(const base::JsonReader& entry)
      : type_(entry.required("class_name").word(kClasses)), config_(entry.required("config")) {}

  // Adds to `notes` what is not as it was.
  Param read(std::vector<std::string>& notes) {
    param_.type = static_cast<ParamType>(type_ + 1);
    param_.name = config_.required("name").string();
    if (is_ranged()) read_range();
    if (param_.type == ParamType::kFixed)
      param_.choices = {document::read_scalar(config_.required("value"))};
    if (param_.type == ParamType::kChoice) read_choices();
    if (const auto list = given(config_, "conditions")) read_conditions(*list);
    try {
      space::check(param_);
    } catch (const Error& error) {
      config_.fail(error.what());  // the same, and where
    }
    if (param_.type != ParamType::kFixed) read_default(notes);
    return std::move(param_);
  }

 private:
  // In the order of ParamType and Sampling, which count from 1.
  static inline const std::vector<std::string> kClasses = {"Int", "Float", "Choice", "Boolean",
                                                           "Fixed"};
  static inline const std::vector<std::string> kSamplings = {"linear", "log", "reverse_log"};

  bool is_ranged() const {
    return param_.type == ParamType::kInt || param_.type == ParamType::kFloat;
  }
  Cell cell(const base::JsonReader& at) const {
    return param_.type == ParamType::kInt ? Cell::whole(at.whole()) : Cell::real(at.real());
  }

  void read_range() {
    param_.low = param_.initial = cell(config_.required("min_value"));
    param_.high = cell(config_.required("max_value"));
    if (const auto sampling = given(config_, "sampling")) {
      param_.sampling = static_cast<Sampling>(sampling->word(kSamplings) + 1);
    }
    if (const auto step = given(config_, "step")) param_.step = cell(*step);
    const bool every = param_.type == ParamType::kInt && param_.sampling == Sampling::kLinear;
    if (every && param_.step == Cell::whole(1)) param_.step.reset();
  }

  void read_choices() {
    const base::JsonReader values = config_.required("values");
    for (std::size_t i = 0; i < values.array().size(); ++i) {
      const Value value = document::read_scalar(values.element(i));
      std::vector<Value>& known = param_.choices;
      if (std::find(known.begin(), known.end(), value) == known.end()) known.push_back(value);
    }
    const auto is_number = [](const Value& value) {
      return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
    };
    param_.ordered = std::all_of(param_.choices.begin(), param_.choices.end(), is_number);
    if (const auto ordered = given(config_, "ordered")) param_.ordered = ordered->boolean();
  }

  void read_conditions(const base::JsonReader& list) {
    static const std::vector<std::string> kKinds = {"Parent"};
    for (std::size_t i = 0; i < list.array().size(); ++i) {
      list.element(i).required("class_name").word(kKinds);
      const base::JsonReader parent = list.element(i).required("config");
      Condition condition{std::string(parent.required("name").string()), {}};
      const base::JsonReader values = parent.required("values");
      for (std::size_t k = 0; k < values.array().size(); ++k) {
        condition.any_of.push_back(document::read_scalar(values.element(k)));
      }
      add(std::move(condition));
    }
  }

  // A scope within a scope of the same parent narrows it.
  void add(Condition&& condition) {
    for (Condition& outer : param_.conditions) {
      if (outer.parent != condition.parent) continue;
      std::erase_if(outer.any_of, [&](const Value& value) {
        const std::vector<Value>& inner = condition.any_of;
        return std::find(inner.begin(), inner.end(), value) == inner.end();
      });
      return;
    }
    param_.conditions.push_back(std::move(condition));
  }

  void read_default(std::vector<std::string>& notes) {
    const auto initial = given(config_, "default");
    if (!initial) return;
    const Value value = is_ranged() && param_.type == ParamType::kFloat
                            ? initial->real()
                            : document::read_scalar(*initial);
    if (const auto cell = cell_of(param_, value)) {
      param_.initial = *cell;
      return;
    }
    if (!is_ranged() || !base::as_real(initial->value())) {
      initial->fail(base::to_text(initial->value()) + " is not one of the values of " +
                    space::to_text(param_));
    }
    param_.initial = detail::clamped(param_, *base::as_real(initial->value()));
    if (cardinality(param_) > 0)
      param_.initial = value_at(param_, index_of(param_, param_.initial));
    notes.push_back("the default " + space::to_text(value) + " of " + base::quote(param_.name) +
                    " is not one of its values; it is " +
                    space::to_text(value_of(param_, param_.initial)) + " now");
  }

  std::size_t type_;
  base::JsonReader config_;
  Param param_;
};

// ---- a trial's file ----------------------------------------------------------------------------

// The observations of one metric: by step the values of all executions.
struct History {
  std::string name;
  Direction direction = Direction::kMinimize;
  std::map<std::uint64_t, std::vector<double>> steps;
};

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

struct Best {
  std::uint64_t step = 0;
  double value = 0.0;
};

// The best mean, the first one on a tie; a mean that is NaN does not count.
std::optional<Best> best_of(const History& history) {
  std::optional<Best> best;
  for (const auto& [step, values] : history.steps) {
    const double value = mean(values);
    const bool better = !best || (history.direction == Direction::kMinimize ? value < best->value
                                                                            : value > best->value);
    if (!std::isnan(value) && better) best = {step, value};
  }
  return best;
}

struct TrialFile {
  base::JsonDocument document;
  std::string id;
  std::size_t status = 0;
  std::optional<double> score;
  std::vector<History> histories;

  const History* find(const std::string& metric) const {
    for (const History& history : histories) {
      if (history.name == metric) return &history;
    }
    return nullptr;
  }
};

enum Status : std::size_t { kRunning, kIdle, kInvalid, kStopped, kCompleted, kFailed };
const std::vector<std::string> kStatuses = {"RUNNING", "IDLE",      "INVALID",
                                            "STOPPED", "COMPLETED", "FAILED"};

History read_history(const base::JsonReader& at, std::string_view name) {
  static const std::vector<std::string> kDirections = {"min", "max"};
  History history;
  history.name = name;
  if (const auto direction = given(at, "direction")) {
    history.direction = static_cast<Direction>(direction->word(kDirections) + 1);
  }
  const base::JsonReader list = at.required("observations");
  for (std::size_t i = 0; i < list.array().size(); ++i) {
    const base::JsonReader observation = list.element(i);
    const auto step = given(observation, "step");
    const base::JsonReader values = observation.required("value");
    std::vector<double>& known = history.steps[step ? count(*step) : 0];
    if (!known.empty()) observation.fail("has the step of an observation before it");
    if (!values.value().is_array()) known = {number(values)};
    for (std::size_t k = 0; values.value().is_array() && k < values.array().size(); ++k) {
      known.push_back(number(values.element(k)));
    }
    if (known.empty()) values.fail("is empty; it should be the values of a step");
  }
  return history;
}

void read_trial(TrialFile& trial) {
  const base::JsonReader root(trial.document);
  trial.id = root.required("trial_id").string();
  trial.status = root.required("status").word(kStatuses);
  if (const auto score = given(root, "score")) trial.score = number(*score);
  const base::JsonReader metrics = root.required("metrics").required("metrics");
  for (const json::key_value_pair& member : metrics.object()) {
    trial.histories.push_back(read_history(metrics.required(member.key()), member.key()));
  }
}

// ---- the project -------------------------------------------------------------------------------

class ProjectReader {
 public:
  ProjectReader(const KerasTunerFile& oracle, const std::vector<KerasTunerFile>& trials)
      : oracle_(base::parse_json(strict_json(oracle.text), oracle.path)) {
    for (const KerasTunerFile& file : trials) {
      files_.push_back({base::parse_json(strict_json(file.text), file.path), "", 0, {}, {}});
      read_trial(files_.back());
    }
  }

  ImportedStudy read(const std::string& objective) {
    const base::JsonReader root(oracle_);
    add_definitions(root.required("hyperparameters").required("space"));
    if (const auto seed = given(root, "seed")) {
      project_.seed = static_cast<std::uint64_t>(seed->whole());
    }
    order(strings(given(root, "start_order")));
    for (const TrialFile& file : files_) {
      add_definitions(
          base::JsonReader(file.document).required("hyperparameters").required("space"));
    }
    project_.space = space_.params();
    project_.objective = objective.empty() ? objective_of_scores() : objective_of_name(objective);
    const std::vector<std::string> again = strings(given(root, "retry_queue"));
    for (const TrialFile& file : files_) add_trial(file, contains(again, file.id));
    for (const std::string& name : unknown_) {
      project_.notes.push_back("the values of " + base::quote(name) +
                               " are left out: it is not in the space");
    }
    return std::move(project_);
  }

 private:
  void add_definitions(const base::JsonReader& list) {
    for (std::size_t i = 0; i < list.array().size(); ++i) {
      std::vector<std::string> notes;
      Param param = DefinitionReader(list.element(i)).read(notes);
      for (Condition& condition : param.conditions) drop_impossible(condition);
      // As in KerasTuner the first definition of a name and its conditions is in force.
      if (space_.find(param.name, param.conditions)) continue;
      try {
        space::check(param);
        space_.add(std::move(param));
      } catch (const Error& error) {
        list.element(i).fail(error.what());
      }
      project_.notes.insert(project_.notes.end(), notes.begin(), notes.end());
    }
  }

  // Values that the parent never has say nothing.
  void drop_impossible(Condition& condition) const {
    const auto& params = space_.params();
    const bool defined = std::any_of(params.begin(), params.end(), [&](const Param& param) {
      return param.name == condition.parent;
    });
    if (!defined) return;
    std::erase_if(condition.any_of, [&](const Value& value) {
      return std::none_of(params.begin(), params.end(), [&](const Param& param) {
        return param.name == condition.parent && cell_of(param, value);
      });
    });
  }

  // Trials by their start, those that nobody lists at the end.
  void order(const std::vector<std::string>& started) {
    std::map<std::string, std::size_t> places;
    for (const std::string& id : started) places.emplace(id, places.size());
    const auto place = [&](const TrialFile& file) {
      const auto found = places.find(file.id);
      return found == places.end() ? places.size() : found->second;
    };
    std::stable_sort(files_.begin(), files_.end(),
                     [&](const TrialFile& a, const TrialFile& b) { return place(a) < place(b); });
    std::set<std::string> ids;
    for (const TrialFile& file : files_) {
      if (ids.insert(file.id).second) continue;
      base::JsonReader(file.document).required("trial_id").fail("another trial has this id");
    }
  }

  std::vector<std::string> metric_names() const {
    std::vector<std::string> names;
    for (const TrialFile& file : files_) {
      for (const History& history : file.histories) {
        if (!contains(names, history.name)) names.push_back(history.name);
      }
    }
    return names;
  }

  [[noreturn]] void refuse(const std::string& what, const std::vector<std::string>& names) const {
    throw Error(DODONA_E_INVALID,
                oracle_.file + ": " + what + "; say which metric decides with --objective" +
                    (names.empty() ? " (objective)" : ": " + base::alternatives(names)));
  }

  // No file holds the objective, but scores were made of it.
  study::ObjectiveTerm objective_of_scores() const {
    std::vector<std::string> names = metric_names();
    const std::vector<std::string> all = names;
    bool scored = false;
    for (const TrialFile& file : files_) {
      if (file.status != kCompleted || !file.score || std::isnan(*file.score)) continue;
      scored = true;
      std::erase_if(names, [&](const std::string& name) {
        const History* history = file.find(name);
        const auto best = history != nullptr ? best_of(*history) : std::nullopt;
        if (!best) return true;
        const double off = std::abs(best->value - *file.score);
        return best->value != *file.score && !(off <= 1e-9 * std::abs(*file.score));
      });
    }
    if (!scored && names.size() != 1) refuse("no trial has a score", all);
    if (names.empty()) {
      refuse("the scores are not those of one metric; a sum of objectives is not imported", all);
    }
    if (names.size() > 1) refuse("the scores are those of several metrics", names);
    if (names.front() == "multi_objective") {
      refuse("the objective is a sum of metrics, which is not imported", all);
    }
    return objective_of_name(names.front());
  }

  study::ObjectiveTerm objective_of_name(const std::string& name) const {
    for (const TrialFile& file : files_) {
      if (const History* history = file.find(name)) return {name, history->direction};
    }
    const std::vector<std::string> names = metric_names();
    const auto direction = document::metric_direction(name);
    if (!names.empty() || !direction) {
      refuse("no trial has the metric " + base::quote(name) + base::did_you_mean(name, names),
             names);
    }
    return {name, static_cast<study::Direction>(*direction)};
  }

  // The values by the place of their definition. Nothing where one is not possible.
  std::optional<std::vector<Assignment>> assignments_of(const base::JsonReader& values) {
    Point point(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const Param& param = space_.params()[i];
      const auto at = given(values, param.name);
      if (!at || !space_.is_active(i, point)) continue;
      const auto cell = cell_of(param, document::read_scalar(*at));
      if (!cell) {
        project_.notes.push_back("a trial is left out: " + values.document().where(at->path()) +
                                 ": " + at->path() + ": " + base::to_text(at->value()) +
                                 " is not a value of " + space::to_text(param));
        return std::nullopt;
      }
      point.set(i, *cell);
    }
    return point.assignments();
  }

  void add_trial(const TrialFile& file, bool again) {
    const base::JsonReader root(file.document);
    const base::JsonReader values = root.required("hyperparameters").required("values");
    auto assignments = assignments_of(values);
    if (!assignments) return;
    ImportedTrial trial;
    trial.assignments = *std::move(assignments);
    trial.state = state_of(file.status, again);
    if (const auto message = given(root, "message")) trial.message = message->string();
    read_tuner_values(values, trial);
    for (const History& history : file.histories) {
      for (const auto& [step, observed] : history.steps) {
        if (trial.executions.size() < observed.size()) trial.executions.resize(observed.size());
        for (std::size_t i = 0; i < observed.size(); ++i) {
          trial.executions[i][step].emplace_back(history.name, observed[i]);
        }
      }
    }
    if (trial.state == TrialState::kCompleted || trial.state == TrialState::kStopped) {
      score(file, trial);
    }
    ids_[file.id] = project_.trials.size();
    project_.trials.push_back(std::move(trial));
  }

  static TrialState state_of(std::size_t status, bool again) {
    switch (status) {
      case kRunning:
        return TrialState::kRunning;
      case kIdle:
        return TrialState::kWaiting;
      case kInvalid:
        return again ? TrialState::kRunning : TrialState::kInvalid;
      case kStopped:
        return TrialState::kStopped;
      case kCompleted:
        return TrialState::kCompleted;
      default:
        return TrialState::kFailed;
    }
  }

  // Reads the entries of Hyperband among the values, and notes values without a definition.
  void read_tuner_values(const base::JsonReader& values, ImportedTrial& trial) {
    const bool finished = study::is_final(trial.state);
    for (const json::key_value_pair& member : values.object()) {
      const std::string name(member.key());
      const base::JsonReader at = values.required(name);
      const auto& params = space_.params();
      const bool known = std::any_of(params.begin(), params.end(),
                                     [&](const Param& param) { return param.name == name; });
      if (known || at.value().is_null()) continue;
      if (name == "tuner/epochs") {
        trial.budget = count(at);
      } else if (name == "tuner/initial_epoch") {
        // No checkpoint comes along: what has to run again begins anew.
        if (finished) trial.start_step = count(at);
      } else if (name == "tuner/trial_id") {
        const auto parent = ids_.find(std::string(at.string()));
        if (finished && parent != ids_.end()) trial.resume_of = parent->second;
      } else if (!name.starts_with("tuner/")) {
        unknown_.insert(name);
      }
    }
  }

  void score(const TrialFile& file, ImportedTrial& trial) const {
    const History* history = file.find(project_.objective.name);
    const auto best = history != nullptr ? best_of(*history) : std::nullopt;
    if (best && std::isfinite(best->value)) {
      const bool rising = project_.objective.direction == Direction::kMaximize;
      trial.objectives = {rising ? -best->value : best->value};
      trial.best_step = best->step;
      for (const History& each : file.histories) {
        const auto at = each.steps.find(best->step);
        if (at != each.steps.end()) trial.metrics.emplace_back(each.name, mean(at->second));
      }
    } else if (trial.state == TrialState::kCompleted) {
      trial.state = TrialState::kInvalid;
      if (trial.message.empty()) {
        trial.message = base::quote(project_.objective.name) + " was never finite";
      }
    }
  }

  base::JsonDocument oracle_;
  std::deque<TrialFile> files_;
  Space space_;
  std::map<std::string, std::uint64_t> ids_;  // trials of KerasTuner's ids
  std::set<std::string> unknown_;
  ImportedStudy project_;
};

// ---- the directory -----------------------------------------------------------------------------

namespace fs = std::filesystem;

KerasTunerFile file_at(const fs::path& path) {
  return {path.string(), base::read_file(path)};
}

// trial_2 comes before trial_10.
std::vector<KerasTunerFile> trial_files(const fs::path& directory) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const bool trial = it->path().filename().string().starts_with("trial_");
    if (trial && fs::exists(it->path() / "trial.json", ignored)) paths.push_back(it->path());
  }
  if (error) throw Error(DODONA_E_IO, "cannot read " + directory.string() + ": " + error.message());
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
    const std::size_t lengths[] = {a.native().size(), b.native().size()};
    return lengths[0] != lengths[1] ? lengths[0] < lengths[1] : a < b;
  });
  std::vector<KerasTunerFile> files;
  for (const fs::path& path : paths) files.push_back(file_at(path / "trial.json"));
  return files;
}

}  // namespace

ImportedStudy parse_keras_tuner(const KerasTunerFile& oracle,
                                const std::vector<KerasTunerFile>& trials,
                                const std::string& objective) {
  return ProjectReader(oracle, trials).read(objective);
}

ImportedStudy read_keras_tuner(const std::string& directory, const std::string& objective) {
  const fs::path from(directory);
  std::error_code ignored;
  if (!fs::exists(from / "oracle.json", ignored)) {
    throw Error(DODONA_E_INVALID,
                directory +
                    " has no oracle.json; give the project directory of a KerasTuner "
                    "search, which is its directory/project_name");
  }
  return parse_keras_tuner(file_at(from / "oracle.json"), trial_files(from), objective);
}

}  // namespace dodona::import
