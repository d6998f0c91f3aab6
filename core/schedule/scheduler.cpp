// SPDX-License-Identifier: Apache-2.0
#include "schedule/scheduler.hpp"

#include "base/assert.hpp"
#include "study/seed.hpp"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <thread>
#include <utility>

namespace dodona::schedule {
namespace {

// So many trials whose objective is not finite end a search in which no trial has a score.
constexpr std::uint64_t kMaxInvalidWithoutScore = 10;

// True if the error only says that a plugin obeyed a cancellation.
bool was_cancelled(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& thrown) {
    return thrown.code() == DODONA_E_CANCELLED;
  } catch (...) {
    return false;
  }
}

}  // namespace

Scheduler::Scheduler(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
                     const std::vector<study::Oracle*>& judges, study::HyperModel& model,
                     std::function<void(const Notice&)> notify)
    : plan_(std::move(plan)),
      journal_(journal),
      space_(space),
      model_(model),
      notify_(std::move(notify)),
      checkpoints_(plan_.directory, plan_.keep),
      proposer_({plan_.seed, plan_.max_steps, plan_.lag, plan_.parallel_trials}, journal, space,
                oracle, judges, [this](std::uint64_t trial) { return settle(trial); }) {
  journal_.with_state([&](const study::State& state) {
    for (std::size_t i = 0; i < state.trials().size(); ++i) {
      const study::TrialState now = state.trials()[i].state;
      if (!study::is_final(now)) {
        reruns_.push_back(i);
      } else if (settled_ == i) {  // an earlier search saw its end in turn
        ++settled_;
        streaks_in_turn_.add(now);
      }
    }
  });
}

End Scheduler::run() {
  proposer_.catch_up();
  journal_.with_state([&](const study::State& state) { checkpoints_.begin(state); });
  const std::chrono::duration<double> time(plan_.max_seconds);
  if (plan_.max_seconds > 0) {
    using Nanos = std::chrono::nanoseconds;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    deadline_unix_nanos_ = std::chrono::duration_cast<Nanos>(now + time).count();
  }
  std::vector<std::thread> threads;
  std::thread preparing;
  const std::uint32_t workers =
      plan_.lag > 0 ? std::min(plan_.parallel_trials, plan_.lag) : plan_.parallel_trials;
  workers_ = all_workers_ = workers;
  try {
    if (prepares()) preparing = std::thread([this] { prepare(); });
    while (threads.size() < workers) {
      threads.emplace_back([this, at = static_cast<std::uint32_t>(threads.size())] { work(at); });
    }
  } catch (...) {  // no more threads
    fail_with(std::current_exception());
    const std::lock_guard lock(mutex_);
    workers_ -= workers - static_cast<std::uint32_t>(threads.size());
  }
  {
    const auto deadline = std::chrono::steady_clock::now() + time;
    std::unique_lock lock(mutex_);
    const auto done = [this] { return workers_ == 0; };
    if (plan_.max_seconds > 0 && !changed_.wait_until(lock, deadline, done)) {
      lock.unlock();
      end_with(End::kMaxSeconds, Ending::kStopTrials);
    }
  }
  for (std::thread& thread : threads) thread.join();
  if (preparing.joinable()) preparing.join();
  settle_all();
  if (end_ == End::kExhausted && plan_.keeps_last) {
    const std::uint64_t count =
        journal_.with_state([](const study::State& state) { return state.trials().size(); });
    checkpoints_.drop_last(count, plan_.executions);
  }
  if (error_) std::rethrow_exception(error_);
  DODONA_ASSERT(end_.has_value());
  return *end_;
}

