// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "document/space_entries.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/hypermodel.hpp"
#include "project/project.hpp"
#include "tuner/explain.hpp"
#include "tuner/models.hpp"
#include "tuner/replay.hpp"
#include "tuner/robust.hpp"
#include "tuner/runs.hpp"
#include "tuner/sink_export.hpp"
#include "tuner/surfaces.hpp"
#include "tuner/view.hpp"

#include <dodona/study.hpp>
#include <dodona/tuner.hpp>

#include <boost/json/object.hpp>

#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace dodona {
namespace {

const char* word_of(study::Verdict verdict) {
  switch (verdict) {
    case study::Verdict::kContinue:
      return "continue";
    case study::Verdict::kStopTrial:
      return "stop_trial";
    case study::Verdict::kStopStudy:
      break;
  }
  return "stop_study";
}

Report report_of(std::uint64_t trial, const study::Reported& reported, std::uint32_t attempt,
                 const study::Names& names) {
  Report report{trial, reported.execution, attempt, reported.step, word_of(reported.verdict), {}};
  for (const study::MetricValue& metric : reported.metrics) {
    report.metrics.emplace_back(names[metric.name], metric.value);
  }
  return report;
}

Explanation explanation_of(std::uint64_t trial, const study::Proposed& proposed,
                           const study::State& state) {
  const bool by_user = proposed.enqueued != study::kNoSequence;
  const bool by_model = state.trials()[trial].proposed_empty && !by_user;
  return {trial, by_user ? "user" : by_model ? "model" : "oracle", proposed.note};
}

// The reports of one trial, in the order of the log.
struct TrialReports {
  std::uint32_t attempt = 0;
  std::vector<Report> reports;

  // An attempt that begins again, after an interruption, says again what does not stand.
  void start(const study::Started& started, std::uint64_t proposed) {
    attempt = started.attempt;
    std::erase_if(reports, [&](const Report& report) {
      return report.attempt == attempt &&
             !study::stands(report.execution, report.step, started, proposed);
    });
  }
};

}  // namespace

struct Study::Impl {
  Impl(const std::string& project_directory, project::Damage on_damage)
      : directory(checked(project_directory)),
        // First: whoever begins after it logs nothing before it.
        runs(who_runs()),
        store(project::open_to_read(directory)),
        folded(project::fold(*store, {}, on_damage)),
        state(folded.state),
        // A crash right after its creation leaves a study without a document.
        objective(state.document().empty() ? study::Objective()
                                           : document::objective_of(state.document())) {}

  static const std::string& checked(const std::string& project_directory) {
    if (!project_directory.empty()) return project_directory;
    throw Error(DODONA_E_INVALID,
                "the project directory is empty; name that of a study, for example runs/fashion");
  }
  tuner::View::Runs who_runs() const {
    return base::is_locked(std::filesystem::path(directory) / "study.lock")
               ? tuner::View::Runs::kYes
               : tuner::View::Runs::kNo;
  }
  StudyNews read_on();
  tuner::View view() const { return {state, store->names(), objective, runs}; }
  tuner::Recipe recipe(std::optional<std::uint64_t> trial) const {
    return tuner::recipe_of(state, document::plain_options_of(state.document(), store->path()),
                            directory, trial);
  }
  Result about(const tuner::Recipe& recipe) const { return view().result(recipe.trial); }

  std::string directory;
  tuner::View::Runs runs;
  std::unique_ptr<project::RescoredStore> store;
  project::Folded folded;
  const study::State& state;
  study::Objective objective;
};

StudyNews Study::Impl::read_on() {
  StudyNews news;
  std::set<std::uint64_t> changed;
  if (const tuner::View::Runs now = who_runs(); now != runs) {
    runs = now;
    for (std::uint64_t trial = 0; trial < state.trials().size(); ++trial) {
      if (state.trials()[trial].state == study::TrialState::kRunning) changed.insert(trial);
    }
  }
  if (folded.damage.empty()) {
    project::fold_on(*store, folded.state, [&](const study::Event& event) {
      if (event.trial < state.trials().size()) changed.insert(event.trial);
      if (const auto* configured = std::get_if<study::Configured>(&event.body)) {
        news.other_objective |= document::objective_of(configured->document) != objective;
      } else if (const auto* proposed = std::get_if<study::Proposed>(&event.body)) {
        news.explanations.push_back(explanation_of(event.trial, *proposed, state));
      } else if (const auto* reported = std::get_if<study::Reported>(&event.body)) {
        news.reports.push_back(
            report_of(event.trial, *reported, state.trials()[event.trial].attempt, store->names()));
      }
    });
  }
  news.trials.assign(changed.begin(), changed.end());
  return news;
}

