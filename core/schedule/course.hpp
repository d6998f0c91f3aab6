// SPDX-License-Identifier: Apache-2.0
//
// The life of a trial, whoever runs it:
//
//   next     what was interrupted runs again, and alone what may have crashed a process; else
//            enqueued values; else the oracle proposes
//   begin    one execution of it; its reports are judged and logged
//   finish   its result counts, at once or in its turn; or drop: it runs again another time
//
// and of the search: what brings it to its end, and what is to become of running trials then. An
// oracle or stopper that fails ends the search softly: no trial begins any more, those that run go
// on unjudged and keep their results, then the error is thrown.
//
// Order:   open(); for each trial next() or claim(), enter(), begin() for each execution, and then
//          finish() or drop(); close() at the end. A trial is out from next() or claim() on, until
//          finish() or drop() returns.
// Errors:  what the oracle, a stopper or the store fails with. After an error of next() a trial
//          that was proposed is the next one again. After an error of any other member the trial is
//          still out.
// Threads: next(), claim(), prepare() and is_worth_preparing() one at a time; one thread a trial;
//          open() and close() alone; the rest any.
// Lifetime: journal, space, oracle and judges outlive the course, and the course its executions.
#pragma once

#include "schedule/checkpoints.hpp"
#include "schedule/execution.hpp"
#include "schedule/going.hpp"
#include "schedule/journal.hpp"
#include "schedule/plan.hpp"
#include "schedule/proposer.hpp"
#include "schedule/silence.hpp"
#include "schedule/turns.hpp"
#include "space/search_space.hpp"
#include "study/roles.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dodona::schedule {

class Course final : private Supervisor {
 public:
  // The place where trials run. Here: workers of this process, whose models are kept and whose
  // unfinished trials are lost with them. Elsewhere: the application that was given them, for which
  // an answer is durable; an error of the oracle is thrown at once there, and ends nothing.
  enum class Runs : std::uint8_t { kHere = 1, kElsewhere };
  // Called from any thread, several at a time, perhaps under the oracle's lock. They must not
  // throw, nor ask for a trial.
  struct Ears {
    std::function<void(const Notice&)> notice;  // of an event that is in the log
    std::function<void()> ending;  // the search has to come to an end, or a harder one; or none
  };

  Course(const Plan& plan, Runs runs, Journal& journal, space::SearchSpace& space,
         study::Oracle& oracle, const std::vector<study::Oracle*>& judges, Ears ears);

  // Before anything else: shows oracle and stoppers the log of earlier searches. The time of the
  // search begins here. Cost: reads the whole log, once for each of them.
  void open();

  // ---- next ------------------------------------------------------------------------------------
  enum class Next : std::uint8_t {
    kTrial = 1,
    kWait,       // until another trial has ended
    kMaxTrials,  // all were proposed
    kExhausted,  // says the oracle
    kEnded       // the search has to end
  };
  // `trial` is set for kTrial, and out from then on, until finish() or drop(). A trial of an
  // earlier search comes before a new one. Throws Error{kPlugin} if the oracle waits while no trial
  // is out. Does not wait for other trials, but for the oracle.
  Next next(std::uint64_t& trial);
  // The same for a trial of an earlier search, or one that was dropped. False if it is none;
  // nothing has changed then.
  bool claim(std::uint64_t trial);
  // True if there is a trial of an earlier search, or one that was dropped, to run again.
  bool has_reruns() const;
  // True once no trial will begin any more: the search has to end, and no trial that lost its runner
  // has to run again, nor can one that is out.
  bool is_over() const;
  // Returns once a trial waits that lost its runner, or the search is over. True for such a trial.
  bool wait_for_lost() const;
  // The number of times that a trial ended or was dropped, or change() was called. To be read
  // before next(), so that wait_for_change() misses nothing.
  std::uint64_t changes() const;
  // Returns when changes() is no longer `since`, or the search has to end, or it is too late.
  void wait_for_change(std::uint64_t since) const;
  void wait_for_change(std::uint64_t since, std::chrono::steady_clock::time_point until) const;
  // Wakes everybody who waits for a change.
  void change();
  // The number of trials that are out.
  std::uint64_t out() const;

  bool allows_early_proposals() const { return turns_->allows_early_proposals(); }
  // The number of workers that are of use.
  std::uint32_t workers() const { return turns_->workers(limits().parallel_trials); }
  // Asks the oracle for the next trial ahead; see proposer.hpp. Only where allowed. Does nothing if
  // all trials were proposed.
  void prepare();
  bool is_worth_preparing() const { return proposer_.is_worth_preparing(); }

  // ---- begin -----------------------------------------------------------------------------------
  // The checkpoints of an attempt of a trial.
  Going going(std::uint64_t trial) const;
  // The point from which a trial goes on in the same attempt; nothing where the attempt begins anew.
  // `score`, which must be empty, has what stands then. Cost: reads the log since the proposal.
  std::optional<Going::Point> resume(std::uint64_t trial, std::uint32_t attempt, Going& going,
                                     study::TrialScore& score);
  // Logs the start of an attempt's first execution or a later one. `score` gets its reports, and
  // outlives it. The trial is out. Where trials run elsewhere its directory is made too. `from`: the
  // point from which this execution goes on.
  std::unique_ptr<Execution> begin(const Execution::Place& place, study::TrialScore& score,
                                   const Going::Point* from = nullptr);
  // Must be called before the first execution of a trial, once however many attempts it has.
  void enter(std::uint64_t trial) { turns_->begin(trial); }
  // Its values so far, those that it met included.
  std::vector<Assignment> values_of(std::uint64_t trial) const;
  // True if its best model is to be kept: a repeat has none, that of the first run stands for all.
  bool keeps_best(std::uint64_t trial) const {
    return checkpoints_.keeps_best() && !is_repeat(trial);
  }
  // The hyperparameter that the study's space refused to the trial, if it did.
  std::optional<Error> refused(std::uint64_t trial) const;