// Until the search comes to its end.
void Scheduler::prepare() {
  try {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        all_run_.wait(lock, [this] { return wants_ahead_ || ending() != Ending::kNone; });
      }
      const std::lock_guard turn(turn_mutex_);
      {
        const std::lock_guard lock(mutex_);
        if (ending() != Ending::kNone) return;
        wants_ahead_ = false;
      }
      const std::uint64_t proposed =
          journal_.with_state([](const study::State& state) { return state.trials().size(); });
      if (plan_.max_trials == 0 || proposed < plan_.max_trials) proposer_.prepare();
    }
  } catch (...) {
    fail_with(std::current_exception());
  }
}

void Scheduler::work(std::uint32_t worker) {
  // No more slots than oneTBB has threads for: it would print a warning and ignore the rest.
  const std::size_t threads =
      tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  const std::size_t slots = std::clamp<std::size_t>(plan_.threads_per_trial, 1, threads);
  tbb::task_arena arena(static_cast<int>(slots), 1);
  try {
    arena.execute([this, devices = devices_of(worker)] {
      while (const auto trial = next_trial()) run_trial(*trial, devices);
    });
  } catch (...) {
    fail_with(std::current_exception());
  }
  const std::lock_guard lock(mutex_);
  --workers_;
  changed_.notify_all();
}

// As even as it goes, and the same whenever a study is run: nobody waits for a slot.
Scheduler::Devices Scheduler::devices_of(std::uint32_t worker) const {
  const auto begin = [&](std::uint64_t of) {
    const std::uint64_t at = of * plan_.devices.size() / all_workers_;
    return plan_.devices.begin() + static_cast<std::ptrdiff_t>(at);
  };
  return {begin(worker), begin(worker + std::uint64_t{1})};
}

// The first end stands; a harder ending replaces a softer one.
void Scheduler::end_with(End end, Ending ending) {
  const std::lock_guard lock(mutex_);
  const bool first = !end_;
  const bool harder = ending > ending_.load(std::memory_order_relaxed);
  if (first || end == End::kInterrupted) end_ = end;
  if (harder) ending_.store(ending, std::memory_order_relaxed);
  changed_.notify_all();
  all_run_.notify_one();
}

void Scheduler::fail_with(std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    const bool told_to = ending() == Ending::kInterrupt && was_cancelled(error);
    if (!error_ && !told_to) error_ = std::move(error);
  }
  end_with(End::kInterrupted, Ending::kInterrupt);
}

// A space that is not declared is complete once a trial that asked for it ended.
bool Scheduler::first_trial_pending() const {
  if (plan_.declared) return false;
  return journal_.with_state([](const study::State& state) {
    const bool known = !state.params().empty() || state.count(study::TrialState::kCompleted) > 0;
    return state.finished() == 0 || !known;
  });
}

std::optional<std::uint64_t> Scheduler::next_trial() {
  const std::lock_guard turn(turn_mutex_);
  std::unique_lock lock(mutex_);
  for (;;) {
    if (ending() != Ending::kNone) return std::nullopt;
    if (!reruns_.empty()) {
      const std::uint64_t trial = reruns_.front();
      reruns_.pop_front();
      ++running_;
      return trial;
    }
    const std::uint64_t proposed =
        journal_.with_state([](const study::State& state) { return state.trials().size(); });
    if (plan_.max_trials > 0 && proposed >= plan_.max_trials) {
      lock.unlock();
      end_with(End::kMaxTrials, Ending::kNoNewTrials);
      return std::nullopt;
    }
    if (first_trial_pending()) {
      if (running_ > 0) {
        changed_.wait(lock);
        continue;
      }
      lock.unlock();
      settle_all();
      lock.lock();
    }
    const std::uint32_t running = running_;
    lock.unlock();
    const auto trial = propose();
    lock.lock();
    if (trial) {
      if (++running_ == all_workers_ && prepares() && proposer_.is_worth_preparing()) {
        wants_ahead_ = true;
        all_run_.notify_one();
      }
      return trial;
    }
    if (ending() != Ending::kNone) return std::nullopt;
    // The oracle waits: for one of those that ran when it was asked.
    if (running == 0) {
      throw Error(DODONA_E_PLUGIN, "the oracle waits although no trial is running");
    }
    if (running == running_) changed_.wait(lock);
  }
}

