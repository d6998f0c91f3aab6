// SPDX-License-Identifier: Apache-2.0
#include "tuner/view.hpp"

#include "study/seed.hpp"

#include <dodona/space.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

namespace dodona::tuner {
namespace {

// The standard deviation of a sample; of two values at least, those that are not finite left out.
std::optional<double> spread_of(const std::pmr::vector<double>& values) {
  double count = 0.0;
  double mean = 0.0;
  double squares = 0.0;  // of distances from the mean, after Welford
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    count += 1.0;
    const double distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
  }
  return count < 2.0 ? std::nullopt : std::optional(std::sqrt(squares / (count - 1.0)));
}

const char* word_of(study::Outcome outcome) {
  static constexpr const char* kWords[] = {"ok",   "model_error", "crash",  "exit",
                                           "time", "silence",     "memory", "output",
                                           "lost", "infeasible"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(study::Outcome::kInfeasible));
  return kWords[static_cast<std::size_t>(outcome) - 1];
}

}  // namespace

std::optional<double> View::score(double objective) const {
  if (std::isnan(objective)) return std::nullopt;
  return objective_.direction == study::Direction::kMaximize ? -objective : objective;
}

Result View::result(std::uint64_t id) const {
  const study::TrialRecord& trial = state_.trials()[static_cast<std::size_t>(id)];
  Result result;
  result.trial = id;
  result.state = static_cast<TrialState>(trial.state);
  if (result.state == TrialState::kRunning && runs_ == Runs::kNo)
    result.state = TrialState::kWaiting;
  std::vector<std::pair<std::string, HyperParameterValue>> values;
  for (const Assignment& assignment : trial.assignments) {
    const Param& param = state_.params()[assignment.param];
    values.emplace_back(param.name, value_of(param, assignment.cell));
  }
  result.values = Values(std::move(values));
  result.score = score(trial.score);
  put_scores(trial, result);
  if (study::is_final(trial.state)) result.outcome = word_of(trial.outcome);
  result.best_step = trial.best_step;
  for (const double objective : trial.executions) {
    result.execution_scores.push_back(score(objective));
  }
  result.spread = spread_of(trial.executions);
  for (const study::MetricValue& metric : trial.metrics) {
    result.metrics.emplace_back(names_[metric.name], metric.value);
  }
  result.message = trial.message;
  result.notes = trial.notes;
  result.seed = study::execution_seed(state_.seed().value_or(0), id, 0, trial.attempt);
  result.budget = trial.budget;
  if (trial.resume_of != study::kNoTrial) result.resume_of = trial.resume_of;
  if (trial.repeat_of != study::kNoTrial) result.repeat_of = trial.repeat_of;
  result.attempt = trial.attempt;
  result.losses = trial.losses;
  result.lost = trial.lost;
  result.started_unix_nanos = trial.started_unix_nanos;
  result.finished_unix_nanos = trial.finished_unix_nanos;
  return result;
}

Result View::result_of_all_runs(std::uint64_t id) const {
  Result result = this->result(id);
  const study::TrialRecord& trial = state_.trials()[static_cast<std::size_t>(id)];
  if (!has_several() && trial.runs > 1) {
    result.score = score(trial.mean);
    result.runs = trial.runs;
  }
  return result;
}

void View::put_scores(const study::TrialRecord& trial, Result& result) const {
  for (std::size_t i = 0; i < objective_.limits.size(); ++i) {
    const bool there = i < trial.excesses.size() && !std::isnan(trial.excesses[i]);
    result.excesses.emplace_back(objective_.limits[i].metric,
                                 there ? std::optional(trial.excesses[i]) : std::nullopt);
  }
  if (!has_several()) return;
  for (std::size_t i = 0; i <= objective_.others.size(); ++i) {
    const study::ObjectiveTerm& term = i == 0 ? objective_ : objective_.others[i - 1];
    const bool there = i < trial.objectives.size() && !std::isnan(trial.objectives[i]);
    const double sign = term.direction == study::Direction::kMaximize ? -1.0 : 1.0;
    result.scores.emplace_back(term.name,
                               there ? std::optional(sign * trial.objectives[i]) : std::nullopt);
  }
}

std::vector<Result> View::trials() const {
  std::vector<Result> results;
  for (std::uint64_t id = 0; id < state_.trials().size(); ++id) results.push_back(result(id));
  if (!has_several()) return results;
  const Ranked order = ranked();
  for (std::size_t i = 0; i < order.trials.size(); ++i) {
    results[order.trials[i]].rank = order.ranking.ranks[i];
  }
  return results;
}

bool View::is_scored(std::uint64_t id) const {
  const study::TrialRecord& trial = state_.trials()[static_cast<std::size_t>(id)];
  const bool ended =
      trial.state == study::TrialState::kCompleted || trial.state == study::TrialState::kStopped;
  return ended && std::isfinite(trial.score) &&
         (!has_several() || trial.objectives.size() == 1 + objective_.others.size());
}

void Ranked::add(std::uint64_t id, const study::TrialRecord& trial) {
  if (trial.repeat_of != study::kNoTrial && objectives_ == 1) return;
  trials.push_back(id);
  if (objectives_ == 1) {
    places_.push_back(study::place_of(trial));
    return;
  }
  values_.insert(values_.end(), trial.objectives.begin(), trial.objectives.end());
  violations_.push_back(trial.violation());
}

void Ranked::rank() {
  ranking = objectives_ == 1 ? study::ranking_of(places_)
                             : study::ranking_of(PointRows(values_, objectives_), violations_);
}

Ranked View::ranked() const {
  Ranked order(1 + objective_.others.size());
  for (std::uint64_t id = 0; id < state_.trials().size(); ++id) {
    if (is_scored(id)) order.add(id, state_.trials()[id]);
  }
  order.rank();
  return order;
}

std::vector<Result> View::best(std::uint64_t count) const {
  const Ranked order = ranked();
  std::vector<Result> results;
  for (const std::size_t i : order.ranking.order) {
    if (count > 0 && results.size() == count) break;
    results.push_back(result_of_all_runs(order.trials[i]));
    if (has_several()) results.back().rank = order.ranking.ranks[i];
  }
  return results;
}

std::vector<Result> View::front() const {
  std::vector<Result> results = best(has_several() ? 0 : 1);
  std::erase_if(results, [](const Result& each) { return each.rank.value_or(0) > 0; });
  return results;
}

}  // namespace dodona::tuner
