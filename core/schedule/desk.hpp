// SPDX-License-Identifier: Apache-2.0
//
// Trials that somebody else runs: asked for, reported and told, without workers.
//
// A trial that was asked for and not told is answered again, before any new one, by a desk that
// opens later on the same log. An answer to ask() and to tell() is durable.
//
// Errors:  Error{kState} for a trial that has ended, Error{kInvalid} for one that was never asked
//          for or for metrics that cannot be; what the store or the oracle failed with.
// Threads: any; but one at a time on a trial.
#pragma once

#include "schedule/scheduler.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace dodona::schedule {

class Desk : private Supervisor {
 public:
  // A trial that is out: who asked for it asks here for values.
  struct Asked {
    Asked(const Execution::Place& place, const study::Trial& values, Desk& desk);

    study::TrialScore score;
    Execution run;
    bool reported = false;
    std::atomic<bool> told = false;
  };

  // Of the plan, what is about workers is left aside: a trial has one execution and one attempt.
  Desk(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
       const std::vector<study::Oracle*>& judges, std::function<void(const Notice&)> notify);

  // kProposed: `out` is the next trial. kWait: when another one was told. kExhausted: no more.
  study::Answer ask(std::shared_ptr<Asked>& out);
  // A trial that is out. One that was asked for before this desk opened begins anew.
  std::shared_ptr<Asked> asked(std::uint64_t trial);

  // True if the trial shall go on: not at its budget. A report beyond the budget is not logged and
  // does not count. A trial that goes on from an earlier one may as well begin at its first step.
  bool report(Asked& trial, std::uint64_t step, std::span<const study::NamedMetric> metrics);
  // Ends a trial as kCompleted, kStopped or kFailed. A completed one has the objective in these
  // metrics or in a report; where it is not finite the trial is invalid.
  void tell(Asked& trial, study::TrialState state, std::span<const study::NamedMetric> metrics,
            const std::string& message);
  void note(Asked& trial, std::string_view key, std::string_view value);

  // From now on nothing is given, and reports answer that the trial shall stop.
  void stop();
  // The same, unless trials are out: false then.
  bool close();

 private:
  bool ended() const { return ending() != Ending::kNone; }
  bool out_of_time() const;
  bool is_out(std::uint64_t trial) const;
  std::uint64_t unfinished() const;
  bool first_trial_pending() const;
  std::shared_ptr<Asked> next_rerun();
  std::shared_ptr<Asked> begin(std::uint64_t trial);
  void configure(Execution& run, const study::Trial& values) const;
  study::Answer propose();
  study::Finished outcome(Asked& trial, study::TrialState state,
                          std::span<const study::NamedMetric> metrics,
                          const std::string& message) const;

  Ending ending() const override { return ending_.load(std::memory_order_relaxed); }
  study::Verdict judge(const study::Event& report) override;
  void reported(const Execution& run, std::uint64_t step, double objective) override;
  Cell fill(std::uint64_t trial, bool first_trial, const Param& param) override;
  void filled(std::uint64_t trial, const Assignment& assignment) override;
  void grown(std::uint32_t first, const std::vector<Param>& params) override;

  const Plan plan_;
  Journal& journal_;
  space::SearchSpace& space_;
  const std::function<void(const Notice&)> notify_;
  const std::chrono::steady_clock::time_point opened_ = std::chrono::steady_clock::now();

  std::mutex turn_mutex_;  // whoever looks for the next trial; taken before all others
  bool space_known_ = false;
  Proposer proposer_;

  mutable std::mutex mutex_;
  std::set<std::uint64_t> reruns_;  // asked for before, not told
  std::map<std::uint64_t, std::shared_ptr<Asked>> out_;
  std::atomic<Ending> ending_ = Ending::kNone;
};

}  // namespace dodona::schedule
