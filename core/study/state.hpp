// SPDX-License-Identifier: Apache-2.0
//
// The state of a study, as a fold over its log.
//
//   waiting --started--> running --finished--> completed | stopped | failed | invalid
//      ^ proposed         |   | started again: a retry, or a rerun after an interruption
//      +----- lost -------+
//
// Errors:  admit() and check() change nothing. After an error of apply() the state is as before it.
// Threads: one writer; readers hold the lock of whoever owns it.
// Cost:    about 400 bytes a trial of 10 values; all members but params_before() and apply() of a
//          definition take constant time.
#pragma once

#include "study/event.hpp"

#include <dodona/limits.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace dodona::study {

// The facts that the log has of one trial. Score, best step, metrics, executions and message come
// with its end. The attempt is that of the latest start, started_unix_nanos the time of the first.
struct TrialRecord {
  explicit TrialRecord(std::pmr::memory_resource* pool = std::pmr::get_default_resource())
      : assignments(pool), metrics(pool), executions(pool) {}

  TrialState state = TrialState::kWaiting;
  Outcome outcome = Outcome::kOk;  // once it has ended
  std::uint32_t attempt = 0;
  std::uint32_t execution = 0;  // that began last
  std::uint32_t losses = 0;     // of its runners, over all attempts
  std::uint64_t proposed = 0;   // the sequence of its proposal
  std::uint64_t last_step = 0;  // that this execution has done: of its last report that stands
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = kNoTrial;
  std::uint64_t repeat_of = kNoTrial;  // the first trial of its values
  bool confirms = false;               // it is a repeat that no oracle proposed
  std::uint64_t seen = 0;              // as in Proposed
  std::uint64_t best_step = 0;
  double score = kNoScore;  // signed: the first objective
  // Of a trial that has repeats, what is known of them all: how many have a score, itself included,
  // their mean, and if one of them was to confirm it.
  std::uint32_t runs = 1;
  bool confirmed = false;
  double mean = kNoScore;
  Numbers objectives{};  // all of them, signed; empty before the end
  Numbers excesses{};    // one for each limit; the same
  std::int64_t started_unix_nanos = 0;
  // Of the execution that began last: its latest start, the last event since, and the time that it
  // took in the starts before.
  std::int64_t begun_unix_nanos = 0;
  std::int64_t heard_unix_nanos = 0;
  std::int64_t spent_nanos = 0;
  // The seconds that this execution took in all its starts so far.
  double spent_seconds(std::uint32_t of_execution, std::uint32_t of_attempt) const {
    if (begun_unix_nanos == 0 || of_execution != execution || of_attempt != attempt) return 0;
    return 1e-9 * static_cast<double>(spent_nanos + heard_unix_nanos - begun_unix_nanos);
  }
  std::int64_t finished_unix_nanos = 0;
  bool proposed_empty = false;               // the first trial of a model that does not declare
  std::pmr::vector<Assignment> assignments;  // proposed and filled; once finished, those used
  std::pmr::vector<MetricValue> metrics;
  std::pmr::vector<double> executions;  // as in Finished
  std::string message;
  std::string lost{};  // why its runner was lost last
  // The distance from keeping all limits, as dodona/limits.hpp has it.
  double violation() const {
    return dodona::violation({excesses.data(), excesses.size()}, excesses.size());
  }
  std::vector<std::pair<std::string, std::string>> notes{};  // by key, as they first came
};

// The place of a trial among those of one objective: smaller is better. It has the violation of
// limits; false if it was confirmed by repeats, as a single lucky run may look better than it is; and
// the mean of its runs.
using Place = std::tuple<double, bool, double>;
Place place_of(const TrialRecord& trial);

// Trials that ended badly one after another. Neither kind ends the other's row.
struct Streaks {
  std::uint64_t failed = 0;   // since a trial had a score
  std::uint64_t invalid = 0;  // the same
  bool scored = false;        // a trial had a score

  // Counts one more end, of a final state.
  void add(TrialState end);
};

// A State without events is that of an empty log. References into it are valid until the next
// apply(), those to trials for as long as it lives.
class State {
 public:
  State() = default;
  // The other one can only be destroyed then. A state is neither copied nor assigned.
  State(State&&) = default;

  // Folds the next event in. Throws Error{kIo} for one that cannot follow what came before: a wrong
  // sequence, a gap in the ids of trials, an event of a trial that has ended.
  void apply(const Event& event);
  // Throws Error{kIo} for an event from a file that apply() would refuse, or with a value that its
  // definition cannot have, which apply() does not look for.
  void check(const Event& event) const;
  // Throws Error{kState} for an event that must not be logged now: one that apply() or check()
  // would refuse when the log is read again, a report of a trial that has ended, or a start from a
  // step that the execution has not done.
  void admit(const Event& event) const;