// The hypermodel plugin of a study, and the recipe of one of its trials. `study` outlives it.
class Study::PluginModel {
 public:
  PluginModel(const Impl& study, std::optional<std::uint64_t> trial,
              const std::vector<std::string>& sets, const PluginSources& plugins)
      : catalogue_(document::catalogue_of(plugins)),
        options_(read(study, sets)),
        descriptor_(catalogue_.find(DODONA_ROLE_HYPERMODEL, options_.hypermodel->plugin)),
        given_(base::parse_json(options_.hypermodel->options, "options").root.as_object()),
        info_(project::study_info(options_, study.state, study.directory, study.store->names())),
        recipe_(tuner::recipe_of(study.state, options_, study.directory, trial)),
        make_([this](study::Services& services) {
          return plugin::make_hypermodel(descriptor_, info_, given_, services);
        }) {
    info_.parallel_trials = 1;
  }
  PluginModel(const Impl& study, const ModelChoice& choice)
      : PluginModel(study, trial_of(choice), choice.sets, choice.plugins) {}
  PluginModel(const PluginModel&) = delete;
  PluginModel& operator=(const PluginModel&) = delete;

  const std::string& name() const { return descriptor_.name; }
  const tuner::Recipe& recipe() const { return recipe_; }
  const tuner::MakeModel& make() const { return make_; }

 private:
  static std::optional<std::uint64_t> trial_of(const ModelChoice& choice) {
    if (choice.path.empty()) return choice.trial;
    const std::uint64_t trial = tuner::trial_of(choice.path);
    return choice.trial.value_or(trial);
  }
  StudyOptions read(const Impl& study, const std::vector<std::string>& sets) const {
    base::JsonDocument document = base::parse_json(
        study.state.document(), "study document of " + base::quote(study.store->path()));
    document::apply_sets(document, sets);
    for (const char* key : {"oracle", "stopper", "sinks"}) document.root.as_object().erase(key);
    StudyOptions options =
        document::parse_document(document, catalogue_, document::Plugins::kNamed);
    if (options.hypermodel) return options;
    throw Error(DODONA_E_STATE, "the study in " + study.directory +
                                    " was made by an application with a hypermodel of its own; "
                                    "only that can make its models again");
  }

  const plugin::Catalogue catalogue_;
  const StudyOptions options_;
  const plugin::Descriptor& descriptor_;
  const boost::json::object given_;
  plugin::StudyInfo info_;
  const tuner::Recipe recipe_;
  const tuner::MakeModel make_;
};

static_assert(static_cast<int>(Study::Damage::kTold) == static_cast<int>(project::Damage::kTold));

Study::Study(const char* project_directory, Damage damage, boundary::SameBuild)
    : impl_(std::make_unique<Impl>(project_directory, static_cast<project::Damage>(damage))) {}
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;
Study::~Study() = default;

std::string Study::damage() const {
  return impl_->folded.damage;
}

std::uint64_t Study::events() const {
  return impl_->state.events();
}
bool Study::is_held() const {
  return impl_->runs == tuner::View::Runs::kYes;
}
StudyNews Study::read_on() {
  return impl_->read_on();
}

Result Study::trial(std::uint64_t trial) const {
  if (trial < impl_->state.trials().size()) return impl_->view().result(trial);
  throw Error(DODONA_E_INVALID, "there is no trial " + std::to_string(trial) + "; the study has " +
                                    std::to_string(impl_->state.trials().size()));
}

std::vector<Result> Study::trials() const {
  return impl_->view().trials();
}
std::vector<Result> Study::best(std::uint64_t count) const {
  return impl_->view().best(count);
}

std::vector<Result> Study::best(Robust, std::uint64_t count, const PluginSources& plugins) const {
  return tuner::robust_best(impl_->view(), *impl_->store, impl_->state, impl_->directory, plugins,
                            count);
}

std::vector<Result> Study::front() const {
  return impl_->view().front();
}

std::vector<Report> Study::reports() const {
  std::vector<TrialReports> trials(impl_->state.trials().size());
  const study::Names& names = impl_->store->names();
  study::read_below(*impl_->store, impl_->state.events(), [&](const study::Event& event) {
    if (event.trial >= trials.size()) return;  // of the study, not of a trial
    if (const auto* started = std::get_if<study::Started>(&event.body)) {
      trials[event.trial].start(*started, impl_->state.trials()[event.trial].start_step);
    }
    const auto* reported = std::get_if<study::Reported>(&event.body);
    if (reported == nullptr) return;
    TrialReports& trial = trials[event.trial];
    trial.reports.push_back(report_of(event.trial, *reported, trial.attempt, names));
  });
  std::vector<Report> all;
  for (TrialReports& trial : trials) {
    std::move(trial.reports.begin(), trial.reports.end(), std::back_inserter(all));
  }
  return all;
}

void Study::export_model(const std::string& path, std::optional<std::uint64_t> trial) const {
  const tuner::Recipe recipe = impl_->recipe(trial);
  tuner::export_model(recipe, path, impl_->about(recipe));
}

std::uint64_t Study::export_events(const std::string& sink, const std::string& directory,
                                   const PluginSources& plugins) const {
  if (directory.empty())
    throw Error(DODONA_E_INVALID, "the directory of an export is empty; name one to write to");
  const std::string place = std::filesystem::absolute(directory).lexically_normal().string();
  tuner::export_to_sink(*impl_->store, impl_->state, sink, place, plugins);
  return impl_->state.events();
}

