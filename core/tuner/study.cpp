// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"
#include "tuner/document.hpp"
#include "tuner/project.hpp"
#include "tuner/replay.hpp"
#include "tuner/space_json.hpp"
#include "tuner/view.hpp"

#include <dodona/study.hpp>

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

// What one trial reported, in the order of the log.
struct TrialReports {
  std::uint32_t attempt = 0;
  std::vector<Report> reports;

  // An attempt that begins again, after an interruption, says all again.
  void start(const study::Started& started) {
    attempt = started.attempt;
    std::erase_if(reports, [&](const Report& report) {
      return report.attempt == attempt && report.execution >= started.execution;
    });
  }
};

}  // namespace

struct Study::Impl {
  explicit Impl(const std::string& project_directory)
      : directory(project_directory),
        store(store::open_sqlite_store(directory, store::Access::kRead)),
        state(tuner::fold(*store)),
        // A crash right after its creation leaves a study without a document.
        objective(state.document().empty() ? study::Objective()
                                           : tuner::objective_of(state.document())) {}

  tuner::View view() const { return {state, store->names(), objective}; }

  std::string directory;
  std::unique_ptr<study::Store> store;
  study::State state;
  study::Objective objective;
};

Study::Study(const std::string& project_directory)
    : impl_(std::make_unique<Impl>(project_directory)) {}
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;
Study::~Study() = default;

std::vector<Result> Study::trials() const {
  return impl_->view().trials();
}
std::vector<Result> Study::best(std::uint64_t count) const {
  return impl_->view().best(count);
}

std::vector<Report> Study::reports() const {
  std::vector<TrialReports> trials(impl_->state.trials().size());
  const study::Names& names = impl_->store->names();
  impl_->store->read(0, [&](const study::Event& event) {
    if (event.sequence >= impl_->state.events()) return false;
    if (event.trial >= trials.size()) return true;  // of the study, not of a trial
    if (const auto* started = std::get_if<study::Started>(&event.body)) {
      trials[event.trial].start(*started);
    }
    const auto* reported = std::get_if<study::Reported>(&event.body);
    if (reported == nullptr) return true;
    TrialReports& trial = trials[event.trial];
    Report report{event.trial,    reported->execution,        trial.attempt,
                  reported->step, word_of(reported->verdict), {}};
    for (const study::Metric& metric : reported->metrics) {
      report.metrics.emplace_back(names[metric.name], metric.value);
    }
    trial.reports.push_back(std::move(report));
    return true;
  });
  std::vector<Report> all;
  for (TrialReports& trial : trials) {
    std::move(trial.reports.begin(), trial.reports.end(), std::back_inserter(all));
  }
  return all;
}

Replay Study::replay(const PluginSources& plugins) const {
  return tuner::replay(*impl_->store, impl_->state, impl_->directory, plugins);
}

std::vector<HyperParameter> Study::space() const {
  return tuner::to_facade(impl_->state.params());
}
Objective Study::objective() const {
  return tuner::to_facade(impl_->objective);
}
std::uint64_t Study::seed() const {
  return impl_->state.seed().value_or(0);
}
std::string Study::document() const {
  return impl_->state.document();
}

}  // namespace dodona
