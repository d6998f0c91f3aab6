// SPDX-License-Identifier: Apache-2.0
#include "schedule/scheduler.hpp"

#include "base/assert.hpp"
#include "study/seed.hpp"

#include <dodona/random.hpp>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>
#include <utility>

namespace dodona::schedule {
namespace {

constexpr std::size_t kUnobservedMax = 4096;

// Whether a plugin gave up because it was to.
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
                     study::HyperModel& model, std::function<void(const Notice&)> notify)
    : plan_(std::move(plan)),
      journal_(journal),
      space_(space),
      oracle_(oracle),
      model_(model),
      notify_(std::move(notify)) {
  journal_.with_state([&](const study::State& state) {
    for (std::size_t i = 0; i < state.trials().size(); ++i) {
      if (!study::is_final(state.trials()[i].state)) reruns_.push_back(i);
    }
  });
}

// Gives the oracle the log so far.
void Scheduler::catch_up() {
  const auto [end, params] = journal_.take_unobserved(observing_);
  journal_.wait_durable(end);
  show_space(params);
  std::vector<study::Event> batch;
  journal_.store().read(0, [&, last = end](const study::Event& event) {
    batch.push_back(event);
    if (batch.size() == 1024 || event.sequence + 1 == last) {
      oracle_.observe(batch);
      batch.clear();
    }
    return event.sequence + 1 < last;
  });
  observed_ = end;
}

End Scheduler::run() {
  catch_up();
  const std::chrono::duration<double> time(plan_.max_seconds);
  if (plan_.max_seconds > 0) {
    using Nanos = std::chrono::nanoseconds;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    deadline_unix_nanos_ = std::chrono::duration_cast<Nanos>(now + time).count();
  }
  std::vector<std::thread> threads;
  workers_ = plan_.parallel_trials;
  try {
    while (threads.size() < plan_.parallel_trials) threads.emplace_back([this] { work(); });
  } catch (...) {  // no more threads
    fail_with(std::current_exception());
    const std::lock_guard lock(mutex_);
    workers_ -= plan_.parallel_trials - static_cast<std::uint32_t>(threads.size());
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
  if (error_) std::rethrow_exception(error_);
  DODONA_ASSERT(end_.has_value());
  return *end_;
}

void Scheduler::work() {
  // No more slots than oneTBB has threads for: it would print a warning and ignore the rest.
  const std::size_t threads =
      tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  const std::size_t slots = std::clamp<std::size_t>(plan_.threads_per_trial, 1, threads);
  tbb::task_arena arena(static_cast<int>(slots), 1);
  try {
    arena.execute([this] {
      while (const auto trial = next_trial()) run_trial(*trial);
    });
  } catch (...) {
    fail_with(std::current_exception());
  }
  const std::lock_guard lock(mutex_);
  --workers_;
  changed_.notify_all();
}

// The first end stands; a harder ending replaces a softer one.
void Scheduler::end_with(End end, Ending ending) {
  const std::lock_guard lock(mutex_);
  const bool first = !end_;
  const bool harder = ending > ending_.load(std::memory_order_relaxed);
  if (first || end == End::kInterrupted) end_ = end;
  if (harder) ending_.store(ending, std::memory_order_relaxed);
  changed_.notify_all();
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
    const bool alone = first_trial_pending();
    if (alone && running_ > 0) {
      changed_.wait(lock);
      continue;
    }
    const std::uint32_t running = running_;
    lock.unlock();
    const auto trial = alone ? propose_empty() : propose();
    lock.lock();
    if (trial) {
      ++running_;
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

void Scheduler::observe() {
  const auto [end, params] = journal_.take_unobserved(observing_);
  observed_ = end;
  if (params != oracle_space_) show_space(params);
  if (!observing_.empty()) oracle_.observe(observing_);
}

// The definitions of the events that the oracle observes, and no later ones: `seen` says all that a
// proposal rests on.
void Scheduler::show_space(std::size_t params) {
  const auto snapshot = space_.snapshot();
  const std::vector<Param>& all = snapshot->space.params();
  DODONA_ASSERT(params <= all.size());
  oracle_space_ = params;
  if (params == all.size()) {
    oracle_.set_space(snapshot->space);
    return;
  }
  Space known;
  for (std::size_t i = 0; i < params; ++i) known.add(all[i]);
  oracle_.set_space(known);
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
  const std::lock_guard lock(oracle_mutex_);
  observe();
  const std::uint64_t trial =
      journal_.with_state([](const study::State& state) { return state.trials().size(); });
  const auto push = [&](study::Proposed&& proposal) {
    append_proposed(trial, std::move(proposal));
  };
  switch (oracle_.propose(trial, push)) {
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

// The first trial of a model that does not declare runs on default values, and what it asks for
// becomes the space.
std::uint64_t Scheduler::propose_empty() {
  const std::lock_guard lock(oracle_mutex_);
  const std::uint64_t trial =
      journal_.with_state([](const study::State& state) { return state.trials().size(); });
  append_proposed(trial, {});
  return trial;
}

void Scheduler::append_proposed(std::uint64_t trial, study::Proposed&& proposal) {
  proposal.seen = observed_;
  const std::uint64_t most = plan_.max_steps;
  if (most > 0 && (proposal.budget == 0 || proposal.budget > most)) proposal.budget = most;
  journal_.append(trial, std::move(proposal));
}

void Scheduler::run_trial(std::uint64_t trial) {
  std::uint32_t attempt =
      journal_.with_state([&](const study::State& state) { return state.trials()[trial].attempt; });
  for (;; ++attempt) {
    Attempt outcome = run_attempt(trial, attempt);
    if (outcome.interrupted) break;
    const bool failed = outcome.result.state == study::TrialState::kFailed ||
                        outcome.result.state == study::TrialState::kInvalid;
    if (failed && attempt < plan_.max_retries && ending() < Ending::kStopTrials) continue;
    finish(trial, std::move(outcome.result));
    break;
  }
  if (!plan_.directory.empty()) {  // goes only if the trial left nothing in it
    std::error_code ignored;
    std::filesystem::remove(directory_of(trial), ignored);
  }
  const std::lock_guard lock(mutex_);
  --running_;
  changed_.notify_all();
}

Scheduler::Attempt Scheduler::run_attempt(std::uint64_t trial, std::uint32_t attempt) {
  const auto values_now = [&] {
    return journal_.with_state([&](const study::State& state) { return state.trials()[trial]; });
  };
  Attempt outcome;
  study::TrialScore score(plan_.rule);
  std::vector<Assignment> used;
  bool stopped = false;
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
    Execution run(place, values, *this, journal_, space_, score, plan_.rule);
    run.budget = values.budget;
    configure(run);
    std::optional<std::string> failure;
    bool completed = false;
    try {
      completed = model_.execute(run) && !run.told_to_stop();
      if (!completed && !run.cancelled()) failure = "the hypermodel gave up without being told to";
    } catch (const std::exception& error) {
      failure = error.what();
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
      return outcome;
    }
    stopped = !completed;
  }
  outcome.result = score.outcome(journal_.names());
  outcome.result.assignments = std::move(used);
  if (stopped && outcome.result.state != study::TrialState::kInvalid) {
    outcome.result.state = study::TrialState::kStopped;
    outcome.result.message.clear();
  }
  return outcome;
}

std::string Scheduler::directory_of(std::uint64_t trial) const {
  return plan_.directory + "/trials/" + std::to_string(trial);
}

void Scheduler::configure(Execution& run) const {
  run.seed = study::execution_seed(plan_.seed, run.trial, run.execution, run.attempt);
  run.threads = plan_.threads_per_trial;
  run.deadline_unix_nanos = deadline_unix_nanos_;
  if (plan_.directory.empty()) return;
  run.directory = directory_of(run.trial);
  std::error_code error;
  std::filesystem::create_directories(run.directory, error);
  if (error) {
    throw Error(DODONA_E_IO, "cannot create " + run.directory + ": " + error.message());
  }
}

void Scheduler::finish(std::uint64_t trial, study::Finished&& result) {
  const double objective = result.objective;
  journal_.wait_durable(journal_.append(trial, std::move(result)));
  notify_({Notice::Kind::kFinished, trial, 0, 0, 0, objective});
  if (plan_.max_consecutive_failures == 0) return;
  const std::uint64_t failures =
      journal_.with_state([](const study::State& state) { return state.consecutive_failures(); });
  if (failures >= plan_.max_consecutive_failures) end_with(End::kFailures, Ending::kNoNewTrials);
}

study::Verdict Scheduler::judge(const study::Event& report) {
  if (ending() == Ending::kStopTrials) return study::Verdict::kStopTrial;
  if (!oracle_.judges()) return study::Verdict::kContinue;
  const std::lock_guard lock(oracle_mutex_);
  const study::Verdict verdict = ask_oracle([&] {
    observe();
    return oracle_.judge(report);
  });
  if (verdict == study::Verdict::kStopStudy) end_with(End::kExhausted, Ending::kStopTrials);
  return verdict;
}

void Scheduler::reported(std::uint64_t trial, std::uint32_t attempt,
                         const study::Reported& report) {
  notify_(
      {Notice::Kind::kReported, trial, report.execution, attempt, report.step, report.objective});
  // Long trials: what nobody asks the oracle about must not pile up.
  if (journal_.unobserved() < kUnobservedMax) return;
  const std::unique_lock lock(oracle_mutex_, std::try_to_lock);
  if (lock) ask_oracle([&] { observe(); });
}

Cell Scheduler::fill(std::uint64_t trial, bool first_trial, const Param& param) {
  if (first_trial) return param.initial;
  if (const auto cell = ask_oracle([&] { return oracle_.fill(trial, param); })) return *cell;
  const auto lane = static_cast<std::uint32_t>(name_hash(param.name));
  return from_unit(param, RandomStream(plan_.seed, trial, Purpose::kFill, lane).uniform());
}

}  // namespace dodona::schedule