  // ---- finish ----------------------------------------------------------------------------------
  // Ends a trial that is out, with a final state. Its end is durable when this returns; or, with
  // turns, it is kept until its turn. Tells the ears, and counts failures.
  void finish(std::uint64_t trial, study::Finished&& result);
  // Takes a trial back that is out: it is the next one again. Logs nothing.
  void drop(std::uint64_t trial);
  // The runner of a trial that is out was lost, which is logged. The trial is the next one again.
  // False where it was lost too often: it is still out.
  bool lose(const Execution::Place& place, const std::string& why);
  // A trial that went on from another and added nothing keeps its result, if it ended without a
  // failure, and its models. Throws Error{kIo} where they cannot be copied.
  void inherit(std::uint64_t trial, study::Finished& result) const;

  // ---- while it runs ---------------------------------------------------------------------------
  // [any] While it is paused, next() answers kWait, and trials that run go on.
  void pause(bool paused);
  bool paused() const;
  // [any] A trial that is out stops at its next report, as if a stopper had said so. Throws
  // Error{kState} for one that is not.
  void stop_trial(std::uint64_t trial);
  // [any] Other limits, from the next trial on. Every waiter for a change looks again.
  void set(const Limits& limits);
  Limits limits() const;

  // ---- the end of the search -------------------------------------------------------------------
  Ending ending() const override { return ending_.load(std::memory_order_relaxed); }
  // Keeps the first reason, unless a later one is an interruption. Later calls can only make
  // running trials stop sooner.
  void end_with(End end, Ending ending);
  // The same with an error, which close() throws. Keeps the first error. An error that only says
  // that a plugin obeyed an interruption is not kept.
  void fail_with(const std::exception_ptr& error, Ending ending);
  // Trials that were silent for a minute are named in the log.
  void name_silent_trials();
  // When no trial runs any more: the reason of the end, which must have been given. Gives all
  // trials their turn first. Throws the first error.
  End close();

 private:
  std::uint64_t proposed() const;
  bool has_all_trials() const;
  bool is_repeat(std::uint64_t trial) const;
  bool is_to_stop(std::uint64_t trial) const;
  bool first_trial_pending() const;
  std::uint64_t take_rerun();
  std::optional<std::uint64_t> waiting_lost() const;
  bool has_ended() const;
  Next propose();
  Next confirm(Next otherwise);
  void configure(Execution& run, const study::TrialRecord& values) const;
  std::vector<study::Reported> standing_reports(std::uint64_t trial,
                                                const study::TrialRecord& record,
                                                const Going::Point& point);
  void tell_start(const Execution::Place& place, const Going::Point* from);
  enum class Again : std::uint8_t { kLater = 1, kNever };
  void leave(std::uint64_t trial, Again again);
  void ended(std::uint64_t trial, double objective);
  void counted(const study::Streaks& streaks);
  void log(study::Level level, const std::string& message) const;

  study::Verdict judge(const study::Event& report) override;
  void reported(const Execution& run, std::uint64_t step, double objective) override;
  Cell fill(std::uint64_t trial, bool first_trial, const Param& param, const Fits& fits) override;
  void filled(std::uint64_t trial, const Assignment& assignment) override;
  void grown(const space::Growth& growth) override;
  bool can_go_on(std::uint64_t trial) override { return turns_->can_go_on(trial); }
  void warn(const std::string& message) override { log(study::Level::kWarn, message); }

  std::int64_t deadline_of(const Limits& limits) const;

  const Plan plan_;  // its limits are those of the start
  const Runs runs_;
  Journal& journal_;
  const Ears ears_;
  Checkpoints checkpoints_;
  const std::unique_ptr<Turns> turns_;
  Proposer proposer_;  // its locks are taken before mutex_

  mutable std::mutex mutex_;
  std::int64_t opened_unix_nanos_ = 0;
  Limits limits_;
  bool paused_ = false;
  mutable std::condition_variable changed_;
  std::uint64_t changes_ = 0;
  std::set<std::uint64_t> reruns_;  // trials that began, or were proposed, and nobody runs
  std::set<std::uint64_t> alone_;   // those of them that may only run while no other does
  std::map<std::uint64_t, std::string>
      lost_;                     // trials that lost their runner and did not begin since
  bool one_runs_alone_ = false;  // until nothing is out
  std::set<std::uint64_t> out_;
  std::set<std::uint64_t> to_stop_;  // that a user wants to stop
  Silence silence_;                  // of them
  std::optional<End> end_;
  std::exception_ptr error_;
  std::atomic<bool> oracle_failed_ = false;
  std::atomic<Ending> ending_ = Ending::kNone;
};

}  // namespace dodona::schedule
