// SPDX-License-Identifier: Apache-2.0
//
// Trials that somebody else runs: asked for, reported and told, without workers.
//
// A trial that was asked for and not told is given again, before any new one. The same desk does so
// once nobody holds it any more, and so does a desk that opens later on the same log. An answer to
// ask() and to tell() is durable.
//
// Errors:  Error{kState} for a trial that has ended, Error{kInvalid} for one that was never asked
//          for or for metrics that cannot be; nothing was logged then. Else what the store or the
//          oracle failed with.
// Threads: any; but one at a time on a trial.
// Lifetime: a handle may outlive the desk, but must not be asked any more then.
// Cost:    ask() and tell() wait for the disk.
#pragma once

#include "schedule/course.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::schedule {

class Desk {
 public:
  // A trial that is out: who asked for it asks here for values.
  struct Asked {
    Asked(Course& course, const Execution::Place& place, const study::ScoreRule& rule)
        : score(rule), execution(course.begin(place, score)), run(*execution) {}

    study::TrialScore score;
    const std::unique_ptr<Execution> execution;
    Execution& run;
    const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    bool reported = false;
    std::atomic<bool> told = false;
  };

  // Of the plan, what is about workers is left aside: a trial has one execution and one attempt.
  Desk(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
       const std::vector<study::Oracle*>& judges, std::function<void(const Notice&)> notify);

  // kProposed: `out` is the next trial. kExhausted: no more. kWait: `time` is over, and until
  // another one was told or let go there is none. After an error a trial that was proposed is given
  // again once nobody holds it.
  study::Answer ask(std::shared_ptr<Asked>& out,
                    std::chrono::milliseconds time = std::chrono::milliseconds(0));
  // A trial that is out. It begins anew if no handle of it is left: its reports are void then.
  std::shared_ptr<Asked> asked(std::uint64_t trial);
  // Keeps a trial out though nobody holds it, until it is told. Does nothing for one that was told.
  void keep(const std::shared_ptr<Asked>& trial);
  // Somebody let a trial go: whoever waits for one may have it.
  void let_go() { course_.change(); }

  // True if the trial shall go on: not at its budget. A report beyond the budget is not logged and
  // does not count. A trial that goes on from an earlier one may as well begin at its first step.
  bool report(Asked& trial, std::uint64_t step, std::span<const study::NamedMetric> metrics);
  // Ends a trial as kCompleted, kStopped or kFailed. A completed one has the objective in these
  // metrics or in a report; where it is not finite the trial is invalid. After an Error{kInvalid}
  // nothing has changed. After an error of the store the trial counts as told here, and is given
  // again by a desk that opens later.
  void tell(Asked& trial, study::TrialState state, std::span<const study::NamedMetric> metrics,
            const std::string& message);
  // Keeps a remark with the trial, also after its end.
  void note(Asked& trial, std::string_view key, std::string_view value);

  // While it is paused nothing new is given: ask() answers kWait. Other limits count from now on.
  void pause(bool paused) { course_.pause(paused); }
  bool paused() const { return course_.paused(); }
  void set(const Limits& limits) { course_.set(limits); }
  Ending ending() const { return course_.ending(); }
  // As Course has it.
  void stop_trial(std::uint64_t trial) { course_.stop_trial(trial); }

  // From now on nothing is given, and reports answer that the trial shall stop.
  void stop() { course_.end_with(End::kInterrupted, Ending::kInterrupt); }
  // The same, unless trials are out: false then, and the desk goes on.
  bool close();

 private:
  // A trial that was given.
  struct Given {
    std::weak_ptr<Asked> held;
    std::shared_ptr<Asked> kept;  // by keep()
  };

  study::Answer try_to_ask(std::shared_ptr<Asked>& out);
  bool out_of_time() const;
  std::shared_ptr<Asked> find(std::uint64_t trial) const;
  void take_back();
  std::shared_ptr<Asked> begin(std::uint64_t trial);
  study::Finished outcome(Asked& trial, study::TrialState state,
                          std::span<const study::NamedMetric> metrics,
                          const std::string& message) const;

  const Plan plan_;
  Journal& journal_;
  Course course_;
  const std::chrono::steady_clock::time_point opened_ = std::chrono::steady_clock::now();

  std::mutex turn_mutex_;  // of whoever looks for the next trial; taken before all others

  mutable std::mutex mutex_;
  std::map<std::uint64_t, Given> out_;
};

}  // namespace dodona::schedule
