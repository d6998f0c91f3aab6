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
#include "tuner/view.hpp"

#include <dodona/study.hpp>

#include <filesystem>
#include <iterator>
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
        runs(base::is_locked(std::filesystem::path(directory) / "study.lock")
                 ? tuner::View::Runs::kYes
                 : tuner::View::Runs::kNo),
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
  tuner::View view() const { return {state, store->names(), objective, runs}; }
  tuner::Recipe recipe(std::optional<std::uint64_t> trial) const {
    return tuner::recipe_of(state, document::plain_options_of(state.document(), store->path()),
                            directory, trial);
  }
  Result about(const tuner::Recipe& recipe) const { return view().result(recipe.trial); }

  std::string directory;
  tuner::View::Runs runs;
  std::unique_ptr<project::RescoredStore> store;
  const project::Folded folded;
  const study::State& state;
  study::Objective objective;
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
    Report report{event.trial,    reported->execution,        trial.attempt,
                  reported->step, word_of(reported->verdict), {}};
    for (const study::MetricValue& metric : reported->metrics) {
      report.metrics.emplace_back(names[metric.name], metric.value);
    }
    trial.reports.push_back(std::move(report));
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

Retrained Study::retrain_plugin(const RetrainOptions& options, const std::vector<std::string>& sets,
                                const PluginSources& plugins) const {
  const plugin::Catalogue catalogue = document::catalogue_of(plugins);
  base::JsonDocument document = base::parse_json(
      impl_->state.document(), "study document of " + base::quote(impl_->store->path()));
  document::apply_sets(document, sets);
  for (const char* key : {"oracle", "stopper", "sinks"}) document.root.as_object().erase(key);
  const StudyOptions study =
      document::parse_document(document, catalogue, document::Plugins::kNamed);
  if (!study.hypermodel) {
    throw Error(DODONA_E_STATE, "the study in " + impl_->directory +
                                    " was made by an application with a hypermodel of its own; "
                                    "only that can train it again");
  }
  const plugin::Descriptor& descriptor =
      catalogue.find(DODONA_ROLE_HYPERMODEL, study.hypermodel->plugin);
  const auto given = base::parse_json(study.hypermodel->options, "options").root.as_object();
  plugin::StudyInfo info =
      project::study_info(study, impl_->state, impl_->directory, impl_->store->names());
  info.parallel_trials = 1;
  info.trial_limits = {};  // of a search
  const tuner::MakeModel make = [&](study::Services& services) {
    return plugin::make_hypermodel(descriptor, info, given, services);
  };
  const tuner::Recipe recipe =
      tuner::recipe_of(impl_->state, study, impl_->directory, options.trial);
  return tuner::retrain(recipe, make, options, impl_->about(recipe));
}

std::shared_ptr<void> Study::load_table(std::uint64_t trial, const dodona_hypermodel_vtable* table,
                                        void* self) const {
  return tuner::load_model(impl_->recipe(trial), tuner::maker_of(table, self));
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
    const bool by_user = proposed->enqueued != study::kNoSequence;
    const bool by_model = impl_->state.trials()[event.trial].proposed_empty && !by_user;
    all.push_back({event.trial, by_user ? "user" : by_model ? "model" : "oracle", proposed->note});
  });
  return all;
}

Insight Study::explain(const PluginSources& plugins) const {
  return tuner::explain(impl_->view(), *impl_->store, impl_->state, impl_->objective,
                        impl_->directory, plugins);
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
