// SPDX-License-Identifier: Apache-2.0
//
// The past of a study as a fold over its event log. Most oracles need to keep no more than this.
//
//   void set_space(const dodona::Space& space) { history_.set_space(space); }
//   void observe(const dodona_event& event) { history_.observe(event); }
//
// Two objects that observed the same events are equal, whatever the portions. Objectives are
// signed: smaller is better.
//
// Errors:  none; unknown events are ignored.
// Threads: one call at a time.
// Cost:    memory: about 350 bytes for a trial, 16 for each of its hyperparameters, 24 for each
//          report. Time: constant for an event, but for the end of a trial it grows with the
//          number of running trials.
#pragma once

#include <dodona/abi.h>
#include <dodona/event.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// A report whose metrics gave an objective. It may be infinite, never NaN.
struct PastReport {
  std::uint64_t step = 0;
  double objective = 0.0;
  std::uint32_t execution = 0;
};

// The facts that the events had of one trial. Budget, start_step, resume_of, tag and note are those
// of its proposal. The objective comes with its end; best_step is the step that it is of.
struct PastTrial {
  dodona_trial_state state = DODONA_WAITING;
  Point point;  // proposed and later filled values; shorter than a space that has grown since
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = DODONA_NO_TRIAL;
  std::uint64_t repeat_of = DODONA_NO_TRIAL;  // the first trial of its values
  std::uint32_t runs = 1;  // of its values, with a score: the objectives are the means of them
  std::uint64_t tag = 0;
  bool enqueued = false;  // true if the values came from the user
  std::string note;
  std::vector<PastReport> reports;  // of the latest attempt, in the order of the log
  double objective = std::numeric_limits<double>::quiet_NaN();  // NaN: none, or none yet
  std::uint64_t best_step = 0;
  std::vector<double> objectives;  // all, in the study's order; the first one is `objective`
  std::vector<double> excesses;    // one for each of the study's limits, see limits.hpp
  dodona_outcome outcome = DODONA_OUTCOME_OK;

  // True if no run of the trial will follow, whatever became of it.
  bool ended() const { return is_final(state); }
  // True if the trial ran to its end and has a score. A trial that was stopped early has one too,
  // but does not count here.
  bool succeeded() const { return state == DODONA_COMPLETED && std::isfinite(objective); }
};

// True if an earlier report of a trial still counts after a start of one of its executions. Executions
// run one after another: reports of earlier ones count, and of the same one those up to the step from
// which it goes on.
inline bool stands(const PastTrial& trial, std::uint32_t execution, std::uint64_t step,
                   const dodona_started_event& started) {
  if (execution != started.execution) return execution < started.execution;
  const std::uint64_t from =
      DODONA_KNOWS(&started, dodona_started_event, start_step) ? started.start_step : UINT64_MAX;
  const bool anew = from == 0 || from == UINT64_MAX || from == trial.start_step;
  return !anew && step <= from;
}

// A trial of another study, handed over by a warm start.
struct ImportedTrial {
  dodona_trial_state state = DODONA_COMPLETED;
  Point point;
  double objective = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> objectives;  // as of a PastTrial
  std::vector<double> excesses;
};

// Reports take 24 bytes each. An oracle that reads none of them drops them.
enum class Reports : std::uint8_t { kKept = 1, kDropped };

// All trials that were observed. References to trials are valid until the next observe().
class History {
 public:
  explicit History(Reports reports = Reports::kKept) : keeps_reports_(reports == Reports::kKept) {}

  // Call it before the first event, and again when the space has grown. The space is borrowed
  // until the next call. Trials that are known stay as they are: their points are shorter then.
  void set_space(const Space& space) { space_ = &space; }

  // Folds one event in. Copies all that it keeps.
  void observe(const dodona_event& event) {
    if (const auto* imported = body_of<dodona_imported_event>(event)) {
      ++revision_;
      ImportedTrial& trial = imported_trial(*imported);
      trial.state = imported->state;
      trial.objective = first_of(imported->objectives);
      trial.objectives = numbers_of(imported->objectives);
      if (DODONA_KNOWS(imported, dodona_imported_event, excesses)) {
        trial.excesses = numbers_of(imported->excesses);
      }
      assign(*space_, imported->assignments, trial.point);
    }
    if (event.trial == DODONA_NO_TRIAL) return;
    if (const auto* proposed = body_of<dodona_proposed_event>(event)) {
      propose(event.trial, *proposed);
    }
    if (event.trial >= trials_.size()) return;
    PastTrial& trial = trials_[event.trial];
    if (const auto* started = body_of<dodona_started_event>(event)) start(trial, *started);
    if (const auto* filled = body_of<dodona_filled_event>(event)) {
      assign(*space_, {&filled->assignment, 1}, trial.point);
    }
    if (const auto* report = body_of<dodona_reported_event>(event)) {
      const double objective = first_of(report->objectives);
      if (keeps_reports_ && !std::isnan(objective)) {
        trial.reports.push_back({report->step, objective, report->execution});
      }
    }
    if (const auto* finished = body_of<dodona_finished_event>(event)) {
      finish(event.trial, *finished);
    }
  }

