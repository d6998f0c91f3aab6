// SPDX-License-Identifier: Apache-2.0
#include "schedule/execution.hpp"

#include "base/assert.hpp"
#include "base/file.hpp"
#include "schedule/checkpoints.hpp"

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>

namespace dodona::schedule {

Execution::Execution(const Place& place, const study::TrialRecord& values, Supervisor& supervisor,
                     Journal& journal, space::SearchSpace& space, study::TrialScore& score,
                     const study::ScoreRule& rule)
    : supervisor_(supervisor),
      journal_(journal),
      score_(score),
      rule_(rule),
      first_trial_(values.proposed_empty),
      session_(
          space, {values.assignments.begin(), values.assignments.end()},
          [this](std::uint32_t param, const Param& definition, const Supervisor::Fits& fits) {
            return fill(param, definition, fits);
          },
          [this](const space::Growth& growth) { supervisor_.grown(growth); }),
      last_step_(values.start_step) {
  trial = place.trial;
  execution = place.execution;
  attempt = place.attempt;
  start_step = values.start_step;
}

Cell Execution::fill(std::uint32_t param, const Param& definition, const Supervisor::Fits& fits) {
  left_unfilled_ = true;  // unless it does not throw
  const Cell cell = supervisor_.fill(trial, first_trial_, definition, fits);
  left_unfilled_ = false;
  supervisor_.filled(trial, {param, cell});
  return cell;
}

std::vector<study::MetricValue> Execution::named(
    std::span<const study::NamedMetric> metrics) const {
  std::vector<study::MetricValue> result;
  result.reserve(metrics.size());
  for (const study::NamedMetric& metric : metrics) {
    if (metric.name.empty() && !rule_.others.empty()) {
      throw Error(DODONA_E_INVALID,
                  "a number without a name: the study has several objectives; name each metric");
    }
    const std::uint32_t name =
        metric.name.empty() ? rule_.name : journal_.names().intern(metric.name);
    for (const study::MetricValue& known : result) {
      if (known.name != name) continue;
      throw Error(DODONA_E_INVALID,
                  "metric \"" + journal_.names()[name] + "\" stands twice in one report");
    }
    result.push_back({name, metric.value});
  }
  return result;
}

study::Verdict Execution::report(std::uint64_t step, std::span<const study::NamedMetric> metrics) {
  if (finished_) throw Error(DODONA_E_STATE, "report after finish");
  if (supervisor_.ending() == Ending::kInterrupt) {
    told_to_stop_ = true;
    return study::Verdict::kStopStudy;
  }
  const bool increases = step > last_step_ || (step == 0 && !reported_ && start_step == 0);
  if (!increases) {
    throw Error(DODONA_E_INVALID, "report at step " + std::to_string(step) + " after step " +
                                      std::to_string(last_step_) + ": steps count up" +
                                      (reported_ ? "" : " from the trial's start step"));
  }
  study::Event event;
  event.trial = trial;
  study::Reported body;
  body.execution = execution;
  body.step = step;
  body.metrics = named(metrics);
  body.objectives = rule_.all_of(body.metrics);
  body.excesses = rule_.excesses_of(body.metrics);
  event.body = std::move(body);
  const study::Verdict verdict = supervisor_.judge(event);
  last_step_ = step;
  reported_ = true;
  auto& report = std::get<study::Reported>(event.body);
  report.verdict = verdict;
  score_.report(step, report.metrics);
  saves_best_ = improves(report.metrics);
  const double objective = report.objectives.first();
  journal_.append(trial, std::move(event.body));
  supervisor_.reported(*this, step, objective);
  saves_last_ = keeps_last_ && step == budget && !directory.empty();
  if (verdict != study::Verdict::kContinue) stopped_ = told_to_stop_ = true;
  return verdict;
}

void Execution::make_directory() {
  if (!directory.empty()) base::make_directory(directory);
}

// True if the model is to be kept as the trial's best.
bool Execution::improves(const std::vector<study::MetricValue>& metrics) {
  if (best_ == nullptr) return false;
  const study::Standing standing = rule_.standing_of(metrics);
  const bool scored = std::isfinite(rule_.first_of(metrics).value_or(study::kNoScore));
  if (!scored || !std::isfinite(standing.value) || !(standing < *best_)) return false;
  *best_ = standing;
  return true;
}

std::string Execution::save_directory() {
  if (!saves_best_ && !saves_last_) return "";
  DODONA_ASSERT(!directory.empty());
  std::string to =
      (saves_best_ ? best_checkpoint(directory) : last_checkpoint(directory, execution)) + ".new";
  base::make_empty_directory(to);
  return to;
}

void Execution::saved() {
  if (!saves_best_ && !saves_last_) {
    throw Error(DODONA_E_STATE, "saved was called though nothing was to be saved");
  }
  const std::string best = best_checkpoint(directory);
  const std::string last = last_checkpoint(directory, execution);
  if (saves_best_ && saves_last_) {
    base::make_directory(std::filesystem::path(last).parent_path());
    base::copy_directory(best + ".new", last + ".new");
  }
  base::sync_below((saves_best_ ? best : last) + ".new");
  if (std::exchange(saves_best_, false)) base::replace_directory(best + ".new", best);
  if (std::exchange(saves_last_, false)) base::replace_directory(last + ".new", last);
}

void Execution::finish(std::span<const study::NamedMetric> metrics) {
  if (finished_) throw Error(DODONA_E_STATE, "finish was called twice");
  final_ = named(metrics);
  finished_ = true;
  if (!reported_) saves_best_ = improves(final_);  // else the best report decides
}

void Execution::note(std::string_view key, std::string_view value) {
  journal_.append(trial, study::Noted{std::string(key), std::string(value)});
}

bool Execution::cancelled() const {
  const bool cancelled = stopped_ || supervisor_.ending() >= Ending::kStopTrials;
  if (cancelled) told_to_stop_ = true;
  return cancelled;
}

}  // namespace dodona::schedule