// An oracle that fails during a trial has lost events: that ends the search, not the trial.
template <class Function>
auto Scheduler::ask_oracle(Function&& function) {
  try {
    return function();
  } catch (...) {
    fail_with(std::current_exception());
    throw;
  }
}

std::optional<std::uint64_t> Scheduler::propose() {
  const std::uint64_t trial =
      journal_.with_state([](const study::State& state) { return state.trials().size(); });
  if (first_trial_pending()) {
    proposer_.propose_empty();
    return trial;
  }
  if (!space_known_ && plan_.on_space_known) plan_.on_space_known();
  space_known_ = true;
  switch (proposer_.propose()) {
    case study::Answer::kProposed:
      return trial;
    case study::Answer::kExhausted:
      end_with(End::kExhausted, Ending::kNoNewTrials);
      break;
    case study::Answer::kWait:
      break;
  }
  return std::nullopt;
}

// With a lag: whether a trial has ended, and its end is in the log by now.
bool Scheduler::settle(std::uint64_t trial) {
  std::unique_ptr<HeldTrial> held;
  {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(trial);
    if (found != held_.end() && found->second->ended()) {
      held = std::move(found->second);
      held_.erase(found);
    }
  }
  if (held != nullptr) {
    ended(trial, held->join(trial, space_, journal_));
  }
  const auto state =
      journal_.with_state([&](const study::State& now) { return now.trials()[trial].state; });
  if (!study::is_final(state)) return false;
  if (trial == settled_) {  // turn_mutex_ is held, or no worker is left
    ++settled_;
    streaks_in_turn_.add(state);
    check_streaks(streaks_in_turn_);
  }
  return true;
}

// With a lag: the trials whose turn would come if nothing else were proposed.
void Scheduler::settle_all() {
  if (plan_.lag == 0) return;
  const std::uint64_t count =
      journal_.with_state([](const study::State& state) { return state.trials().size(); });
  for (std::uint64_t trial = 0; trial < count && settle(trial); ++trial) {
  }
}

void Scheduler::check_streaks(const study::Streaks& streaks) {
  const std::uint64_t most = plan_.max_consecutive_failures;
  const bool failing = most > 0 && streaks.failed >= most;
  const bool senseless = !streaks.scored && streaks.invalid >= kMaxInvalidWithoutScore;
  if (failing || senseless) end_with(End::kFailures, Ending::kNoNewTrials);
}

void Scheduler::run_trial(std::uint64_t trial, const Devices& devices) {
  std::uint32_t attempt =
      journal_.with_state([&](const study::State& state) { return state.trials()[trial].attempt; });
  hold(trial);
  for (;; ++attempt) {
    Attempt outcome = run_attempt(trial, attempt, devices);
    if (outcome.interrupted) break;
    const bool failed = study::is_failure(outcome.result.state);
    // What is wrong is the model, not the trial: it runs again under the right one.
    if (failed && end_where_refused(trial) == Refused::kChanged) break;
    const bool again = failed && !outcome.hopeless;
    if (again && attempt < plan_.max_retries && ending() < Ending::kStopTrials) continue;
    finish(trial, std::move(outcome.result));
    break;
  }
  if (!plan_.directory.empty()) {  // goes only if the trial left nothing in it
    std::error_code ignored;
    std::filesystem::remove(trial_directory(plan_.directory, trial), ignored);
  }
  const std::lock_guard lock(mutex_);
  --running_;
  changed_.notify_all();
}

// A hyperparameter that the study does not allow is wrong with every trial.
Scheduler::Refused Scheduler::end_where_refused(std::uint64_t trial) {
  HeldTrial* const own = held(trial);
  const auto refused = (own != nullptr ? own->space() : space_).refused();
  if (!refused) return Refused::kNothing;
  fail_with(std::make_exception_ptr(*refused));
  return refused->code() == DODONA_E_SPACE_CONFLICT ? Refused::kChanged : Refused::kNew;
}

