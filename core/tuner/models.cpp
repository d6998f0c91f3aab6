// SPDX-License-Identifier: Apache-2.0
#include "tuner/models.hpp"

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "document/space_entries.hpp"
#include "plugin/hypermodel.hpp"
#include "project/project.hpp"
#include "schedule/checkpoints.hpp"
#include "space/definition.hpp"
#include "space/session.hpp"
#include "study/score.hpp"
#include "study/seed.hpp"
#include "tuner/results.hpp"
#include "tuner/services.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <thread>
#include <utility>

namespace dodona::tuner {
namespace {

namespace fs = std::filesystem;

// A run that belongs to no search: answers with the values of a trial, and hands reports on.
class SoloRun final : public study::Run {
 public:
  explicit SoloRun(const Recipe& recipe)
      : objective_(recipe.objective.name),
        space_(recipe.overrides),
        wishes_(recipe.wishes),
        session_((space_.restore(recipe.params), space_), recipe.values,
                 [this](std::uint32_t, const Param& definition, const space::Session::Fits&) {
                   return wished(definition);
                 },
                 [](const space::Growth&) {}) {
    trial = recipe.trial;
    seed = recipe.seed;
    threads = recipe.threads;
  }

  study::Asker& asker() override { return session_; }

  study::Verdict report(std::uint64_t step, std::span<const study::NamedMetric> metrics) override {
    if (step <= last_step_ && last_step_ > 0) {
      throw Error(DODONA_E_INVALID, "report at step " + std::to_string(step) + " after step " +
                                        std::to_string(last_step_) + ": steps count up");
    }
    last_step_ = step;
    reporting_ = true;
    metrics_ = named(metrics);
    stopped_ = stopped_ || (on_report && !on_report(step, metrics_));
    return stopped_ ? study::Verdict::kStopTrial : study::Verdict::kContinue;
  }
  void finish(std::span<const study::NamedMetric> metrics) override { metrics_ = named(metrics); }
  void make_directory() override {
    if (!directory.empty()) base::make_directory(directory);
  }
  bool wants_save() const override { return !saved_ && !save_to.empty(); }
  // The one save is at the end: the last report's, or after the training.
  std::string save_directory() override {
    const bool early = std::exchange(reporting_, false) && !stopped_ && last_step_ != budget;
    if (early || saved_ || save_to.empty()) return "";
    base::make_empty_directory(save_to);
    return save_to;
  }
  void saved() override { saved_ = true; }
  void note(std::string_view, std::string_view) override {}
  void stop_at_next_report() override { stopped_ = true; }
  bool must_stop() const override { return stopped_; }
  bool cancelled() const override { return stopped_; }

  // Throws Error{kInvalid} for a wish that no hyperparameter took.
  void check_wishes() const {
    if (wishes_.empty()) return;
    throw Error(DODONA_E_INVALID, "initial[0]: the model does not ask for " +
                                      base::quote(wishes_.front().first) +
                                      " with these values; leave it out");
  }

  bool was_saved() const { return saved_; }
  std::uint64_t steps() const { return last_step_; }
  const Metrics& metrics() const { return metrics_; }

  std::function<bool(std::uint64_t, const Metrics&)> on_report;
  std::string save_to;

 private:
  // The value that is wished for a definition, or its default.
  Cell wished(const Param& definition) {
    const auto wish = std::find_if(wishes_.begin(), wishes_.end(),
                                   [&](const auto& one) { return one.first == definition.name; });
    if (wish == wishes_.end()) return definition.initial;
    const auto cell = cell_of(definition, wish->second);
    if (!cell) {
      throw Error(DODONA_E_INVALID, "initial[0]: " + space::to_text(wish->second) +
                                        " is not a value of " + space::to_text(definition));
    }
    wishes_.erase(wish);
    return *cell;
  }

