// SPDX-License-Identifier: Apache-2.0
#include "study/state.hpp"

#include "base/assert.hpp"
#include "space/definition.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

namespace dodona::study {
namespace {

[[noreturn]] void broken(const Event& event, const std::string& what) {
  throw Error(DODONA_E_IO,
              "the log is damaged at event " + std::to_string(event.sequence) + ": " + what);
}

std::string problem_of(const SpaceGrown& grown) {
  try {
    for (const Param& param : grown.params) space::check(param);
    for (const std::string& each : grown.constraints) const Constraint read(each);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// The number at the start that no trial from `trial` on has added.
std::size_t joined_before(const std::vector<std::uint64_t>& by, std::uint64_t trial) {
  const auto end = std::find_if(
      by.begin(), by.end(), [&](std::uint64_t each) { return each != kNoTrial && each >= trial; });
  return static_cast<std::size_t>(end - by.begin());
}

}  // namespace

void Streaks::add(TrialState end) {
  if (end == TrialState::kFailed) {
    ++failed;
  } else if (end == TrialState::kInvalid) {
    ++invalid;
  } else {
    failed = invalid = 0;
    scored = true;
  }
}

// ---- what may follow ----------------------------------------------------------------------------

void State::check(const Event& event) const {
  std::string what = problem(event);
  if (what.empty()) what = value_problem(event);
  if (!what.empty()) broken(event, what);
}

void State::admit(const Event& event) const {
  std::string what = problem(event);
  if (what.empty()) what = value_problem(event);
  const bool report = std::holds_alternative<Reported>(event.body);
  if (what.empty() && report) what = trial_problem(event);
  const auto* const started = std::get_if<Started>(&event.body);
  if (what.empty() && started != nullptr) what = start_problem(event, *started);
  if (!what.empty()) throw Error(DODONA_E_STATE, what);
}

std::string State::problem(const Event& event) const {
  if (event.sequence != events_) {
    return "the event before it is number " + std::to_string(events_) + " - 1";
  }
  return std::visit(
      [&](const auto& body) -> std::string {
        using T = std::remove_cvref_t<decltype(body)>;
        constexpr bool of_open_trial = std::is_same_v<T, Filled> || std::is_same_v<T, Lost>;
        if constexpr (of_open_trial) {
          return trial_problem(event);
        } else if constexpr (requires { this->problem(event, body); }) {
          return problem(event, body);
        } else {
          return "";
        }
      },
      event.body);
}

std::string State::problem(const Event&, const SpaceGrown& grown) const {
  return grown.first == params_.size() ? "" : "the space has a gap";
}

std::string State::problem(const Event& event, const Proposed& proposed) const {
  if (event.trial != trials().size()) return "trial ids have a gap";
  if (proposed.seen > event.sequence) return "it had seen what came after it";
  if (proposed.enqueued == kNoSequence) return "";
  const bool waits = std::any_of(waiting_.begin(), waiting_.end(), [&](std::size_t index) {
    return enqueued_[index].sequence == proposed.enqueued;
  });
  return waits ? "" : "it takes enqueued values that do not wait";
}

// Executions follow one another; a retry and a rerun begin with the first.
std::string State::problem(const Event& event, const Started& started) const {
  std::string what = trial_problem(event);
  if (!what.empty()) return what;
  const std::uint32_t now = trials()[static_cast<std::size_t>(event.trial)].execution;
  if (started.execution <= now || started.execution - now == 1) return "";
  return "it starts execution " + std::to_string(started.execution) + " of trial " +
         std::to_string(event.trial) + ", which is in execution " + std::to_string(now);
}

std::string State::problem(const Event& event, const Finished& finished) const {
  return is_final(finished.state) ? trial_problem(event) : "it ends a trial that goes on";
}

// A trial may be noted of after its end.
std::string State::problem(const Event& event, const Noted&) const {
  const bool known = event.trial == kNoTrial || event.trial < trials().size();
  return known ? "" : trial_problem(event);
}

std::string State::trial_problem(const Event& event) const {
  const std::string trial = "trial " + std::to_string(event.trial);
  if (event.trial >= trials().size()) return "it belongs to " + trial + ", which was not proposed";
  if (!is_final(trials()[static_cast<std::size_t>(event.trial)].state)) return "";
  return trial + " has ended";
}

// An execution begins where its proposal says or at 0, or goes on from a step that it has done.
std::string State::start_problem(const Event& event, const Started& started) const {
  DODONA_ASSERT(event.trial < trials().size());
  const TrialRecord& trial = trials()[static_cast<std::size_t>(event.trial)];
  const std::uint64_t step = started.start_step;
  if (step == 0 || step == kNoStep || step == trial.start_step) return "";
  const bool same = started.execution == trial.execution && started.attempt == trial.attempt;
  if (same && step <= trial.last_step) return "";
  return "it goes on from step " + std::to_string(step) + ", which trial " +
         std::to_string(event.trial) + " has not done";
}

std::string State::value_problem(const Assignment& assignment) const {
  if (assignment.param >= params_.size()) return "it has a value of no hyperparameter";
  const Param& param = params_[assignment.param];
  if (is_legal(param, assignment.cell)) return "";
  return "it has a value that \"" + param.name + "\" cannot have";
}

std::string State::value_problem(const Event& event) const {
  return std::visit(
      [&](const auto& body) -> std::string {
        if constexpr (requires { body.assignments; }) {
          for (const Assignment& assignment : body.assignments) {
            std::string problem = value_problem(assignment);
            if (!problem.empty()) return problem;
          }
        } else if constexpr (requires { body.assignment; }) {
          return value_problem(body.assignment);
        } else if constexpr (requires { body.params; }) {
          return problem_of(body);
        }
        return "";
      },
      event.body);
}

// ---- folding ------------------------------------------------------------------------------------

void State::apply(const Event& event) {
  const std::string what = problem(event);
  if (!what.empty()) broken(event, what);
  std::visit([&](const auto& body) { fold(event, body); }, event.body);
  ++events_;
}

TrialRecord& State::trial_of(const Event& event) {
  DODONA_ASSERT(event.trial < trials().size());
  return kept_->trials[static_cast<std::size_t>(event.trial)];
}

void State::move(TrialRecord& trial, TrialState state) {
  std::uint64_t& before = counts_[static_cast<std::size_t>(trial.state)];
  DODONA_ASSERT(before > 0 && !is_final(trial.state));
  --before;
  ++counts_[static_cast<std::size_t>(state)];
  trial.state = state;
}

void State::fold(const Event&, const Created& created) {
  seed_ = created.seed;
  id_ = created.id;
}

void State::fold(const Event&, const Configured& configured) {
  document_ = configured.document;
  plugins_ = configured.plugins;
  oracle_kept_ = configured.keeps_oracle;
}

void State::fold(const Event& event, const SpaceGrown& grown) {
  DODONA_ASSERT(grown.first == params_.size() && grown_by_.size() == params_.size());
  params_.insert(params_.end(), grown.params.begin(), grown.params.end());
  grown_by_.resize(params_.size(), event.trial);
  constraints_.insert(constraints_.end(), grown.constraints.begin(), grown.constraints.end());
  required_by_.resize(constraints_.size(), event.trial);
}

void State::fold(const Event& event, const Enqueued& enqueued) {
  waiting_.push_back(enqueued_.size());
  enqueued_.push_back({event.sequence, enqueued.assignments, enqueued.later});
}

void State::fold(const Event&, const Imported& imported) {
  if (imported.trial != kNoTrial) {
    const auto [known, is_new] =
        imported_of_.try_emplace({imported.source, imported.trial}, imported_.size());
    if (!is_new) {
      imported_[known->second] = imported;
      return;
    }
  }
  imported_.push_back(imported);
}

void State::fold(const Event& event, const Proposed& proposed) {
  DODONA_ASSERT(event.trial == trials().size());
  TrialRecord& trial = kept_->trials.emplace_back(&kept_->pool);
  ++counts_[static_cast<std::size_t>(trial.state)];
  trial.assignments.assign(proposed.assignments.begin(), proposed.assignments.end());
  trial.proposed = event.sequence;
  trial.proposed_empty = proposed.assignments.empty();
  trial.budget = proposed.budget;
  trial.start_step = proposed.start_step;
  trial.resume_of = proposed.resume_of;
  trial.seen = proposed.seen;
  if (proposed.repeat_of < event.trial) {
    const std::uint64_t first = trials()[proposed.repeat_of].repeat_of;
    trial.repeat_of = first != kNoTrial ? first : proposed.repeat_of;
    trial.confirms = proposed.enqueued != kNoSequence;
    if (trial.confirms) ++confirmations_;
  }
  if (proposed.enqueued == kNoSequence) return;
  const auto taken = std::find_if(waiting_.begin(), waiting_.end(), [&](std::size_t index) {
    return enqueued_[index].sequence == proposed.enqueued;
  });
  DODONA_ASSERT(taken != waiting_.end());
  enqueued_[*taken].trial = event.trial;
  waiting_.erase(taken);
}

void State::fold(const Event& event, const Started& started) {
  TrialRecord& trial = trial_of(event);
  move(trial, TrialState::kRunning);
  const bool again = trial.begun_unix_nanos != 0 && trial.execution == started.execution &&
                     trial.attempt == started.attempt;
  // Clocks may run backwards.
  const std::int64_t took =
      std::max<std::int64_t>(trial.heard_unix_nanos - trial.begun_unix_nanos, 0);
  trial.spent_nanos = again ? trial.spent_nanos + took : 0;
  trial.begun_unix_nanos = trial.heard_unix_nanos = event.unix_nanos;
  trial.attempt = started.attempt;
  trial.execution = started.execution;
  trial.last_step = started.start_step == kNoStep ? trial.start_step : started.start_step;
  if (trial.started_unix_nanos == 0) trial.started_unix_nanos = event.unix_nanos;
}

void State::fold(const Event& event, const Filled& filled) {
  auto& list = trial_of(event).assignments;
  const auto place = std::find_if(list.begin(), list.end(), [&](const Assignment& known) {
    return known.param >= filled.assignment.param;
  });
  if (place != list.end() && place->param == filled.assignment.param) {
    *place = filled.assignment;
  } else {
    list.insert(place, filled.assignment);
  }
}

// Logs of 0.1 have reports of trials that had ended.
void State::fold(const Event& event, const Reported& reported) {
  if (event.trial >= trials().size()) return;
  TrialRecord& trial = trial_of(event);
  if (reported.execution != trial.execution) return;
  trial.last_step = reported.step;
  trial.heard_unix_nanos = std::max(event.unix_nanos, trial.begun_unix_nanos);
}

void State::fold(const Event& event, const Lost& lost) {
  TrialRecord& trial = trial_of(event);
  move(trial, TrialState::kWaiting);
  ++trial.losses;
  trial.lost = lost.why;
  trial.heard_unix_nanos = std::max(event.unix_nanos, trial.begun_unix_nanos);
}

void State::fold(const Event& event, const Noted& noted) {
  if (event.trial == kNoTrial) {
    notes_.push_back(noted);
    return;
  }
  auto& notes = trial_of(event).notes;
  const auto known = std::find_if(notes.begin(), notes.end(),
                                  [&](const auto& each) { return each.first == noted.key; });
  if (known != notes.end()) {
    known->second = noted.value;
  } else {
    notes.emplace_back(noted.key, noted.value);
  }
}

void State::fold(const Event& event, const Finished& finished) {
  DODONA_ASSERT(is_final(finished.state));
  TrialRecord& trial = trial_of(event);
  move(trial, finished.state);
  trial.outcome = finished.outcome;
  trial.assignments.assign(finished.assignments.begin(), finished.assignments.end());
  trial.metrics.assign(finished.metrics.begin(), finished.metrics.end());
  trial.executions.assign(finished.executions.begin(), finished.executions.end());
  trial.score = finished.objectives.first();
  trial.objectives = finished.objectives;
  trial.excesses = finished.excesses;
  trial.best_step = finished.best_step;
  trial.message = finished.message;
  trial.finished_unix_nanos = event.unix_nanos;
  if (!finished.message.empty()) last_message_ = event.trial;
  const bool failed = is_failure(finished.state);
  streaks_.add(finished.state);
  if (!failed && std::isfinite(trial.score)) score(event.trial);
}

// The trial ended with a score: its own, and one more of those that it repeats.
void State::score(std::uint64_t id) {
  const TrialRecord& trial = trials()[id];
  const std::uint64_t first = trial.repeat_of != kNoTrial ? trial.repeat_of : id;
  TrialRecord& whole = kept_->trials[first];
  const bool was_best = best_ == first;
  if (std::isnan(whole.mean)) {
    whole.mean = trial.score;
  } else {
    ++whole.runs;
    whole.mean += (trial.score - whole.mean) / whole.runs;
  }
  whole.confirmed = whole.confirmed || trial.confirms;
  if (is_failure(whole.state) || !std::isfinite(whole.score)) return;
  const auto place = [this](std::uint64_t each) {
    return std::pair(place_of(trials()[each]), each);
  };
  if (!best_ || place(first) < place(*best_)) best_ = first;
  if (!was_best || first == id) return;
  for (std::uint64_t each = 0; each < trials().size(); ++each) {
    const TrialRecord& other = trials()[each];
    const bool counts = other.repeat_of == kNoTrial && is_final(other.state) &&
                        !is_failure(other.state) && std::isfinite(other.score);
    if (counts && place(each) < place(*best_)) best_ = each;
  }
}

Place place_of(const TrialRecord& trial) {
  return {trial.violation(), !trial.confirmed, trial.mean};
}

// ---- what is asked of it ------------------------------------------------------------------------

std::size_t State::params_before(std::uint64_t trial) const {
  return joined_before(grown_by_, trial);
}

std::size_t State::constraints_before(std::uint64_t trial) const {
  return joined_before(required_by_, trial);
}

const State::EnqueuedValues* State::enqueued_of(std::uint64_t trial) const {
  const auto found = std::find_if(
      enqueued_.begin(), enqueued_.end(),
      [&](const EnqueuedValues& each) { return each.trial == trial && trial != kNoTrial; });
  return found == enqueued_.end() ? nullptr : &*found;
}

std::uint64_t State::count(TrialState state) const {
  return counts_[static_cast<std::size_t>(state)];
}

std::uint64_t State::finished() const {
  return count(TrialState::kCompleted) + count(TrialState::kStopped) + count(TrialState::kFailed) +
         count(TrialState::kInvalid);
}

}  // namespace dodona::study