Retrained Study::retrain_plugin(const RetrainOptions& options, const std::vector<std::string>& sets,
                                const PluginSources& plugins) const {
  const PluginModel model(*impl_, options.trial, sets, plugins);
  return tuner::retrain(model.recipe(), model.make(), options, impl_->about(model.recipe()));
}

ModelSummary Study::summary(const ModelChoice& choice) const {
  const PluginModel model(*impl_, choice);
  return {model.name(), model.recipe().trial, tuner::layers_of(model.recipe(), model.make())};
}

ModelEvaluation Study::evaluate(const ModelChoice& choice, const std::string& data) const {
  const PluginModel model(*impl_, choice);
  return tuner::evaluate(model.recipe(), model.make(), choice.path, data);
}

std::uint64_t Study::predict(const ModelChoice& choice, const std::string& input,
                             const RowWriter& writer) const {
  if (!writer.columns || !writer.row)
    throw Error(DODONA_E_INVALID, "a writer of rows has no function columns, or no row");
  const PluginModel model(*impl_, choice);
  tuner::predict(model.recipe(), model.make(), choice.path, input, writer);
  return model.recipe().trial;
}

ModelSummary summarize_study_file(const std::string& path, const std::vector<std::string>& sets,
                                  const PluginSources& plugins, boundary::SameBuild) {
  const StudyOptions options = read_study_file(path, sets, plugins).study;
  if (!options.hypermodel)
    throw Error(DODONA_E_INVALID, base::quote(path) + ": hypermodel is missing");
  const plugin::Catalogue catalogue = document::catalogue_of(plugins);
  const plugin::Descriptor& descriptor =
      catalogue.find(DODONA_ROLE_HYPERMODEL, options.hypermodel->plugin);
  const auto given = base::parse_json(options.hypermodel->options, "options").root.as_object();
  const study::Names names;
  plugin::StudyInfo info = project::study_info(options, study::State(), "", names);
  info.parallel_trials = 1;
  info.trial_limits = {};  // of a search
  const tuner::MakeModel make = [&](study::Services& services) {
    return plugin::make_hypermodel(descriptor, info, given, services);
  };
  return {descriptor.name, std::nullopt, tuner::layers_of(tuner::recipe_of(options), make)};
}

std::shared_ptr<void> Study::load_table(std::uint64_t trial, const dodona_hypermodel_vtable* table,
                                        void* self) const {
  return tuner::load_model(impl_->recipe(trial), tuner::maker_of(table, self));
}

ModelSummary Study::summary_table(std::optional<std::uint64_t> trial,
                                  const dodona_hypermodel_vtable* table, void* self) const {
  const auto make = tuner::maker_of(table, self);
  if (!trial && !impl_->state.best()) {
    const StudyOptions options =
        document::plain_options_of(impl_->state.document(), impl_->store->path());
    return {"", std::nullopt, tuner::layers_of(tuner::recipe_of(options), make)};
  }
  const tuner::Recipe recipe = impl_->recipe(trial);
  return {"", recipe.trial, tuner::layers_of(recipe, make)};
}

Retrained Study::retrain_table(const dodona_hypermodel_vtable* table, void* self,
                               const RetrainOptions& options) const {
  const tuner::Recipe recipe = impl_->recipe(options.trial);
  return tuner::retrain(recipe, tuner::maker_of(table, self), options, impl_->about(recipe));
}

std::vector<Explanation> Study::explanations() const {
  std::vector<Explanation> all;
  study::read_below(*impl_->store, impl_->state.events(), [&](const study::Event& event) {
    const auto* proposed = std::get_if<study::Proposed>(&event.body);
    if (proposed == nullptr) return;
    all.push_back(explanation_of(event.trial, *proposed, impl_->state));
  });
  return all;
}

std::vector<TrialRun> Study::runs() const {
  return tuner::runs_of(*impl_->store, impl_->state);
}

StudyOrigin Study::origin() const {
  return tuner::origin_of(*impl_->store, impl_->state);
}

Insight Study::explain(const PluginSources& plugins) const {
  return tuner::explain(impl_->view(), *impl_->store, impl_->state, impl_->objective,
                        impl_->directory, plugins);
}

std::vector<Surface> Study::surfaces(std::uint64_t trial,
                                     const std::vector<std::pair<std::string, std::string>>& pairs,
                                     std::uint32_t cells, const PluginSources& plugins) const {
  return tuner::surfaces_of(impl_->view(), *impl_->store, impl_->state, impl_->directory, plugins,
                            trial, pairs, cells);
}

ReplayResult Study::replay(const PluginSources& plugins) const {
  return tuner::replay(impl_->store->as_logged(), impl_->state, impl_->directory, plugins);
}

std::vector<HyperParameter> Study::space() const {
  return document::to_facade(impl_->state.params());
}
std::vector<std::string> Study::constraints() const {
  return impl_->state.constraints();
}
Objective Study::objective() const {
  return document::to_facade(impl_->objective);
}
std::vector<Objective> Study::objectives() const {
  return document::all_to_facade(impl_->objective);
}
std::uint64_t Study::seed() const {
  return impl_->state.seed().value_or(0);
}
std::string Study::document() const {
  return impl_->state.document();
}

}  // namespace dodona