  Metrics named(std::span<const study::NamedMetric> metrics) const {
    Metrics list;
    for (const study::NamedMetric& metric : metrics) {
      list.emplace_back(metric.name.empty() ? objective_ : std::string(metric.name), metric.value);
    }
    return list;
  }

  const std::string objective_;
  space::SearchSpace space_;
  NamedValues wishes_;
  space::Session session_;
  std::uint64_t last_step_ = 0;
  Metrics metrics_;
  bool reporting_ = false;
  bool stopped_ = false;
  bool saved_ = false;
};

// Hands rows on to the application.
class WrittenRows final : public study::Rows {
 public:
  explicit WrittenRows(const RowWriter& writer) : writer_(writer) {}
  void columns(std::vector<std::string>&& names) override { writer_.columns(names); }
  void row(std::vector<std::optional<Value>>&& cells) override { writer_.row(cells); }

 private:
  const RowWriter& writer_;
};

// Collects what a model measures.
class Measured final : public study::Evaluation, private study::Rows {
 public:
  explicit Measured(ModelEvaluation& out) : out_(out) {}
  void metric(std::string&& name, double value) override {
    out_.metrics.emplace_back(std::move(name), value);
  }
  study::Rows& table(std::string&& name) override {
    out_.tables.push_back({std::move(name), {}, {}});
    return *this;
  }

 private:
  void columns(std::vector<std::string>&& names) override {
    out_.tables.back().columns = std::move(names);
  }
  void row(std::vector<std::optional<Value>>&& cells) override {
    out_.tables.back().rows.push_back(std::move(cells));
  }

