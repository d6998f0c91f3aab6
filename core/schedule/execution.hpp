// SPDX-License-Identifier: Apache-2.0
//
// One execution of a trial, as its hypermodel sees it: answers questions, takes reports.
//
// Errors:  as study::Run says; what the supervisor fails with passes. A report or an end that is
//          refused changes nothing: the corrected one is taken. Error{kIo} where the disk refuses
//          the directory of the trial. A checkpoint that it refuses is passed over with a warning.
// Threads: the trial's own, except must_stop(), cancelled() and make_directory().
// Lifetime: supervisor, journal, space, score and rule outlive it.
#pragma once

#include "schedule/going.hpp"
#include "schedule/journal.hpp"
#include "schedule/plan.hpp"
#include "space/session.hpp"
#include "study/roles.hpp"
#include "study/score.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dodona::schedule {

class Execution;

// The services of a search for its executions.
//
// Threads: any, concurrently for different trials.
class Supervisor {
 public:
  virtual ~Supervisor() = default;
  virtual Ending ending() const = 0;
  // The verdict on a report that is not in the log yet. The caller logs the report with it.
  virtual study::Verdict judge(const study::Event& report) = 0;
  // A report is in the log.
  virtual void reported(const Execution& run, std::uint64_t step, double objective) = 0;
  // A value for a definition that trial `trial` met first: its default in a first trial. It is one
  // that fits, if one was found. Throws Error{kState} for a trial that has ended.
  using Fits = space::Session::Fits;
  virtual Cell fill(std::uint64_t trial, bool first_trial, const Param& param,
                    const Fits& fits) = 0;
  // Log a value that was filled, and what joined the execution's space.
  virtual void filled(std::uint64_t trial, const Assignment& assignment) = 0;
  virtual void grown(const space::Growth& growth) = 0;
  // True if the trial may go on later from its present state.
  virtual bool can_go_on(std::uint64_t trial) = 0;
  // Tells people of what went wrong and is no failure.
  virtual void warn(const std::string& message) = 0;
};

class Execution : public study::Run {
 public:
  struct Place {
    std::uint64_t trial;
    std::uint32_t execution;
    std::uint32_t attempt;
    std::string runner{};  // as in study::Started
  };

  Execution(const Place& place, const study::TrialRecord& values, Supervisor& supervisor,
            Journal& journal, space::SearchSpace& space, study::TrialScore& score,
            const study::ScoreRule& rule);

  study::Asker& asker() override { return session_; }
  study::Verdict report(std::uint64_t step, std::span<const study::NamedMetric> metrics) override;
  void make_directory() override;
  bool wants_save() const override { return saves_best_ || saves_last_ || saves_going_; }
  std::string save_directory() override;
  void saved() override;
  bool save_failed(const Error& error) override;
  void finish(std::span<const study::NamedMetric> metrics) override;
  void note(std::string_view key, std::string_view value) override;
  void stop_at_next_report() override { limit_reached_ = true; }
  bool must_stop() const override;
  bool cancelled() const override;

  // These six before the first report.
  // The trial holds these devices, which the log then says.
  void hold(const std::vector<std::string>& held);
  // Keeps the model at the report of the budget.
  void keep_last() { keeps_last_ = true; }
  // Keeps the model wherever a step is better than `best`, which it then becomes. `best` outlives
  // the execution.
  void keep_best(study::Standing& best) { best_ = &best; }
  // Keeps the model's state from time to time, so that the execution can go on from there. `going`
  // outlives the execution. `finals` are the ends of the executions before it.
  void keep_going(Going& going, std::vector<Going::Finals> finals);
  // Goes on from that point of this execution.
  void go_on(const Going::Point& from);
  // Begins after this step: at 0 for want of a checkpoint to go on from.
  void start_at(std::uint64_t step) { start_step = last_step_ = step; }

  // True if all steps of the budget were done before: the limit of steps was lowered since.
  bool has_nothing_to_do() const { return budget > 0 && start_step >= budget; }

  // Ends the execution in the score, once. Nothing may be reported any more.
  void close() { score_.end_execution(final_); }
  // After close(): the next execution follows, and may be where the trial goes on. Returns the ends
  // of all executions so far.
  std::vector<Going::Finals> keep_end();
  // True if the oracle failed to give a value: no fault of the trial.
  bool left_unfilled() const { return left_unfilled_; }
  // Throws Error{kInfeasible} where the values of the trial break a constraint.
  void check_constraints() { session_.check_constraints(); }
  // The error that the model was answered where they do.
  const std::optional<Error>& infeasible() const { return session_.infeasible(); }
  // True if the model knows that it must not go on.
  bool told_to_stop() const { return told_to_stop_; }
  // The values that the model asked for or read, in space order.
  std::vector<Assignment> used() const;

  // Metrics by index; an empty name is the objective's. Throws kInvalid where one stands twice.
  std::vector<study::MetricValue> named(std::span<const study::NamedMetric> metrics) const;

 private:
  Cell fill(std::uint32_t param, const Param& definition, const Supervisor::Fits& fits);
  bool improves(const std::vector<study::MetricValue>& metrics);
  bool is_point(std::uint64_t step, study::Verdict verdict);
  Going::Point point(std::uint64_t step) const;
  void keep_model();
  template <class Save>
  void try_to_save(Save&& save);
  void give_up_save(const Error& error);
  void give_up_point(const Error& error);

  Supervisor& supervisor_;
  Journal& journal_;
  study::TrialScore& score_;
  const study::ScoreRule& rule_;
  bool first_trial_;
  space::Session session_;
  std::vector<study::MetricValue> final_;
  std::uint64_t last_step_;
  bool reported_ = false;
  bool finished_ = false;
  bool left_unfilled_ = false;
  bool keeps_last_ = false;
  study::Standing* best_ = nullptr;
  study::Standing former_{};  // of the best model before the last report
  Going* going_ = nullptr;
  const std::uint64_t proposed_step_;    // at which the trial begins
  std::uint64_t logged_ = 0;             // events, up to the last report
  std::vector<Going::Finals> finals_;    // of the executions before
  std::vector<Assignment> used_before_;  // before the point from which it goes on
  std::vector<Assignment> known_;        // values at the begin
  bool warned_ = false;
  // Asked of the model, and not done yet:
  bool saves_last_ = false;
  bool saves_best_ = false;
  bool saves_going_ = false;
  std::atomic<bool> stopped_ = false;  // a verdict ended it
  std::atomic<bool> limit_reached_ = false;
  mutable std::atomic<bool> told_to_stop_ = false;
};

}  // namespace dodona::schedule
