// SPDX-License-Identifier: Apache-2.0
#include "schedule/execution.hpp"

#include "base/assert.hpp"
#include "base/file.hpp"
#include "schedule/checkpoints.hpp"

#include <algorithm>
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
      last_step_(values.start_step),
      proposed_step_(values.start_step),
      known_(values.assignments.begin(), values.assignments.end()) {
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
  study::Verdict verdict = supervisor_.judge(event);
  const bool limited = limit_reached_ && verdict == study::Verdict::kContinue;
  if (limited) verdict = study::Verdict::kStopTrial;
  if (saves_going_) going_->pass_over(last_step_);  // nothing was saved
  last_step_ = step;
  reported_ = true;
  auto& report = std::get<study::Reported>(event.body);
  report.verdict = verdict;
  score_.report(step, report.metrics);
  saves_best_ = improves(report.metrics);
  const double objective = report.objectives.first();
  logged_ = journal_.append(trial, std::move(event.body));
  supervisor_.reported(*this, step, objective);
  saves_last_ = keeps_last_ && step == budget && !directory.empty();
  saves_going_ = is_point(step, verdict);
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
  former_ = *best_;
  *best_ = standing;
  return true;
}

// True if the trial may go on from this report, and its state is due. A start from the step of the
// proposal means that all begins anew.
bool Execution::is_point(std::uint64_t step, study::Verdict verdict) {
  if (going_ == nullptr || directory.empty() || verdict != study::Verdict::kContinue) return false;
  const bool is_last = budget > 0 && step >= budget;
  if (is_last || step == 0 || step == proposed_step_) return false;
  return going_->is_due(step) && supervisor_.can_go_on(trial);
}

void Execution::keep_going(Going& going, std::vector<Going::Finals> finals) {
  going_ = &going;
  finals_ = std::move(finals);
  going_->begin(attempt, execution, start_step);
}

void Execution::go_on(const Going::Point& from) {
  start_at(from.step);
  resume_directory = from.model;
  for (const Assignment& each : known_) {
    const bool used = std::find(from.used.begin(), from.used.end(), each.param) != from.used.end();
    if (used) used_before_.push_back(each);
  }
}

std::vector<Assignment> Execution::used() const {
  std::vector<Assignment> all = session_.used();
  for (const Assignment& before : used_before_) {
    const auto place = std::find_if(
        all.begin(), all.end(), [&](const Assignment& each) { return each.param >= before.param; });
    if (place == all.end() || place->param != before.param) all.insert(place, before);
  }
  return all;
}

Going::Point Execution::point(std::uint64_t step) const {
  Going::Point point;
  point.step = step;
  if (best_ != nullptr && std::isfinite(best_->value)) point.best = *best_;
  point.finals = finals_;
  for (const Assignment& each : used()) point.used.push_back(each.param);
  return point;
}

// A disk that refuses costs the checkpoint. So does every error of what only an interruption needs.
template <class Save>
void Execution::try_to_save(Save&& save) {
  try {
    save();
  } catch (const Error& error) {
    if (!save_failed(error)) throw;
  }
}

bool Execution::save_failed(const Error& error) {
  const bool needed = saves_best_ || saves_last_;
  if (!wants_save() || (needed && error.code() != DODONA_E_IO)) return false;
  give_up_save(error);
  return true;
}

// A model that is not the best one any more stays, but none of another attempt. A trial must not go
// on from an older state at the end of the budget.
void Execution::give_up_save(const Error& error) {
  std::error_code ignored;
  const std::string best = best_checkpoint(directory);
  const std::string last = last_checkpoint(directory, execution);
  if (std::exchange(saves_best_, false)) {
    *best_ = former_;
    std::filesystem::remove_all(best + ".new", ignored);
    if (!std::isfinite(former_.value)) std::filesystem::remove_all(best, ignored);
  }
  if (std::exchange(saves_last_, false)) {
    std::filesystem::remove_all(last + ".new", ignored);
    std::filesystem::remove_all(last, ignored);
  }
  give_up_point(error);
}

void Execution::give_up_point(const Error& error) {
  saves_going_ = false;
  if (going_ != nullptr) going_->pass_over(last_step_);
  if (std::exchange(warned_, true)) return;
  supervisor_.warn("trial " + std::to_string(trial) + " goes on without its checkpoint of step " +
                   std::to_string(last_step_) + ", as that could not be kept: " + error.what());
}

std::vector<Going::Finals> Execution::keep_end() {
  Going::Finals& own = finals_.emplace_back();
  for (const study::MetricValue& metric : final_) {
    own.emplace_back(journal_.names()[metric.name], metric.value);
  }
  if (going_ != nullptr && going_->wants_end() && supervisor_.can_go_on(trial)) {
    journal_.wait_durable(logged_);
    try {
      going_->ended(point(proposed_step_));
    } catch (const Error& error) {
      give_up_point(error);
    }
  }
  return finals_;
}

std::string Execution::save_directory() {
  std::string to;
  try_to_save([&] {
    if (saves_best_ || saves_last_) {
      DODONA_ASSERT(!directory.empty());
      const std::string best = best_checkpoint(directory);
      const std::string place =
          (saves_best_ ? best : last_checkpoint(directory, execution)) + ".new";
      base::make_empty_directory(place);
      to = place;
    } else if (saves_going_) {
      to = going_->make_directory();
    }
  });
  return to;
}

void Execution::saved() {
  if (!wants_save()) {
    throw Error(DODONA_E_STATE, "saved was called though nothing was to be saved");
  }
  try_to_save([&] {
    if (saves_best_ || saves_last_) keep_model();
  });
  if (!saves_going_) return;
  journal_.wait_durable(logged_);
  try_to_save([&] { going_->saved(point(last_step_)); });
  saves_going_ = false;
}

// The saved files are the best model of the trial, or its last one, or both, and perhaps a state of a
// point.
void Execution::keep_model() {
  const std::string best = best_checkpoint(directory);
  const std::string last = last_checkpoint(directory, execution);
  const std::string from = (saves_best_ ? best : last) + ".new";
  if (saves_best_ && saves_last_) {
    base::make_directory(std::filesystem::path(last).parent_path());
    base::copy_directory(from, last + ".new");
  }
  base::sync_below(from);
  try {
    if (saves_going_) base::copy_directory(from, going_->make_directory());
  } catch (const Error& error) {
    give_up_point(error);
  }
  if (saves_best_) {
    if (going_ != nullptr) going_->release_best();
    base::replace_directory(best + ".new", best);
    saves_best_ = false;
  }
  if (saves_last_) base::replace_directory(last + ".new", last);
  saves_last_ = false;
}

void Execution::finish(std::span<const study::NamedMetric> metrics) {
  if (finished_) throw Error(DODONA_E_STATE, "finish was called twice");
  final_ = named(metrics);
  finished_ = true;
  if (!reported_) saves_best_ = improves(final_);  // else the best report decides
}

void Execution::hold(const std::vector<std::string>& held) {
  devices = held;
  if (held.empty()) return;
  std::string names;
  for (const std::string& device : held) names += (names.empty() ? "" : ", ") + device;
  note(study::kDevicesNote, names);
}

void Execution::note(std::string_view key, std::string_view value) {
  journal_.append(trial, study::Noted{std::string(key), std::string(value)});
}

bool Execution::must_stop() const {
  return stopped_ || limit_reached_ || supervisor_.ending() >= Ending::kStopTrials;
}

bool Execution::cancelled() const {
  const bool cancelled = must_stop();
  if (cancelled) told_to_stop_ = true;
  return cancelled;
}

}  // namespace dodona::schedule