  ModelEvaluation& out_;
};

std::uint32_t threads_of(const StudyOptions& options) {
  return options.threads_per_trial > 0 ? options.threads_per_trial
                                       : std::max(1u, std::thread::hardware_concurrency());
}

// A directory for all that a run writes beside its model. It is not kept.
struct Scratch {
  const std::string directory;
  ~Scratch() {
    std::error_code ignored;
    if (!directory.empty()) fs::remove_all(directory, ignored);
  }
};

// A model with all that it leans on.
struct Held {
  KernelServices services{{}};
  std::unique_ptr<study::HyperModel> maker;
  std::unique_ptr<SoloRun> run;
  std::shared_ptr<void> object;
};

std::shared_ptr<Held> hold(const Recipe& recipe, const MakeModel& make) {
  auto held = std::make_shared<Held>();
  held->maker = make(held->services);
  held->run = std::make_unique<SoloRun>(recipe);
  return held;
}

std::string kept_of(const Recipe& recipe) {
  std::string kept = recipe.directory.empty() ? "" : schedule::best_checkpoint(recipe.directory);
  std::error_code none;
  if (!kept.empty() && fs::is_directory(kept, none)) return kept;
  throw Error(
      DODONA_E_STATE,
      "no model of trial " + std::to_string(recipe.trial) + " was kept" +
          (kept.empty() ? "; the store was memory, and nothing was written"
                        : "; the hypermodel cannot be saved, or `keep` was too small: train "
                          "it again with retrain"));
}

// Only an earlier export makes room for a new one.
void check_free(const std::string& path) {
  std::error_code none;
  if (!fs::exists(fs::symlink_status(path, none)) ||
      fs::is_regular_file(path + "/trial.json", none)) {
    return;
  }
  throw Error(DODONA_E_STATE, base::quote(path) +
                                  " exists and is no exported model; give the path of a new "
                                  "directory, or of an earlier export to be replaced");
}

void put(const std::string& made, const std::string& path, const boost::json::object& about) {
  base::write_file_atomically(made + "/trial.json", base::to_pretty_text(about));
  base::sync_below(made);
  base::replace_directory(made, path);
}

// The objective in the metrics of one run, as the user counts it; nothing if they do not hold it.
std::optional<double> score_of(const Metrics& metrics, const study::Objective& objective) {
  study::Names names;
  const study::ScoreRule rule = study::rule_of(objective, names);
  std::vector<study::MetricValue> list;
  for (const auto& [name, value] : metrics) list.push_back({names.intern(name), value});
  const std::optional<double> objective_value = rule.of(list);
  return objective_value ? std::optional(rule.sign * *objective_value) : std::nullopt;
}

// The trial of the search, and how its training anew went.
boost::json::object about_retrained(const Result& about, const SoloRun& run,
                                    const study::Objective& objective) {
  const std::optional<double> score = score_of(run.metrics(), objective);
  boost::json::object metrics;
  for (const auto& [name, value] : run.metrics()) metrics[name] = value;
  boost::json::object text = tuner::to_json(about);
  text["retrained"] = {{"steps", run.steps()},
                       {"all_data", run.all_data},
                       {"score", score ? boost::json::value(*score) : boost::json::value()},
                       {"metrics", std::move(metrics)}};
  return text;
}

}  // namespace

Recipe recipe_of(const study::State& state, const StudyOptions& options,
                 const std::string& directory, std::optional<std::uint64_t> trial) {
  if (!trial) trial = state.best();
  if (!trial) throw Error(DODONA_E_STATE, "no trial of the study has a score yet");
  if (*trial >= state.trials().size()) {
    throw Error(DODONA_E_INVALID, "there is no trial " + std::to_string(*trial) +
                                      ": the study has " + std::to_string(state.trials().size()));
  }
  const study::TrialRecord& values = state.trials()[*trial];
  Recipe recipe;
  recipe.params = state.params();
  recipe.overrides = project::overrides_of(options);
  recipe.values.assign(values.assignments.begin(), values.assignments.end());
  recipe.trial = *trial;
  recipe.seed = study::execution_seed(state.seed().value_or(0), *trial, 0, values.attempt);
  recipe.steps = values.best_step > 0 ? values.best_step : values.budget;
  recipe.threads = threads_of(options);
  recipe.objective = document::objective_of(options);
  recipe.directory = schedule::trial_directory(directory, *trial);
  return recipe;
}

MakeModel maker_of(const dodona_hypermodel_vtable* table, void* self) {
  return [table, self](study::Services& services) {
    return plugin::make_hypermodel(table, self, "the application's hypermodel", services);
  };
}

std::shared_ptr<void> load_model(const Recipe& recipe, const MakeModel& make) {
  const std::string kept = kept_of(recipe);
  const auto held = hold(recipe, make);
  held->run->resume_directory = kept;
  held->object = held->maker->make(*held->run);
  return {held, held->object.get()};
}

Retrained retrain(const Recipe& recipe, const MakeModel& make, const RetrainOptions& options,
                  const Result& about) {
  if (!options.path.empty()) check_free(options.path);
  const std::string made = options.path + ".new";
  const auto held = hold(recipe, make);
  SoloRun& run = *held->run;
  run.budget = options.steps > 0 ? options.steps : recipe.steps;
  run.all_data = options.all_data;
  run.on_report = options.on_report;
  if (!options.path.empty()) {
    run.save_to = made;
    run.directory = options.path + ".run";  // not where it is saved, which is emptied for that
  }
  const Scratch scratch{run.directory};
  const auto refuse = [] {
    throw Error(DODONA_E_UNSUPPORTED, "the hypermodel cannot be saved: it saves nothing");
  };
  if (!options.path.empty() && !held->maker->saves()) refuse();  // before the work
  held->object = held->maker->make(run);
  if (!options.path.empty()) {
    if (!run.was_saved()) refuse();
    put(made, options.path, about_retrained(about, run, recipe.objective));
  }
  return {recipe.trial, run.steps(), run.metrics(),
          held->object ? std::shared_ptr<void>(held, held->object.get()) : nullptr};
}

void export_model(const Recipe& recipe, const std::string& path, const Result& about) {
  const std::string kept = kept_of(recipe);
  check_free(path);
  base::copy_directory(kept, path + ".new");
  put(path + ".new", path, tuner::to_json(about));
}

Recipe recipe_of(const StudyOptions& options) {
  Recipe recipe;
  recipe.overrides = project::overrides_of(options);
  recipe.trial = 0;
  recipe.threads = threads_of(options);
  recipe.objective = document::objective_of(options);
  if (!options.initial.empty()) recipe.wishes = options.initial.front();
  return recipe;
}

std::uint64_t trial_of(const std::string& path) {
  const std::string file = path + "/trial.json";
  std::error_code none;
  if (!fs::is_regular_file(file, none)) {
    throw Error(DODONA_E_STATE, base::quote(path) +
                                    " is no exported model: it has no file trial.json; `best "
                                    "--export` and `retrain` write such directories");
  }
  const boost::json::value root = base::parse_json(base::read_file(file), file).root;
  const auto* trial = root.is_object() ? root.as_object().if_contains("trial") : nullptr;
  if (trial == nullptr || !trial->is_int64() || trial->as_int64() < 0) {
    throw Error(DODONA_E_IO, base::quote(file) + " names no trial");
  }
  return static_cast<std::uint64_t>(trial->as_int64());
}

std::vector<ModelLayer> layers_of(const Recipe& recipe, const MakeModel& make) {
  const auto held = hold(recipe, make);
  std::vector<ModelLayer> out;
  for (study::ModelLayer& layer : held->maker->layers(*held->run)) {
    out.push_back({std::move(layer.name), std::move(layer.kind), std::move(layer.shape),
                   layer.parameters, layer.trainable});
  }
  held->run->check_wishes();
  return out;
}

ModelEvaluation evaluate(const Recipe& recipe, const MakeModel& make, const std::string& path,
                         const std::string& data) {
  const std::string kept = path.empty() ? kept_of(recipe) : path;
  const auto held = hold(recipe, make);
  held->run->resume_directory = kept;
  ModelEvaluation out;
  out.trial = recipe.trial;
  Measured measured(out);
  held->maker->evaluate_on(*held->run, data, measured);
  return out;
}

void predict(const Recipe& recipe, const MakeModel& make, const std::string& path,
             const std::string& input, const RowWriter& writer) {
  const std::string kept = path.empty() ? kept_of(recipe) : path;
  const auto held = hold(recipe, make);
  held->run->resume_directory = kept;
  WrittenRows rows(writer);
  held->maker->predict(*held->run, input, rows);
}

}  // namespace dodona::tuner

