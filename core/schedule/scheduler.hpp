// SPDX-License-Identifier: Apache-2.0
//
// Runs a search on parallel workers, until its end.
//
// A worker is a thread inside its own task arena of the trial's thread budget. It asks the course
// for a trial, runs it and tells the course, without handing it over. Only one worker at a time
// looks for its next trial; the others run or queue. While all of them run trials, one more thread
// prepares the next proposal of an oracle that takes its time.
//
// The number of workers may change while it runs. New ones begin at once; of those that are too many
// each leaves when its trial has ended.
//
// Errors:  run() throws what the store or the oracle failed with, after all workers ended; a trial
//          that fails, fails alone.
// Threads: run() from one thread, once; stop(), ending(), pause(), set() and what it answers about
//          itself from any, before run() too. `notify` is called from any thread, several at a time,
//          and must not throw.
// Lifetime: all that the constructor takes by reference outlives the scheduler.
#pragma once

#include "schedule/course.hpp"
#include "schedule/execution.hpp"
#include "schedule/journal.hpp"
#include "schedule/plan.hpp"
#include "space/search_space.hpp"
#include "study/roles.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::schedule {

// One worker of a search, as displays show it.
struct RunnerView {
  // kQueued: waits for a place or tries to get it; kLost: its place is out, and it has left.
  enum class State : std::uint8_t { kStarting = 1, kQueued, kIdle, kBusy, kLost };
  std::string name;  // as in study::Started
  State state = State::kStarting;
  std::optional<std::uint64_t> trial{};
  double seconds = 0.0;      // in this state
  double busy = 0.0;         // seconds with trials
  double here = 0.0;         // seconds
  std::uint64_t losses = 0;  // of runners with a trial
};

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

  // While it is paused no trial begins; those that run go on.
  void pause(bool paused);
  bool paused() const { return course_.paused(); }
  // Other limits, from now on; `max_seconds` counts from the start of the search.
  void set(const Limits& limits);
  Limits limits() const { return course_.limits(); }
  // As Course has it.
  void stop_trial(std::uint64_t trial) { course_.stop_trial(trial); }
  // The workers that are here. Seconds of those that left are counted in `left`.
  struct Runners {
    std::vector<RunnerView> here;
    RunnerView left;
  };
  Runners runners() const;

 private:
  // How an attempt ended.
  struct Attempt {
    study::Finished result;
    double seconds_before = 0.0;  // of its earlier starts
    bool interrupted = false;
    // The runner of an execution was lost, and why.
    std::optional<std::pair<Execution::Place, std::string>> lost{};
    bool hopeless = false;  // its values are wrong: Error{kInvalid} or {kInfeasible} of the model
  };
  // How an execution ended.
  struct Executed {
    bool completed = false;
    std::optional<std::string> failure{};
    std::optional<std::string> lost{};                     // why its runner was lost
    dodona_status code = DODONA_E_FAILED;                  // of the failure
    study::Outcome outcome = study::Outcome::kModelError;  // of the failure
  };
  using Devices = std::vector<std::string>;  // of a worker
  using Lock = std::unique_lock<std::mutex>;
  // A worker, whose thread comes and goes with their number. Times are steady.
  struct Worker {
    std::thread thread;
    bool here = false;
    bool leaves = false;  // as it was one too many
    std::string runner;
    RunnerView::State state = RunnerView::State::kStarting;
    std::optional<std::uint64_t> trial;
    std::int64_t since = 0;  // in this state
    std::int64_t came = 0;   // this thread
    std::int64_t busy = 0;   // with trials of this thread that have ended
    std::uint64_t losses = 0;
    // The devices that it holds, as a range of the plan's.
    std::size_t devices_begin = 0;
    std::size_t devices_end = 0;
  };
  // The right to look for the next trial, which one has at a time.
  class Turn {
   public:
    static constexpr std::uint32_t kNobody = UINT32_MAX;  // in place of a worker's number
    // Waits for it; not taken where the worker is one too many.
    Turn(Scheduler& whose, std::uint32_t number);
    ~Turn();
    bool taken() const { return taken_; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Scheduler& scheduler_;
    bool taken_ = false;
  };

  bool prepares() const { return course_.allows_early_proposals() && wanted_ > 1; }
  void prepare();
  void wake_preparing();
  void begin_workers();
  void wait_for_workers();
  void follow(Lock& lock);
  void work(std::uint32_t number);
  void run_trials(std::uint32_t number, study::Seat& seat, std::uint32_t threads,
                  std::optional<std::uint64_t>& trial);
  void enter(std::uint32_t number, RunnerView::State state,
             std::optional<std::uint64_t> trial = {});
  bool leaves(std::uint32_t number);
  bool is_surplus(std::uint32_t number);
  bool waits_for_lost(std::uint32_t number);
  bool hold_devices(std::uint32_t number);
  void release_devices(Worker& worker);
  std::optional<std::uint64_t> next_trial(std::uint32_t number, study::Seat& seat, bool& ready);
  bool take_trial(std::uint32_t number, study::Seat& seat, std::optional<std::uint64_t>& trial);
  // Returns true if its runner was lost.
  bool run_trial(std::uint64_t trial, study::Seat& seat, const Devices& devices);
  Attempt run_attempt(std::uint64_t trial, std::uint32_t attempt, study::Seat& seat,
                      const Devices& devices);
  Executed execute(Execution& run, study::Seat& seat);
  void fail_as_lost(std::uint64_t trial, Attempt& outcome) const;

  const Plan plan_;
  Journal& journal_;
  study::HyperModel& model_;
  const std::function<void(const Notice&)> notify_;
  Course course_;
  std::chrono::steady_clock::time_point began_{};
  std::thread preparing_;  // of run()

  mutable std::mutex mutex_;
  std::condition_variable changed_;       // a worker ended, `news_`, or the search has to end
  std::condition_variable all_run_;       // or the search has to end
  std::condition_variable turn_free_;     // or other workers are too many
  std::condition_variable devices_free_;  // the same, or the search has to end
  bool wants_ahead_ = false;              // all workers run trials, and it is worth it
  bool news_ = false;                     // it was paused or goes on, or has other limits
  bool turn_taken_ = false;
  std::uint32_t wanted_;          // workers
  std::uint32_t workers_ = 0;     // that are here
  std::deque<Worker> all_;        // that ever were, by number
  std::int64_t busy_before_ = 0;  // of threads that left: with trials,
  std::int64_t here_before_ = 0;  // and in all
};

}  // namespace dodona::schedule