  // All trials; the index is the trial's id.
  const std::vector<PastTrial>& trials() const { return trials_; }
  // Ids of the trials that ended, in the order of ending. A repeat of a trial that has a score is
  // not among them: it is a part of that one's result.
  const std::vector<std::uint64_t>& ended() const { return ended_; }
  // Ids of the trials that were proposed and have not ended, in rising order.
  const std::vector<std::uint64_t>& running() const { return running_; }
  // Results of other studies that a warm start handed over, each trial once.
  const std::vector<ImportedTrial>& imported() const { return imported_; }
  // The number of times that a result may have changed: an imported trial was handed over, which
  // comes again once the space has more of its values, or a repeat ended. A fold over results starts
  // again where this is another number than before.
  std::size_t revision() const { return revision_; }

 private:
  static std::vector<double> numbers_of(dodona_number_span span) {
    const std::span<const double> numbers = list(span);
    return {numbers.begin(), numbers.end()};
  }

  // The place of a trial that is new, or of the earlier event that it stands for.
  ImportedTrial& imported_trial(const dodona_imported_event& event) {
    if (event.source_trial == DODONA_NO_TRIAL) return imported_.emplace_back();
    const auto [known, is_new] = imported_of_.try_emplace(
        std::pair(std::string(view(event.source)), event.source_trial), imported_.size());
    if (is_new) return imported_.emplace_back();
    imported_[known->second] = ImportedTrial();
    return imported_[known->second];
  }

  void propose(std::uint64_t id, const dodona_proposed_event& proposed) {
    if (id != trials_.size()) return;  // ids count up without gaps
    PastTrial& trial = trials_.emplace_back();
    assign(*space_, proposed.assignments, trial.point);
    trial.budget = proposed.budget;
    trial.tag = proposed.tag;
    trial.note = view(proposed.note);
    trial.enqueued = proposed.enqueued != UINT64_MAX;
    trial.start_step = proposed.start_step;
    if (proposed.resume_of < id) trial.resume_of = proposed.resume_of;
    const bool repeats =
        DODONA_KNOWS(&proposed, dodona_proposed_event, repeat_of) && proposed.repeat_of < id;
    if (repeats) {
      const std::uint64_t first = trials_[proposed.repeat_of].repeat_of;
      trial.repeat_of = first != DODONA_NO_TRIAL ? first : proposed.repeat_of;
    }
    running_.push_back(id);
  }

  static void start(PastTrial& trial, const dodona_started_event& started) {
    trial.state = DODONA_RUNNING;
    std::erase_if(trial.reports, [&](const PastReport& report) {
      return !stands(trial, report.execution, report.step, started);
    });
  }

  void finish(std::uint64_t id, const dodona_finished_event& finished) {
    PastTrial& trial = trials_[id];
    if (trial.ended()) return;
    trial.state = finished.state;
    trial.objective = first_of(finished.objectives);
    trial.objectives = numbers_of(finished.objectives);
    if (DODONA_KNOWS(&finished, dodona_finished_event, excesses)) {
      trial.excesses = numbers_of(finished.excesses);
    }
    if (DODONA_KNOWS(&finished, dodona_finished_event, outcome)) trial.outcome = finished.outcome;
    trial.best_step = finished.best_step;
    assign(*space_, finished.assignments, trial.point);
    running_.erase(std::find(running_.begin(), running_.end(), id));
    const bool repeats =
        trial.repeat_of != DODONA_NO_TRIAL && std::isfinite(trials_[trial.repeat_of].objective);
    if (!repeats) {
      ended_.push_back(id);
    } else if (std::isfinite(trial.objective)) {
      join(trials_[trial.repeat_of], trial);
    }
  }

  // One more run of the values of a trial.
  void join(PastTrial& first, const PastTrial& run) {
    ++first.runs;
    ++revision_;
    const auto add = [&](std::vector<double>& means, const std::vector<double>& values) {
      for (std::size_t i = 0; i < std::min(means.size(), values.size()); ++i) {
        means[i] += (values[i] - means[i]) / first.runs;
      }
    };
    add(first.objectives, run.objectives);
    add(first.excesses, run.excesses);
    if (!first.objectives.empty()) first.objective = first.objectives.front();
  }

  const Space* space_ = nullptr;
  bool keeps_reports_;
  std::vector<PastTrial> trials_;
  std::vector<std::uint64_t> ended_;
  std::vector<std::uint64_t> running_;
  std::vector<ImportedTrial> imported_;
  std::map<std::pair<std::string, std::uint64_t>, std::size_t> imported_of_;  // by source and trial
  std::size_t revision_ = 0;
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
