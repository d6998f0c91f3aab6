// SPDX-License-Identifier: Apache-2.0
//
// The past of a study as a fold over its event log: what most oracles need to keep.
//
//   void set_space(const dodona::Space& space) { history_.set_space(space); }
//   void observe(const dodona_event& event) { history_.observe(event); }
//
// Two objects that observed the same events are equal, whatever the portions. Objectives are
// signed: smaller is better.
//
// Errors:  none; events that it does not know are ignored.
// Threads: one call at a time.
// Cost:    about 250 bytes a trial, 16 a hyperparameter of it and 24 a report; constant time an
//          event, and the number of running trials at the end of one.
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
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// A report that gave an objective.
struct PastReport {
  std::uint64_t step = 0;
  double objective = 0.0;
  std::uint32_t execution = 0;
};

struct PastTrial {
  dodona_trial_state state = DODONA_WAITING;
  Point point;  // what was proposed and what it met later; a prefix of a space that grew since
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = DODONA_NO_TRIAL;
  std::uint64_t tag = 0;
  bool enqueued = false;  // its values came from the user
  std::string note;
  std::vector<PastReport> reports;  // of its latest attempt, in the order of the log
  double objective = std::numeric_limits<double>::quiet_NaN();  // NaN until it has one
  std::uint64_t best_step = 0;

  bool ended() const { return state >= DODONA_COMPLETED; }
  // Whether it did all that it was meant to and has a score.
  bool succeeded() const { return state == DODONA_COMPLETED && std::isfinite(objective); }
};

// A trial of another study, handed over by a warm start.
struct ImportedTrial {
  dodona_trial_state state = DODONA_COMPLETED;
  Point point;
  double objective = std::numeric_limits<double>::quiet_NaN();
};

enum class Reports : std::uint8_t { kKept = 1, kDropped };

class History {
 public:
  explicit History(Reports reports = Reports::kKept) : keeps_reports_(reports == Reports::kKept) {}

  // Before the first event and whenever it grew; borrowed until then.
  void set_space(const Space& space) { space_ = &space; }

  void observe(const dodona_event& event) {
    if (const auto* imported = body_of<dodona_imported_event>(event)) {
      ImportedTrial& trial = imported_.emplace_back();
      trial.state = imported->state;
      trial.objective = imported->objective;
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
      if (keeps_reports_ && !std::isnan(report->objective)) {
        trial.reports.push_back({report->step, report->objective, report->execution});
      }
    }
    if (const auto* finished = body_of<dodona_finished_event>(event)) {
      finish(event.trial, *finished);
    }
  }

  // By id.
  const std::vector<PastTrial>& trials() const { return trials_; }
  // Ids of those that ended, in the order of ending.
  const std::vector<std::uint64_t>& ended() const { return ended_; }
  // Ids of those that were proposed and have not ended, in rising order.
  const std::vector<std::uint64_t>& running() const { return running_; }
  const std::vector<ImportedTrial>& imported() const { return imported_; }

 private:
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
    running_.push_back(id);
  }

  // A new attempt has clean metrics, and executions run one after another.
  static void start(PastTrial& trial, const dodona_started_event& started) {
    trial.state = DODONA_RUNNING;
    std::erase_if(trial.reports,
                  [&](const PastReport& report) { return report.execution >= started.execution; });
  }

  void finish(std::uint64_t id, const dodona_finished_event& finished) {
    PastTrial& trial = trials_[id];
    if (trial.ended()) return;
    trial.state = finished.state;
    trial.objective = finished.objective;
    trial.best_step = finished.best_step;
    assign(*space_, finished.assignments, trial.point);
    ended_.push_back(id);
    running_.erase(std::find(running_.begin(), running_.end(), id));
  }

  const Space* space_ = nullptr;
  bool keeps_reports_;
  std::vector<PastTrial> trials_;
  std::vector<std::uint64_t> ended_;
  std::vector<std::uint64_t> running_;
  std::vector<ImportedTrial> imported_;
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