// With a lag, the trial gets a space of its own.
void Scheduler::hold(std::uint64_t trial) {
  if (plan_.lag == 0) return;
  const auto known = journal_.with_state([&](const study::State& state) {
    const auto begin = state.params().begin();
    const std::size_t count = state.params_before(state.trials()[trial].seen);
    return std::vector<Param>(begin, begin + static_cast<std::ptrdiff_t>(count));
  });
  auto held = std::make_unique<HeldTrial>(space_.overrides(), known, space_.kept());
  const std::lock_guard lock(mutex_);
  held_[trial] = std::move(held);
}

HeldTrial* Scheduler::held(std::uint64_t trial) {
  if (plan_.lag == 0) return nullptr;
  const std::lock_guard lock(mutex_);
  return held_.at(trial).get();
}

Scheduler::Attempt Scheduler::run_attempt(std::uint64_t trial, std::uint32_t attempt,
                                          const Devices& devices) {
  const auto values_now = [&] {
    return journal_.with_state([&](const study::State& state) { return state.trials()[trial]; });
  };
  HeldTrial* const own = held(trial);
  Attempt outcome;
  study::TrialScore score(plan_.rule);
  std::vector<Assignment> used;
  double best = std::numeric_limits<double>::infinity();  // of all executions
  bool stopped = false;
  std::uint64_t resumed = study::kNoTrial;  // the trial from whose checkpoint this one went on
  for (std::uint32_t i = 0; i < plan_.executions && !stopped; ++i) {
    if (ending() == Ending::kInterrupt) {
      outcome.interrupted = true;
      return outcome;
    }
    if (i > 0 && ending() == Ending::kStopTrials) {
      stopped = true;
      break;
    }
    journal_.append(trial, study::Started{i, attempt});
    notify_({Notice::Kind::kStarted, trial, i, attempt, 0, study::kNoScore});
    const Execution::Place place{trial, i, attempt};
    const study::Trial values = values_now();
    space::SearchSpace& space = own != nullptr ? own->space() : space_;
    Execution run(place, values, *this, journal_, space, score, plan_.rule);
    run.budget = values.budget;
    configure(run, values);
    if (!run.resume_directory.empty()) resumed = values.resume_of;
    if (checkpoints_.keeps_best()) run.keep_best(best);
    run.devices = devices;
    std::optional<std::string> failure;
    bool completed = false;
    try {
      completed = model_.execute(run) && !run.told_to_stop();
      if (!completed && !run.cancelled()) failure = "the hypermodel gave up without being told to";
    } catch (const std::exception& error) {
      failure = error.what();
      const auto* coded = dynamic_cast<const Error*>(&error);
      outcome.hopeless = coded != nullptr && coded->code() == DODONA_E_INVALID;
    } catch (...) {
      failure = "the hypermodel threw what is not a std::exception";
    }
    if (!completed && ending() == Ending::kInterrupt) {
      outcome.interrupted = true;
      return outcome;
    }
    used = run.used();
    run.close();
    if (failure) {
      outcome.result.state = study::TrialState::kFailed;
      outcome.result.message = *failure;
      const study::Trial failed = values_now();  // with what was filled
      outcome.result.assignments.assign(failed.assignments.begin(), failed.assignments.end());
      if (own != nullptr) {
        outcome.result.assignments.insert(outcome.result.assignments.end(), own->filled().begin(),
                                          own->filled().end());
      }
      return outcome;
    }
    stopped = !completed;
  }
  outcome.result = score.outcome(journal_.names());
  if (resumed != study::kNoTrial && score.is_empty()) inherit(resumed, trial, outcome.result);
  outcome.result.assignments = std::move(used);
  if (stopped && outcome.result.state != study::TrialState::kInvalid) {
    outcome.result.state = study::TrialState::kStopped;
    outcome.result.message.clear();
  }
  return outcome;
}

