// SPDX-License-Identifier: Apache-2.0
#include "schedule/scheduler.hpp"

#include "base/assert.hpp"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <limits>
#include <memory>
#include <utility>

namespace dodona::schedule {
namespace {

// The time between two looks for silent trials, once the search waits for them.
constexpr std::chrono::milliseconds kSilencePoll{250};

}  // namespace

Scheduler::Scheduler(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
                     const std::vector<study::Oracle*>& judges, study::HyperModel& model,
                     std::function<void(const Notice&)> notify)
    : plan_(std::move(plan)),
      journal_(journal),
      model_(model),
      course_(plan_, Course::Runs::kHere, journal, space, oracle, judges,
              {std::move(notify),
               [this] {
                 const std::lock_guard lock(mutex_);
                 changed_.notify_all();
                 all_run_.notify_all();
               }}),
      all_workers_(course_.workers()) {}

End Scheduler::run() {
  course_.open();
  std::vector<std::thread> threads;
  std::thread preparing;
  workers_ = all_workers_;
  try {
    if (prepares()) preparing = std::thread([this] { prepare(); });
    while (threads.size() < all_workers_) {
      threads.emplace_back([this, at = static_cast<std::uint32_t>(threads.size())] { work(at); });
    }
  } catch (...) {  // no more threads
    course_.fail_with(std::current_exception(), Ending::kInterrupt);
    const std::lock_guard lock(mutex_);
    workers_ -= all_workers_ - static_cast<std::uint32_t>(threads.size());
  }
  wait_for_workers();
  for (std::thread& thread : threads) thread.join();
  if (preparing.joinable()) preparing.join();
  return course_.close();
}

void Scheduler::wait_for_workers() {
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                            std::chrono::duration<double>(plan_.max_seconds));
  std::unique_lock lock(mutex_);
  const auto done = [this] { return workers_ == 0; };
  const auto stops = [&] { return done() || ending() >= Ending::kStopTrials; };
  if (plan_.max_seconds <= 0) {
    changed_.wait(lock, stops);
  } else if (!changed_.wait_until(lock, deadline, stops)) {
    lock.unlock();
    course_.end_with(End::kMaxSeconds, Ending::kStopTrials);
    lock.lock();
  }
  while (!changed_.wait_for(lock, kSilencePoll, done)) {
    lock.unlock();
    course_.name_silent_trials();
    lock.lock();
  }
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
      course_.prepare();
    }
  } catch (...) {
    course_.fail_with(std::current_exception(), Ending::kNoNewTrials);
  }
}

void Scheduler::work(std::uint32_t worker) {
  // No more slots than oneTBB has threads for: it would print a warning and ignore the rest.
  const std::size_t threads =
      tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  const std::size_t slots = std::clamp<std::size_t>(plan_.threads_per_trial, 1, threads);
  try {
    tbb::task_arena arena(static_cast<int>(slots), 1);
    const std::unique_ptr<study::Seat> seat = model_.seat(worker);
    arena.execute([this, &seat, devices = devices_of(worker)] { run_trials(*seat, devices); });
  } catch (...) {  // of the store: no result can be kept any more
    course_.fail_with(std::current_exception(), Ending::kInterrupt);
  }
  const std::lock_guard lock(mutex_);
  DODONA_ASSERT(workers_ > 0);
  --workers_;
  changed_.notify_all();
}

void Scheduler::run_trials(study::Seat& seat, const Devices& devices) {
  for (;;) {
    std::optional<std::uint64_t> trial;
    try {
      if (!seat.ready([this] { return ending() != Ending::kNone; })) return;
      trial = next_trial();
    } catch (...) {
      course_.fail_with(std::current_exception(), Ending::kNoNewTrials);
    }
    if (!trial) return;
    run_trial(*trial, seat, devices);
  }
}

// As even as it goes, and the same whenever a study is run: nobody waits for a slot.
Scheduler::Devices Scheduler::devices_of(std::uint32_t worker) const {
  const auto begin = [&](std::uint64_t of) {
    const std::uint64_t at = of * plan_.devices.size() / all_workers_;
    return plan_.devices.begin() + static_cast<std::ptrdiff_t>(at);
  };
  return {begin(worker), begin(worker + std::uint64_t{1})};
}

std::optional<std::uint64_t> Scheduler::next_trial() {
  const std::lock_guard turn(turn_mutex_);
  for (;;) {
    const std::uint64_t since = course_.changes();
    std::uint64_t trial = 0;
    switch (course_.next(trial)) {
      case Course::Next::kTrial:
        if (prepares() && course_.out() == all_workers_ && course_.is_worth_preparing()) {
          const std::lock_guard lock(mutex_);
          wants_ahead_ = true;
          all_run_.notify_one();
        }
        return trial;
      case Course::Next::kWait:
        course_.wait_for_change(since);
        break;
      case Course::Next::kMaxTrials:
        course_.end_with(End::kMaxTrials, Ending::kNoNewTrials);
        return std::nullopt;
      case Course::Next::kExhausted:
        course_.end_with(End::kExhausted, Ending::kNoNewTrials);
        return std::nullopt;
      case Course::Next::kEnded:
        return std::nullopt;
    }
  }
}

