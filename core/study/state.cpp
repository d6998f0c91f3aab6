// SPDX-License-Identifier: Apache-2.0
#include "study/state.hpp"

#include "space/definition.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <variant>

namespace dodona::study {
namespace {

[[noreturn]] void broken(const Event& event, const std::string& what) {
  throw Error(DODONA_E_IO,
              "the log is damaged at event " + std::to_string(event.sequence) + ": " + what);
}

void check_definitions(const Event& event, const std::vector<Param>& params) {
  try {
    for (const Param& param : params) space::check(param);
  } catch (const Error& error) {
    broken(event, error.what());
  }
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

Trial& State::at(const Event& event) {
  if (event.trial >= trials_.size()) {
    broken(event,
           "it belongs to trial " + std::to_string(event.trial) + ", which was not proposed");
  }
  Trial& trial = trials_[static_cast<std::size_t>(event.trial)];
  if (is_final(trial.state)) {
    broken(event, "trial " + std::to_string(event.trial) + " had finished before it");
  }
  return trial;
}

void State::check(const Event& event) const {
  const auto check_value = [&](const Assignment& assignment) {
    if (assignment.param >= params_.size()) broken(event, "it has a value of no hyperparameter");
    const Param& param = params_[assignment.param];
    if (!is_legal(param, assignment.cell)) {
      broken(event, "it has a value that \"" + param.name + "\" cannot have");
    }
  };
  std::visit(
      [&](const auto& body) {
        if constexpr (requires { body.assignments; }) {
          for (const Assignment& assignment : body.assignments) check_value(assignment);
        } else if constexpr (requires { body.assignment; }) {
          check_value(body.assignment);
        } else if constexpr (requires { body.params; }) {
          check_definitions(event, body.params);
        }
      },
      event.body);
}

void State::move(Trial& trial, TrialState state) {
  --counts_[static_cast<std::size_t>(trial.state)];
  ++counts_[static_cast<std::size_t>(state)];
  trial.state = state;
}

void State::apply(const Event& event) {
  if (event.sequence != events_) {
    broken(event, "the event before it is number " + std::to_string(events_) + " - 1");
  }
  ++events_;
  if (const auto* created = std::get_if<Created>(&event.body)) {
    seed_ = created->seed;
  } else if (const auto* configured = std::get_if<Configured>(&event.body)) {
    document_ = configured->document;
  } else if (const auto* grown = std::get_if<SpaceGrown>(&event.body)) {
    if (grown->first != params_.size()) broken(event, "the space has a gap");
    params_.insert(params_.end(), grown->params.begin(), grown->params.end());
    grown_by_.resize(params_.size(), event.trial);
  } else if (const auto* enqueued = std::get_if<Enqueued>(&event.body)) {
    enqueued_.push_back({event.sequence, enqueued->assignments});
  } else if (const auto* imported = std::get_if<Imported>(&event.body)) {
    imported_.push_back(*imported);
  } else if (const auto* proposed = std::get_if<Proposed>(&event.body)) {
    if (event.trial != trials_.size()) broken(event, "trial ids have a gap");
    if (proposed->seen > event.sequence) broken(event, "it had seen what came after it");
    Trial& trial = trials_.emplace_back(pool_.get());
    ++counts_[static_cast<std::size_t>(trial.state)];
    trial.assignments.assign(proposed->assignments.begin(), proposed->assignments.end());
    trial.proposed_empty = proposed->assignments.empty();
    trial.budget = proposed->budget;
    trial.start_step = proposed->start_step;
    trial.resume_of = proposed->resume_of;
    trial.seen = proposed->seen;
    if (proposed->enqueued != kNoSequence) {
      const bool next = enqueued_taken_ < enqueued_.size() &&
                        enqueued_[enqueued_taken_].sequence == proposed->enqueued;
      if (!next) broken(event, "it takes enqueued values out of turn");
      ++enqueued_taken_;
    }
  } else if (const auto* started = std::get_if<Started>(&event.body)) {
    Trial& trial = at(event);
    move(trial, TrialState::kRunning);
    trial.attempt = started->attempt;
    if (trial.started_unix_nanos == 0) trial.started_unix_nanos = event.unix_nanos;
  } else if (const auto* filled = std::get_if<Filled>(&event.body)) {
    auto& list = at(event).assignments;
    const auto place = std::find_if(list.begin(), list.end(), [&](const Assignment& known) {
      return known.param >= filled->assignment.param;
    });
    if (place != list.end() && place->param == filled->assignment.param) {
      *place = filled->assignment;
    } else {
      list.insert(place, filled->assignment);
    }
  } else if (const auto* noted = std::get_if<Noted>(&event.body)) {
    note(event, *noted);
  } else if (const auto* finished = std::get_if<Finished>(&event.body)) {
    finish(event.trial, at(event), *finished, event.unix_nanos);
  }
}

std::size_t State::params_before(std::uint64_t trial) const {
  const auto end = std::find_if(grown_by_.begin(), grown_by_.end(),
                                [&](std::uint64_t by) { return by != kNoTrial && by >= trial; });
  return static_cast<std::size_t>(end - grown_by_.begin());
}

// Also after the trial's end.
void State::note(const Event& event, const Noted& noted) {
  if (event.trial == kNoTrial) {
    notes_.push_back(noted);
    return;
  }
  if (event.trial >= trials_.size()) at(event);
  auto& notes = trials_[static_cast<std::size_t>(event.trial)].notes;
  const auto known = std::find_if(notes.begin(), notes.end(),
                                  [&](const auto& each) { return each.first == noted.key; });
  if (known != notes.end()) {
    known->second = noted.value;
  } else {
    notes.emplace_back(noted.key, noted.value);
  }
}

void State::finish(std::uint64_t id, Trial& trial, const Finished& finished,
                   std::int64_t unix_nanos) {
  move(trial, finished.state);
  trial.assignments.assign(finished.assignments.begin(), finished.assignments.end());
  trial.metrics.assign(finished.metrics.begin(), finished.metrics.end());
  trial.executions.assign(finished.executions.begin(), finished.executions.end());
  trial.score = finished.objective;
  trial.best_step = finished.best_step;
  trial.message = finished.message;
  trial.finished_unix_nanos = unix_nanos;
  const bool failed = is_failure(finished.state);
  streaks_.add(finished.state);
  if (failed || !std::isfinite(trial.score)) return;
  const double score = best_ ? trials_[static_cast<std::size_t>(*best_)].score : INFINITY;
  if (trial.score < score || (trial.score == score && best_ && id < *best_)) best_ = id;
}

std::uint64_t State::count(TrialState state) const {
  return counts_[static_cast<std::size_t>(state)];
}

std::uint64_t State::finished() const {
  return count(TrialState::kCompleted) + count(TrialState::kStopped) + count(TrialState::kFailed) +
         count(TrialState::kInvalid);
}

}  // namespace dodona::study
