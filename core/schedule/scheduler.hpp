// SPDX-License-Identifier: Apache-2.0
//
// Runs a search on parallel workers, until its end.
//
// A worker is a thread inside its own task arena of the trial's thread budget. It asks the course
// for a trial, runs it and tells the course, without handing it over. Only one worker at a time
// looks for its next trial; the others run or queue. While all of them run trials, one more thread
// prepares the next proposal of an oracle that takes its time.
//
// Errors:  run() throws what the store or the oracle failed with, after all workers ended; a trial
//          that fails, fails alone.
// Threads: run() from one thread, once; stop() and ending() from any, before run() too. `notify` is
//          called from any thread, several at a time, and must not throw.
// Lifetime: all that the constructor takes by reference outlives the scheduler.
#pragma once

#include "schedule/course.hpp"
#include "schedule/execution.hpp"
#include "schedule/journal.hpp"
#include "schedule/plan.hpp"
#include "space/search_space.hpp"
#include "study/roles.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dodona::schedule {

class Scheduler {
 public:
  // `judges` as Turns takes them.
  Scheduler(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
            const std::vector<study::Oracle*>& judges, study::HyperModel& model,
            std::function<void(const Notice&)> notify);

  // Returns once no trial runs any more, however long that takes. While it waits for trials that
  // have to stop, those that have been silent for a minute are named in the log.
  End run();
  // Interrupts the search: no trial begins any more, and those that run are dropped once their
  // models obey. They run again in the next search. Returns at once.
  void stop() { course_.end_with(End::kInterrupted, Ending::kInterrupt); }
  Ending ending() const { return course_.ending(); }

 private:
  // How an attempt ended.
  struct Attempt {
    study::Finished result;
    bool interrupted = false;
    bool hopeless = false;  // its values are wrong: Error{kInvalid} or {kInfeasible} of the model
  };
  // How an execution ended.
  struct Executed {
    bool completed = false;
    std::optional<std::string> failure{};
    dodona_status code = DODONA_E_FAILED;                  // of the failure
    study::Outcome outcome = study::Outcome::kModelError;  // of the failure
  };
  using Devices = std::vector<std::string>;  // of a worker

  bool prepares() const { return course_.allows_early_proposals() && all_workers_ > 1; }
  void prepare();
  void wait_for_workers();
  void work(std::uint32_t worker);
  void run_trials(study::Seat& seat, const Devices& devices);
  std::optional<std::uint64_t> next_trial();
  Devices devices_of(std::uint32_t worker) const;
  void run_trial(std::uint64_t trial, study::Seat& seat, const Devices& devices);
  Attempt run_attempt(std::uint64_t trial, std::uint32_t attempt, study::Seat& seat,
                      const Devices& devices);
  Executed execute(Execution& run, study::Seat& seat);

  const Plan plan_;
  Journal& journal_;
  study::HyperModel& model_;
  Course course_;
  const std::uint32_t all_workers_;

  std::mutex turn_mutex_;  // of the worker that looks for its next trial; taken before all others

  std::mutex mutex_;
  std::condition_variable changed_;  // a worker ended, or the search has to
  std::condition_variable all_run_;  // or the search has to end
  bool wants_ahead_ = false;         // all workers run trials, and it is worth it
  std::uint32_t workers_ = 0;
};

}  // namespace dodona::schedule