// A promoted trial has nothing to do where its model's patience ended exactly at the checkpoint. It
// keeps the result and the models of the trial from which it went on.
void Scheduler::inherit(std::uint64_t from, std::uint64_t trial, study::Finished& result) const {
  journal_.with_state([&](const study::State& state) {
    const study::Trial& before = state.trials()[from];
    if (study::is_failure(before.state) || !study::is_final(before.state)) return;
    result.state = study::TrialState::kCompleted;
    result.metrics.assign(before.metrics.begin(), before.metrics.end());
    result.executions.assign(before.executions.begin(), before.executions.end());
    result.objective = before.score;
    result.best_step = before.best_step;
    result.message.clear();
  });
  if (result.state == study::TrialState::kCompleted)
    checkpoints_.inherit(from, trial, plan_.executions);
}

void Scheduler::configure(Execution& run, const study::Trial& values) const {
  run.seed = study::execution_seed(plan_.seed, run.trial, run.execution, run.attempt);
  run.threads = plan_.threads_per_trial;
  run.deadline_unix_nanos = deadline_unix_nanos_;
  if (plan_.keeps_last) run.keep_last();
  if (values.resume_of != study::kNoTrial) {
    const std::string from =
        last_checkpoint(trial_directory(plan_.directory, values.resume_of), run.execution);
    std::error_code ignored;
    if (!plan_.directory.empty() && std::filesystem::is_directory(from, ignored)) {
      run.resume_directory = from;
    } else {
      run.start_over();
    }
  }
  run.directory = trial_directory(plan_.directory, run.trial);
}

void Scheduler::ended(std::uint64_t trial, double objective) {
  const auto [state, score] = journal_.with_state([&](const study::State& now) {
    return std::pair(now.trials()[trial].state, now.trials()[trial].score);
  });
  checkpoints_.ended(trial, state, score);
  notify_({Notice::Kind::kFinished, trial, 0, 0, 0, objective});
}

void Scheduler::finish(std::uint64_t trial, study::Finished&& result) {
  if (plan_.lag > 0) {
    const std::lock_guard lock(mutex_);
    const auto own = held_.find(trial);
    if (own->second->grew()) {
      own->second->end(std::move(result));  // until its turn
      return;
    }
    held_.erase(own);
  }
  const double objective = result.objective;
  journal_.wait_durable(journal_.append(trial, std::move(result)));
  ended(trial, objective);
  if (plan_.lag > 0) return;  // failures count in the order of turns
  check_streaks(journal_.with_state([](const study::State& state) { return state.streaks(); }));
}

study::Verdict Scheduler::judge(const study::Event& report) {
  if (ending() == Ending::kStopTrials) return study::Verdict::kStopTrial;
  const study::Verdict verdict = ask_oracle([&] { return proposer_.judge(report); });
  if (verdict == study::Verdict::kStopStudy) end_with(End::kExhausted, Ending::kStopTrials);
  return verdict;
}

void Scheduler::reported(const Execution& run, std::uint64_t step, double objective) {
  notify_({Notice::Kind::kReported, run.trial, run.execution, run.attempt, step, objective});
  ask_oracle([&] { proposer_.relieve(); });
}

Cell Scheduler::fill(std::uint64_t trial, bool first_trial, const Param& param) {
  if (first_trial) return param.initial;
  return ask_oracle([&] { return proposer_.fill(trial, param); });
}

void Scheduler::filled(std::uint64_t trial, const Assignment& assignment) {
  if (HeldTrial* const own = held(trial)) {
    own->fill(assignment);
  } else {
    journal_.append(trial, study::Filled{assignment});
  }
}

void Scheduler::grown(std::uint32_t first, const std::vector<Param>& params) {
  if (plan_.lag == 0) journal_.append(study::kNoTrial, study::SpaceGrown{first, params});
}

}  // namespace dodona::schedule
