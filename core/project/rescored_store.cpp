// SPDX-License-Identifier: Apache-2.0
#include "project/rescored_store.hpp"

#include "document/document.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <variant>

namespace dodona::project {
namespace {

using study::Finished;
using study::ScoreRule;
using study::TrialState;

// A log that is only read must not get names of ours: one that it lacks is that of no metric.
ScoreRule rule_in(const study::Objective& objective, const study::Names& names) {
  return study::rule_of(
      objective, [&](const std::string& name) { return names.find(name).value_or(UINT32_MAX); });
}

// The reports of a trial's last attempt.
struct Reports {
  study::TrialScore score{ScoreRule()};
  std::uint32_t attempt = 0;
  std::uint64_t start_step = 0;  // of the proposal

  void start(const study::Started& started) {
    if (started.attempt != attempt) score = study::TrialScore(ScoreRule());
    attempt = started.attempt;
    score.start(started, start_step);
  }
  void add(const study::Reported& report) { score.report(report.step, report.metrics); }
  Finished outcome(const ScoreRule& rule) const {
    study::TrialScore whole = score.under(rule);
    whole.end_execution({});
    return whole.outcome();
  }
};

bool same(const study::Numbers& a, const study::Numbers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y) ||
           (std::isnan(x) && std::isnan(y));
  });
}

// The end of a trial under another objective than the one that it was logged under.
Finished again(const Finished& logged, const Reports& reports, const ScoreRule& before,
               const ScoreRule& now) {
  Finished out = logged;
  out.assignments.clear();
  out.objectives = now.none();
  out.excesses = study::Numbers();
  out.executions.clear();
  if (logged.state == TrialState::kFailed) return out;
  const Finished was = reports.outcome(before);
  const bool by_steps =
      same(was.objectives, logged.objectives) && was.best_step == logged.best_step;
  const Finished steps = reports.outcome(now);
  const bool has_steps = steps.state != TrialState::kFailed;
  const bool at_end = now.of(logged.metrics).has_value();
  if (has_steps && (by_steps || !at_end)) {
    out.metrics = steps.metrics;
    out.objectives = steps.objectives;
    out.excesses = steps.excesses;
    out.best_step = steps.best_step;
    out.executions = steps.executions;
  } else if (at_end) {
    out.objectives = now.all_of(logged.metrics);
    out.excesses = now.excesses_of(logged.metrics);
  } else {
    out.message = "it lacks the metrics of the study's objective";
    return out;
  }
  out.message.clear();
  const bool stopped = logged.state == TrialState::kStopped;
  out.state = stopped ? TrialState::kStopped : TrialState::kCompleted;
  const bool finite = std::all_of(out.objectives.begin(), out.objectives.end(),
                                  [](double each) { return std::isfinite(each); });
  if (finite) return out;
  out.objectives = now.none();
  out.state = TrialState::kInvalid;
  out.message = "the objective was never finite";
  return out;
}

}  // namespace

RescoredStore::Count RescoredStore::rescore(const study::Objective& objective, std::uint64_t end) {
  rule_ = rule_in(objective, names());
  foreign_.clear();
  finished_.clear();
  std::map<std::uint64_t, Reports> running;
  ScoreRule before;
  std::optional<std::uint64_t> since;  // another objective is in force
  Count count;
  const std::uint64_t size = log_->size();
  log_->wait_durable(size);
  end = std::min(end, size);
  read_below(*log_, end, [&](const study::Event& event) {
    if (const auto* configured = std::get_if<study::Configured>(&event.body)) {
      const study::Objective logged = document::objective_of(configured->document);
      if (since) foreign_.emplace_back(*since, event.sequence);
      since = logged == objective ? std::nullopt : std::optional(event.sequence);
      before = rule_in(logged, names());
    } else if (const auto* proposed = std::get_if<study::Proposed>(&event.body)) {
      running[event.trial].start_step = proposed->start_step;
    } else if (const auto* started = std::get_if<study::Started>(&event.body)) {
      running[event.trial].start(*started);
    } else if (const auto* reported = std::get_if<study::Reported>(&event.body)) {
      running[event.trial].add(*reported);
    } else if (const auto* finished = std::get_if<study::Finished>(&event.body)) {
      if (since) {
        const Finished& made = finished_[event.trial] =
            again(*finished, running[event.trial], before, rule_);
        if (!study::is_failure(made.state))
          ++(std::isnan(made.objectives.first()) ? count.unscored : count.scored);
      }
      running.erase(event.trial);
    }
  });
  if (since) foreign_.emplace_back(*since, end);
  return count;
}

void RescoredStore::read(std::uint64_t first,
                         const std::function<bool(const study::Event&)>& visit) {
  if (foreign_.empty()) return log_->read(first, visit);
  log_->read(first, [&](const study::Event& event) {
    return visit(is_foreign(event.sequence) ? rescored(event) : event);
  });
}

bool RescoredStore::is_foreign(std::uint64_t sequence) const {
  return std::any_of(foreign_.begin(), foreign_.end(), [&](const auto& part) {
    return sequence >= part.first && sequence < part.second;
  });
}

study::Event RescoredStore::rescored(const study::Event& event) const {
  study::Event out = event;
  if (auto* reported = std::get_if<study::Reported>(&out.body)) {
    reported->objectives = rule_.all_of(reported->metrics);
    reported->excesses = rule_.excesses_of(reported->metrics);
  } else if (auto* imported = std::get_if<study::Imported>(&out.body)) {
    imported->objectives = rule_.all_of(imported->metrics);
    imported->excesses = rule_.excesses_of(imported->metrics);
  } else if (auto* finished = std::get_if<Finished>(&out.body)) {
    auto assignments = std::move(finished->assignments);
    *finished = finished_.at(event.trial);
    finished->assignments = std::move(assignments);
  }
  return out;
}

}  // namespace dodona::project
