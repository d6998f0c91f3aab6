// SPDX-License-Identifier: Apache-2.0
//
// One execution of a trial, as its hypermodel sees it: answers questions, takes reports.
//
// Errors:  as study::Run says; what the supervisor fails with passes. A report or an end that is
//          refused changes nothing: the corrected one is taken. Error{kIo} where the disk refuses
//          a directory of the trial.
// Threads: the trial's own, except cancelled() and make_directory().
// Lifetime: supervisor, journal, space, score and rule outlive it.
#pragma once

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
  bool wants_save() const override { return saves_best_ || saves_last_; }
  std::string save_directory() override;
  void saved() override;
  void finish(std::span<const study::NamedMetric> metrics) override;
  void note(std::string_view key, std::string_view value) override;
  bool cancelled() const override;

  // These three before the first report.
  // Keeps the model at the report of the budget.
  void keep_last() { keeps_last_ = true; }
  // Keeps the model wherever a step is better than `best`, which it then becomes. `best` outlives
  // the execution.
  void keep_best(study::Standing& best) { best_ = &best; }
  // Begins after this step: at 0 for want of a checkpoint to go on from.
  void start_at(std::uint64_t step) { start_step = last_step_ = step; }

  // True if all steps of the budget were done before: the limit of steps was lowered since.
  bool has_nothing_to_do() const { return budget > 0 && start_step >= budget; }

  // Ends the execution in the score, once. Nothing may be reported any more.
  void close() { score_.end_execution(final_); }
  // True if the oracle failed to give a value: no fault of the trial.
  bool left_unfilled() const { return left_unfilled_; }
  // Throws Error{kInfeasible} where the values of the trial break a constraint.
  void check_constraints() { session_.check_constraints(); }
  // The error that the model was answered where they do.
  const std::optional<Error>& infeasible() const { return session_.infeasible(); }
  // True if the model knows that it must not go on.
  bool told_to_stop() const { return told_to_stop_; }
  // The values that the model asked for or read, in space order.
  std::vector<Assignment> used() const { return session_.used(); }

  // Metrics by index; an empty name is the objective's. Throws kInvalid where one stands twice.
  std::vector<study::MetricValue> named(std::span<const study::NamedMetric> metrics) const;

 private:
  Cell fill(std::uint32_t param, const Param& definition, const Supervisor::Fits& fits);
  bool improves(const std::vector<study::MetricValue>& metrics);

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
  // Asked of the model, and not done yet:
  bool saves_last_ = false;
  bool saves_best_ = false;
  std::atomic<bool> stopped_ = false;  // a verdict ended it
  mutable std::atomic<bool> told_to_stop_ = false;
};

}  // namespace dodona::schedule