namespace dodona {
namespace {

namespace json = boost::json;

json::value cell_json(const std::optional<HyperParameterValue>& cell) {
  return cell ? document::to_json(*cell) : json::value();
}

}  // namespace

std::string to_json(const ModelSummary& summary) {
  json::array layers;
  for (const ModelLayer& layer : summary.layers) {
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"shape", json::value_from(layer.shape)},
                      {"parameters", layer.parameters},
                      {"trainable", layer.trainable}});
  }
  return base::to_pretty_text(
      json::object{{"hypermodel", summary.hypermodel},
                   {"trial", summary.trial ? json::value(*summary.trial) : json::value()},
                   {"layers", std::move(layers)},
                   {"parameters", summary.parameters()},
                   {"trainable", summary.trainable()}});
}

std::string to_json(const ModelEvaluation& evaluation) {
  json::object metrics;
  for (const auto& [name, value] : evaluation.metrics) metrics[name] = value;
  json::object tables;
  for (const DetailTable& table : evaluation.tables) {
    json::array rows;
    for (const Row& row : table.rows) {
      json::object cells;
      for (std::size_t i = 0; i < row.size(); ++i) cells[table.columns[i]] = cell_json(row[i]);
      rows.push_back(std::move(cells));
    }
    tables[table.name] = std::move(rows);
  }
  return base::to_pretty_text(json::object{
      {"trial", evaluation.trial}, {"metrics", std::move(metrics)}, {"tables", std::move(tables)}});
}

}  // namespace dodona
