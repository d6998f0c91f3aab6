// SPDX-License-Identifier: Apache-2.0
#include "import/imported.hpp"

#include "base/json.hpp"
#include "document/document.hpp"
#include "document/space_entries.hpp"
#include "project/project.hpp"
#include "study/score.hpp"
#include "study/state.hpp"

#include <dodona/version.h>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace dodona::import {
namespace {

class LogWriter {
 public:
  LogWriter(const study::Objective& objective, study::Names& names)
      : names_(names), rule_(study::rule_of(objective, names)) {}

  void put(study::Body body, std::uint64_t trial = study::kNoTrial, std::int64_t nanos = 0) {
    events_.push_back({events_.size(), trial, nanos, std::move(body)});
  }

  void put_trial(std::uint64_t id, const ImportedTrial& trial) {
    study::Proposed proposed;
    proposed.assignments = trial.assignments;
    proposed.budget = trial.budget;
    proposed.start_step = trial.start_step;
    proposed.resume_of = trial.resume_of;
    proposed.enqueued = events_.size();
    proposed.seen = turns_;
    const std::int64_t begin = trial.started_nanos;
    put(study::Enqueued{trial.assignments}, study::kNoTrial, begin);
    put(std::move(proposed), id, begin);
    const bool finished = study::is_final(trial.state);
    if (finished && turns_ == id) ++turns_;
    if (trial.state == study::TrialState::kWaiting) return put_notes(id, trial, begin);
    const std::size_t executions = std::max<std::size_t>(trial.executions.size(), 1);
    for (std::uint32_t execution = 0; execution < executions; ++execution) {
      put(study::Started{execution, 0, trial.start_step}, id, begin);
      if (execution < trial.executions.size()) put_reports(id, execution, trial);
    }
    put_notes(id, trial, finished ? trial.finished_nanos : begin);
    if (finished) put_end(id, trial);
  }

  std::vector<study::Event> take() { return std::move(events_); }

 private:
  void put_reports(std::uint64_t id, std::uint32_t execution, const ImportedTrial& trial) {
    for (const auto& [step, metrics] : trial.executions[execution]) {
      study::Reported reported;
      reported.execution = execution;
      reported.step = step;
      reported.metrics = indexed(metrics);
      reported.objectives = rule_.all_of(reported.metrics);
      put(std::move(reported), id, trial.finished_nanos);
    }
  }

  void put_notes(std::uint64_t id, const ImportedTrial& trial, std::int64_t nanos) {
    for (const auto& [key, value] : trial.notes) put(study::Noted{key, value}, id, nanos);
  }

  void put_end(std::uint64_t id, const ImportedTrial& trial) {
    study::Finished end;
    end.state = trial.state;
    end.outcome = trial.state == study::TrialState::kFailed ? study::Outcome::kModelError
                                                            : study::Outcome::kOk;
    end.assignments = trial.assignments;
    end.metrics = indexed(trial.metrics);
    end.objectives =
        trial.objectives.empty() ? rule_.none() : study::Numbers(std::span(trial.objectives));
    end.excesses = rule_.excesses_of(end.metrics);
    end.best_step = trial.best_step;
    end.message = trial.message;
    if (trial.started_nanos != 0 && trial.finished_nanos >= trial.started_nanos) {
      end.seconds = static_cast<double>(trial.finished_nanos - trial.started_nanos) * 1e-9;
    }
    if (trial.executions.size() > 1) end.executions = objectives_of(trial);
    put(std::move(end), id, trial.finished_nanos);
  }

  // Of each execution at the best step.
  std::vector<double> objectives_of(const ImportedTrial& trial) const {
    std::vector<double> objectives;
    for (const auto& steps : trial.executions) {
      const auto at = steps.find(trial.best_step);
      const auto objective = at == steps.end() ? std::nullopt : rule_.of(indexed(at->second));
      objectives.push_back(objective.value_or(study::kNoScore));
    }
    return objectives;
  }

  std::vector<study::MetricValue> indexed(const ImportedTrial::Metrics& metrics) const {
    std::vector<study::MetricValue> out;
    for (const auto& [name, value] : metrics) out.push_back({names_.intern(name), value});
    return out;
  }

  study::Names& names_;
  study::ScoreRule rule_;
  std::vector<study::Event> events_;
  std::uint64_t turns_ = 0;  // trials that finished, up to the first that did not
};

void describe(const ImportedStudy& imported, StudyOptions& options) {
  options.seed = imported.seed;
  const std::vector<Objective> objectives = document::all_to_facade(imported.objective);
  options.objective = objectives.front();
  if (objectives.size() > 1) options.objectives = objectives;
  for (const Limit& limit : imported.objective.limits) {
    options.limits.push_back({limit.metric, std::nullopt, limit.high});
  }
  options.max_trials = std::max<std::uint64_t>(options.max_trials, imported.trials.size());
  std::vector<space::Override> entries;
  for (const Param& param : imported.space) entries.push_back({param, !param.conditions.empty()});
  options.space = base::to_text(document::space_to_json(entries));
  for (const ImportedTrial& trial : imported.trials) {
    options.executions_per_trial =
        std::max(options.executions_per_trial, static_cast<std::uint32_t>(trial.executions.size()));
  }
}

}  // namespace

std::vector<study::Event> events_of(const ImportedStudy& imported, StudyOptions options,
                                    study::Names& names) {
  describe(imported, options);
  LogWriter log(imported.objective, names);
  log.put(study::Created{imported.seed, DODONA_VERSION, project::random_id()});
  log.put(study::Configured{document::document_text(options)});
  if (!imported.space.empty()) log.put(study::SpaceGrown{0, imported.space});
  for (std::size_t id = 0; id < imported.trials.size(); ++id) {
    log.put_trial(id, imported.trials[id]);
  }
  for (const study::Enqueued& values : imported.enqueued) log.put(values);
  return log.take();
}

}  // namespace dodona::import
