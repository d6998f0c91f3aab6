// SPDX-License-Identifier: Apache-2.0
#include "tuner/view.hpp"

#include "study/seed.hpp"

#include <dodona/space.hpp>

#include <algorithm>
#include <cmath>
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
  result.attempt = trial.attempt;
  result.started_unix_nanos = trial.started_unix_nanos;
  result.finished_unix_nanos = trial.finished_unix_nanos;
  return result;
}

std::vector<Result> View::trials() const {
  std::vector<Result> results;
  for (std::uint64_t id = 0; id < state_.trials().size(); ++id) results.push_back(result(id));
  return results;
}

bool View::is_scored(std::uint64_t id) const {
  const study::TrialRecord& trial = state_.trials()[static_cast<std::size_t>(id)];
  const bool ended =
      trial.state == study::TrialState::kCompleted || trial.state == study::TrialState::kStopped;
  return ended && std::isfinite(trial.score);
}

std::vector<Result> View::best(std::uint64_t count) const {
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 0; id < state_.trials().size(); ++id) {
    if (is_scored(id)) ids.push_back(id);
  }
  std::stable_sort(ids.begin(), ids.end(), [&](std::uint64_t a, std::uint64_t b) {
    return state_.trials()[a].score < state_.trials()[b].score;
  });
  if (count > 0 && ids.size() > count) ids.resize(count);
  std::vector<Result> results;
  for (const std::uint64_t id : ids) results.push_back(result(id));
  return results;
}

}  // namespace dodona::tuner
