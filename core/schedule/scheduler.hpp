// SPDX-License-Identifier: Apache-2.0
//
// Runs a search: propose, claim, run, finish, on parallel workers, until its end.
//
// A worker is a thread inside its own task arena of the trial's thread budget. It proposes, runs
// and finishes a trial itself, without handing it over. Only one worker at a time looks for its
// next trial; the others run or queue. While all of them run trials, one more thread prepares the
// next proposal of an oracle that takes its time.
//
// Errors:  run() throws what the store or the oracle failed with, after all workers ended; a trial
//          that fails, fails alone.
// Threads: run() from one thread; stop() and ending() from any.
#pragma once

#include "schedule/checkpoints.hpp"
#include "schedule/execution.hpp"
#include "schedule/held_trial.hpp"
#include "schedule/journal.hpp"
#include "schedule/proposer.hpp"
#include "space/search_space.hpp"
#include "study/roles.hpp"
#include "study/score.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dodona::schedule {

// Limits are 0 where there is none.
struct Plan {
  std::uint64_t seed = 0;
  study::ScoreRule rule;
  std::uint64_t max_trials = 0;
  double max_seconds = 0.0;
  std::uint64_t max_steps = 0;
  std::uint32_t executions = 1;
  std::uint32_t parallel_trials = 1;
  std::uint32_t threads_per_trial = 1;
  std::uint32_t max_retries = 0;
  std::uint32_t max_consecutive_failures = 0;
  std::vector<std::string> devices;  // dealt out among the workers; as many as they, or none
  std::uint32_t lag = 0;             // see Proposer
  // Called once, when the space is known and nothing was proposed from it yet in this search.
  std::function<void()> on_space_known;
  bool declared = false;    // the hypermodel described the space
  bool keeps_last = false;  // the oracle's proposals go on from earlier trials
  std::uint64_t keep = 0;   // of so many of the best trials the best model stays
  std::string directory;    // of the project; empty where nothing is written
};

enum class End : std::uint8_t { kMaxTrials = 1, kExhausted, kMaxSeconds, kInterrupted, kFailures };

// Something that happened, for displays.
struct Notice {
  enum class Kind : std::uint8_t { kStarted = 1, kReported, kFinished };
  Kind kind = Kind::kStarted;
  std::uint64_t trial = 0;
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint64_t step = 0;
  double objective = study::kNoScore;
};

class Scheduler : private Supervisor {
 public:
  // `judges` as Proposer takes them.
  Scheduler(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
            const std::vector<study::Oracle*>& judges, study::HyperModel& model,
            std::function<void(const Notice&)> notify);

  End run();
  void stop() { end_with(End::kInterrupted, Ending::kInterrupt); }
  Ending ending() const override { return ending_.load(std::memory_order_relaxed); }

 private:
  // How an attempt ended.
  struct Attempt {
    study::Finished result;
    bool interrupted = false;
    bool hopeless = false;  // its values are wrong, as the model said by Error{kInvalid}
  };

  bool prepares() const { return plan_.lag == 0 && all_workers_ > 1; }
  void prepare();
  void work(std::uint32_t worker);
  std::optional<std::uint64_t> next_trial();
  bool first_trial_pending() const;
  std::optional<std::uint64_t> propose();
  // `devices`: those of the worker.
  using Devices = std::vector<std::string>;
  Devices devices_of(std::uint32_t worker) const;
  void run_trial(std::uint64_t trial, const Devices& devices);
  Attempt run_attempt(std::uint64_t trial, std::uint32_t attempt, const Devices& devices);
  void inherit(std::uint64_t from, std::uint64_t trial, study::Finished& result) const;
  void configure(Execution& run, const study::Trial& values) const;
  void ended(std::uint64_t trial, double objective);
  void finish(std::uint64_t trial, study::Finished&& result);
  // What of the model's hyperparameters ended the search, if that is what failed the trial.
  enum class Refused : std::uint8_t { kNothing = 1, kNew, kChanged };
  Refused end_where_refused(std::uint64_t trial);
  void hold(std::uint64_t trial);
  HeldTrial* held(std::uint64_t trial);
  bool settle(std::uint64_t trial);
  void settle_all();
  void check_streaks(const study::Streaks& streaks);
  template <class Function>
  auto ask_oracle(Function&& function);
  void end_with(End end, Ending ending);
  void fail_with(std::exception_ptr error);

  study::Verdict judge(const study::Event& report) override;
  void reported(const Execution& run, std::uint64_t step, double objective) override;
  Cell fill(std::uint64_t trial, bool first_trial, const Param& param) override;
  void filled(std::uint64_t trial, const Assignment& assignment) override;
  void grown(std::uint32_t first, const std::vector<Param>& params) override;

  const Plan plan_;
  Journal& journal_;
  space::SearchSpace& space_;
  study::HyperModel& model_;
  const std::function<void(const Notice&)> notify_;

  Checkpoints checkpoints_;
  std::int64_t deadline_unix_nanos_ = 0;
  std::uint32_t all_workers_ = 0;
  bool space_known_ = false;  // turn_mutex_

  std::mutex turn_mutex_;           // whoever looks for the next trial; taken before all others
  std::uint64_t settled_ = 0;       // with a lag: trials whose end was seen in turn
  study::Streaks streaks_in_turn_;  // of them
  Proposer proposer_;               // its locks are taken before mutex_

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable all_run_;  // or the search ends
  bool wants_ahead_ = false;         // all workers run trials, and it is worth it
  std::deque<std::uint64_t> reruns_;
  std::map<std::uint64_t, std::unique_ptr<HeldTrial>> held_;  // with a lag: running, or not joined
  std::uint32_t running_ = 0;
  std::uint32_t workers_ = 0;
  std::optional<End> end_;
  std::exception_ptr error_;
  std::atomic<Ending> ending_ = Ending::kNone;
};

}  // namespace dodona::schedule