void Scheduler::run_trial(std::uint64_t trial, study::Seat& seat, const Devices& devices) {
  std::uint32_t attempt =
      journal_.with_state([&](const study::State& state) { return state.trials()[trial].attempt; });
  course_.enter(trial);
  for (;; ++attempt) {
    const auto start = std::chrono::steady_clock::now();
    Attempt outcome = run_attempt(trial, attempt, seat, devices);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    outcome.result.seconds = took.count();
    if (outcome.interrupted) {
      course_.drop(trial);
      return;
    }
    const bool failed = study::is_failure(outcome.result.state);
    const auto refused = failed ? course_.refused(trial) : std::nullopt;
    if (refused) {  // a hyperparameter that the study does not allow is wrong with every trial
      course_.fail_with(std::make_exception_ptr(*refused), Ending::kInterrupt);
    }
    if (refused && refused->code() == DODONA_E_SPACE_CONFLICT) {
      course_.drop(trial);  // the model is wrong, not the trial: it runs again under the right one
      return;
    }
    const bool again = failed && !outcome.hopeless && attempt < plan_.max_retries;
    if (again && ending() < Ending::kStopTrials) continue;
    course_.finish(trial, std::move(outcome.result));
    return;
  }
}

Scheduler::Attempt Scheduler::run_attempt(std::uint64_t trial, std::uint32_t attempt,
                                          study::Seat& seat, const Devices& devices) {
  Attempt outcome;
  study::TrialScore score(plan_.rule);
  std::vector<Assignment> used;
  study::Standing best;  // of all executions
  bool stopped = false;
  bool resumed = false;
  for (std::uint32_t i = 0; i < plan_.executions && !stopped; ++i) {
    if (ending() == Ending::kInterrupt) {
      outcome.interrupted = true;
      return outcome;
    }
    if (i > 0 && ending() == Ending::kStopTrials) {
      stopped = true;
      break;
    }
    const auto run = course_.begin({trial, i, attempt, seat.runner()}, score);
    resumed = resumed || !run->resume_directory.empty();
    if (course_.keeps_best(trial)) run->keep_best(best);
    run->devices = devices;
    const bool idle = run->has_nothing_to_do();
    const Executed executed = idle ? Executed{.completed = true} : execute(*run, seat);
    const bool given_up = !executed.completed && ending() == Ending::kInterrupt;
    if (given_up || run->left_unfilled()) {
      outcome.interrupted = true;
      return outcome;
    }
    used = idle ? course_.values_of(trial) : run->used();
    run->close();
    if (executed.failure) {
      const bool infeasible = executed.code == kInfeasible;
      outcome.hopeless = infeasible || executed.code == kInvalid;
      outcome.result.state = study::TrialState::kFailed;
      outcome.result.outcome = infeasible ? study::Outcome::kInfeasible : executed.outcome;
      outcome.result.message = *executed.failure;
      outcome.result.assignments = course_.values_of(trial);
      return outcome;
    }
    stopped = !executed.completed;
  }
  outcome.result = score.outcome(journal_.names());
  // It has nothing to do where its model's patience ended exactly at the checkpoint, too.
  if (resumed && score.is_empty()) course_.inherit(trial, outcome.result);
  outcome.result.assignments = std::move(used);
  if (stopped && outcome.result.state != study::TrialState::kInvalid) {
    outcome.result.state = study::TrialState::kStopped;
    outcome.result.message.clear();
  }
  return outcome;
}

Scheduler::Executed Scheduler::execute(Execution& run, study::Seat& seat) {
  Executed executed;
  try {
    run.check_constraints();
    executed.completed = seat.execute(run) && !run.told_to_stop();
    if (run.infeasible()) throw Error(*run.infeasible());  // the model went on all the same
    if (!executed.completed && !run.cancelled()) {
      executed.failure = "the hypermodel gave up without being told to";
    }
  } catch (const std::exception& error) {
    executed.failure = error.what();
    const auto* coded = dynamic_cast<const Error*>(&error);
    if (coded != nullptr) executed.code = coded->code();
    const auto* ended = dynamic_cast<const study::RunFailed*>(&error);
    if (ended != nullptr) executed.outcome = ended->outcome;
  } catch (...) {
    executed.failure = "the hypermodel threw what is not a std::exception";
  }
  return executed;
}

}  // namespace dodona::schedule