  // The number of events that were folded in: the sequence of the next one.
  std::uint64_t events() const { return events_; }
  // None before the first event.
  std::optional<std::uint64_t> seed() const { return seed_; }
  const StudyId& id() const { return id_; }
  // The study document in force; empty before the first one.
  const std::string& document() const { return document_; }
  // Those of the document in force; none where the log is one of 0.1.
  const std::vector<PluginIdentity>& plugins() const { return plugins_; }
  // True if the document in force came while the oracle searched, which was kept. An oracle that is
  // made by it needs a document of its own.
  bool oracle_kept() const { return oracle_kept_; }
  const std::vector<Param>& params() const { return params_; }
  // The number of hyperparameters that were known before trial `trial` started. In turns a trial
  // knows no others than those before its `seen`, however many were logged since.
  std::size_t params_before(std::uint64_t trial) const;
  // The constraints of the space, in the order in which they joined, and how many of them were known
  // before trial `trial` started.
  const std::vector<std::string>& constraints() const { return constraints_; }
  std::size_t constraints_before(std::uint64_t trial) const;
  // The trial in whose turn the last hyperparameter joined; kNoTrial where it belongs to no turn.
  std::uint64_t last_growth() const { return grown_by_.empty() ? kNoTrial : grown_by_.back(); }
  const std::pmr::deque<TrialRecord>& trials() const { return kept_->trials; }  // by id
  struct EnqueuedValues {
    std::uint64_t sequence = 0;  // of their event
    std::vector<Assignment> assignments;
    std::vector<LaterValue> later;
    std::uint64_t trial = kNoTrial;  // the one that took them
  };
  const std::vector<EnqueuedValues>& enqueued() const { return enqueued_; }  // all that ever were
  // The values that no trial took, as rising indices of enqueued().
  const std::vector<std::size_t>& waiting() const { return waiting_; }
  // The values that a trial took, or nullptr. Takes time with the number of enqueued().
  const EnqueuedValues* enqueued_of(std::uint64_t trial) const;
  // Of each trial of another study, the last event.
  const std::vector<Imported>& imported() const { return imported_; }
  // Notes on the study, not on a trial.
  const std::vector<Noted>& notes() const { return notes_; }
  // The number of trials in this state, and of those that have ended in any.
  std::uint64_t count(TrialState state) const;
  std::uint64_t finished() const;
  // The number of repeats that no oracle proposed.
  std::uint64_t confirmations() const { return confirmations_; }
  // Of completed and stopped trials with a finite score that repeat no other one, the first one of
  // the best place. None while there is none. Of several objectives the first one decides.
  std::optional<std::uint64_t> best() const { return best_; }
  const Streaks& streaks() const { return streaks_; }  // by the order of finishing
  // The trial that ended last with a message.
  std::optional<std::uint64_t> last_message() const { return last_message_; }

 private:
  // Why the event cannot follow, or empty.
  std::string problem(const Event& event) const;
  std::string problem(const Event& event, const SpaceGrown& grown) const;
  std::string problem(const Event& event, const Proposed& proposed) const;
  std::string problem(const Event& event, const Started& started) const;
  std::string problem(const Event& event, const Finished& finished) const;
  std::string problem(const Event& event, const Noted& noted) const;
  std::string trial_problem(const Event& event) const;
  std::string start_problem(const Event& event, const Started& started) const;
  std::string value_problem(const Event& event) const;
  std::string value_problem(const Assignment& assignment) const;

  void fold(const Event& event, const Created& created);
  void fold(const Event& event, const Configured& configured);
  void fold(const Event& event, const SpaceGrown& grown);
  void fold(const Event& event, const Enqueued& enqueued);
  void fold(const Event& event, const Imported& imported);
  void fold(const Event& event, const Noted& noted);
  void fold(const Event& event, const Proposed& proposed);
  void fold(const Event& event, const Started& started);
  void fold(const Event& event, const Filled& filled);
  void fold(const Event& event, const Reported& reported);
  void fold(const Event& event, const Finished& finished);
  void fold(const Event&, const Stopped&) {}
  void fold(const Event& event, const Lost& lost);
  TrialRecord& trial_of(const Event& event);
  void move(TrialRecord& trial, TrialState state);
  void score(std::uint64_t id);

  std::uint64_t events_ = 0;
  std::optional<std::uint64_t> seed_;
  StudyId id_{};
  std::string document_;
  std::vector<PluginIdentity> plugins_;
  bool oracle_kept_ = false;
  std::vector<Param> params_;
  std::vector<std::uint64_t> grown_by_;  // the trial that added each of them, or kNoTrial
  std::vector<std::string> constraints_;
  std::vector<std::uint64_t> required_by_;  // as grown_by_, for each constraint
  // Trials, and their memory for good: small pieces of a worker's heap would grow it page by page.
  struct Kept {
    std::pmr::monotonic_buffer_resource pool{std::size_t{1} << 18};
    std::pmr::deque<TrialRecord> trials{&pool};
  };
  std::unique_ptr<Kept> kept_ = std::make_unique<Kept>();
  std::vector<EnqueuedValues> enqueued_;
  std::vector<std::size_t> waiting_;
  std::vector<Imported> imported_;
  std::map<std::pair<std::string, std::uint64_t>, std::size_t> imported_of_;  // by source and trial
  std::vector<Noted> notes_;
  std::uint64_t counts_[7] = {};
  std::uint64_t confirmations_ = 0;
  std::optional<std::uint64_t> best_;
  Streaks streaks_;
  std::optional<std::uint64_t> last_message_;
};

}  // namespace dodona::study
