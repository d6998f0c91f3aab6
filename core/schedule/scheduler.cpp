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

// Of a limit in seconds. Far more than a thousand years fits into no clock.
std::chrono::steady_clock::duration to_clock(double seconds) {
  constexpr double longest = 1e9;
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(std::min(seconds, longest)));
}

}  // namespace

Scheduler::Scheduler(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
                     const std::vector<study::Oracle*>& judges, study::HyperModel& model,
                     std::function<void(const Notice&)> notify)
    : plan_(std::move(plan)),
      journal_(journal),
      model_(model),
      notify_(std::move(notify)),
      course_(plan_, Course::Runs::kHere, journal, space, oracle, judges,
              {notify_,
               [this] {
                 const std::lock_guard lock(mutex_);
                 changed_.notify_all();
                 all_run_.notify_all();
                 devices_free_.notify_all();
               }}),
      wanted_(course_.workers()) {}

End Scheduler::run() {
  course_.open();
  began_ = std::chrono::steady_clock::now();
  try {
    const std::lock_guard lock(mutex_);
    begin_workers();
  } catch (...) {  // no more threads
    course_.fail_with(std::current_exception(), Ending::kInterrupt);
  }
  wait_for_workers();
  for (Worker& worker : all_) {
    if (worker.thread.joinable()) worker.thread.join();
  }
  if (preparing_.joinable()) preparing_.join();
  return course_.close();
}

// ---- the number of workers ---------------------------------------------------------------------

// Under the lock: those that are wanted and not here. A thread that left does not need the lock any
// more.
void Scheduler::begin_workers() {
  while (all_.size() < wanted_) all_.emplace_back();
  for (std::uint32_t number = 0; number < wanted_; ++number) {
    Worker& worker = all_[number];
    if (worker.here) continue;
    if (worker.thread.joinable()) worker.thread.join();
    worker.thread = std::thread([this, number] { work(number); });
    worker.here = true;
    worker.busy = 0;
    worker.came = worker.since = journal_.clock().steady_nanos();
    worker.state = RunnerView::State::kStarting;
    ++workers_;
  }
  if (prepares() && !preparing_.joinable()) preparing_ = std::thread([this] { prepare(); });
}

void Scheduler::pause(bool paused) {
  course_.pause(paused);
  const std::lock_guard lock(mutex_);
  news_ = true;
  changed_.notify_all();
}

void Scheduler::set(const Limits& limits) {
  course_.set(limits);
  const std::uint32_t wanted = course_.workers();
  {
    const std::lock_guard lock(mutex_);
    wanted_ = wanted;
    news_ = true;
    changed_.notify_all();
    turn_free_.notify_all();
    devices_free_.notify_all();
  }
  course_.change();  // for workers that wait for one, and are too many
}

Scheduler::Runners Scheduler::runners() const {
  constexpr double nanos = 1e9;
  const auto seconds = [](std::int64_t count) { return static_cast<double>(count) / nanos; };
  Runners runners;
  const std::lock_guard lock(mutex_);
  const std::int64_t now = journal_.clock().steady_nanos();
  runners.left.busy = seconds(busy_before_);
  runners.left.here = seconds(here_before_);
  for (const Worker& worker : all_) {
    const bool lost = worker.state == RunnerView::State::kLost;
    if (lost)
      runners.here.push_back({worker.runner, worker.state, {}, seconds(now - worker.since)});
    if (lost || !worker.here) continue;
    const std::int64_t current = worker.state == RunnerView::State::kBusy ? now - worker.since : 0;
    runners.here.push_back({worker.runner, worker.state, worker.trial, seconds(now - worker.since),
                            seconds(worker.busy + current), seconds(now - worker.came),
                            worker.losses});
  }
  return runners;
}

void Scheduler::wait_for_workers() {
  Lock lock(mutex_);
  const auto done = [this] { return workers_ == 0; };
  const auto stops = [&] { return done() || ending() >= Ending::kStopTrials; };
  const auto wakes = [&] { return stops() || news_; };
  while (!stops()) {
    const double limit = course_.limits().max_seconds;
    if (limit <= 0) {
      changed_.wait(lock, wakes);
    } else if (!changed_.wait_until(lock, began_ + to_clock(limit), wakes)) {
      lock.unlock();
      course_.end_with(End::kMaxSeconds, Ending::kStopTrials);
      lock.lock();
    }
    if (std::exchange(news_, false)) follow(lock);
  }
  while (!changed_.wait_for(lock, kSilencePoll, done)) {
    lock.unlock();
    course_.name_silent_trials();
    lock.lock();
  }
}

// It was paused or goes on, or has other limits.
void Scheduler::follow(Lock& lock) {
  std::string problem;
  try {
    if (ending() == Ending::kNone) begin_workers();
  } catch (const std::exception& error) {
    problem = error.what();
  }
  lock.unlock();
  if (!problem.empty() && plan_.log) {
    plan_.log(study::Level::kWarn, "cannot run more trials at the same time: " + problem);
  }
  notify_({Notice::Kind::kChanged});
  lock.lock();
}

// Until the search comes to its end.
void Scheduler::prepare() {
  try {
    for (;;) {
      {
        Lock lock(mutex_);
        all_run_.wait(lock, [this] { return wants_ahead_ || ending() != Ending::kNone; });
      }
      const Turn turn(*this, Turn::kNobody);
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

// ---- one worker --------------------------------------------------------------------------------

void Scheduler::work(std::uint32_t number) {
  // No more slots than oneTBB has threads for: it would print a warning and ignore the rest.
  const std::size_t threads =
      tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  try {
    const std::unique_ptr<study::Seat> seat = model_.seat(number);
    std::optional<std::uint64_t> trial;
    do {
      const std::uint32_t wanted = course_.limits().threads_per_trial;
      const std::size_t slots = std::clamp<std::size_t>(wanted, 1, threads);
      tbb::task_arena arena(static_cast<int>(slots), 1);
      arena.execute([&] { run_trials(number, *seat, wanted, trial); });
    } while (trial);
  } catch (...) {  // of the store: no result can be kept any more
    course_.fail_with(std::current_exception(), Ending::kInterrupt);
  }
  const std::lock_guard lock(mutex_);
  Worker& worker = all_[number];
  const bool lost = worker.state == RunnerView::State::kQueued && !course_.is_over();
  enter(number, lost && !leaves(number) ? RunnerView::State::kLost : RunnerView::State::kIdle);
  release_devices(worker);
  worker.here = false;
  if (worker.leaves && number < wanted_) news_ = true;
  busy_before_ += worker.busy;
  here_before_ += worker.since - worker.came;
  DODONA_ASSERT(workers_ > 0);
  --workers_;
  changed_.notify_all();
}

// Until there is none for it. `trial` is left over where the number of its threads has changed.
void Scheduler::run_trials(std::uint32_t number, study::Seat& seat, std::uint32_t threads,
                           std::optional<std::uint64_t>& trial) {
  for (;;) {
    bool ready = true;
    try {
      if (!trial) trial = next_trial(number, seat, ready);
    } catch (...) {
      course_.fail_with(std::current_exception(), Ending::kNoNewTrials);
    }
    if (!trial && ready && waits_for_lost(number)) continue;
    if (!trial || course_.limits().threads_per_trial != threads) return;
    Devices devices;
    {
      const std::lock_guard lock(mutex_);
      enter(number, RunnerView::State::kBusy, trial);
      const auto place = [&](std::size_t at) {
        return plan_.devices.begin() + static_cast<std::ptrdiff_t>(at);
      };
      devices.assign(place(all_[number].devices_begin), place(all_[number].devices_end));
    }
    const bool lost = run_trial(*trial, seat, devices);
    trial.reset();
    const std::lock_guard lock(mutex_);
    if (lost) ++all_[number].losses;
    enter(number, RunnerView::State::kIdle);
    release_devices(all_[number]);
  }
}

// The search has to end, but a trial that runs may lose its runner and run again. True once one has.
bool Scheduler::waits_for_lost(std::uint32_t number) {
  {
    const std::lock_guard lock(mutex_);
    release_devices(all_[number]);
    if (number >= wanted_ || ending() == Ending::kNone) return false;
  }
  return course_.wait_for_lost();
}

// Under the lock.
void Scheduler::enter(std::uint32_t number, RunnerView::State state,
                      std::optional<std::uint64_t> trial) {
  Worker& worker = all_[number];
  const std::int64_t now = journal_.clock().steady_nanos();
  if (worker.state == RunnerView::State::kBusy) worker.busy += now - worker.since;
  worker.state = state;
  worker.trial = trial;
  worker.since = now;
}

// Under the lock: true if the worker is one too many. It may be wanted again before it has left.
bool Scheduler::leaves(std::uint32_t number) {
  all_[number].leaves = number >= wanted_;
  return all_[number].leaves;
}

bool Scheduler::is_surplus(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  return leaves(number);
}

// As even as it goes, and the same whenever a study is run. A worker waits for its devices only
// after the number of workers has changed, while others still hold some of them. False if the worker
// is one too many.
bool Scheduler::hold_devices(std::uint32_t number) {
  Lock lock(mutex_);
  Worker& own = all_[number];
  DODONA_ASSERT(own.devices_begin == own.devices_end);
  for (;; devices_free_.wait(lock)) {
    if (leaves(number)) return false;
    if (plan_.devices.empty()) return true;
    const auto begin = [&](std::uint64_t of) {
      return static_cast<std::size_t>(of * plan_.devices.size() / wanted_);
    };
    const std::size_t first = begin(number);
    const std::size_t end = begin(number + std::uint64_t{1});
    const bool free = std::none_of(all_.begin(), all_.end(), [&](const Worker& other) {
      return std::max(first, other.devices_begin) < std::min(end, other.devices_end);
    });
    if (!free && !course_.is_over()) continue;
    if (free) own.devices_begin = first;
    if (free) own.devices_end = end;
    return true;
  }
}

// Under the lock.
void Scheduler::release_devices(Worker& worker) {
  if (worker.devices_begin == worker.devices_end) return;
  worker.devices_begin = worker.devices_end = 0;
  devices_free_.notify_all();
}

// ---- the next trial ----------------------------------------------------------------------------

Scheduler::Turn::Turn(Scheduler& whose, std::uint32_t number) : scheduler_(whose) {
  Lock lock(scheduler_.mutex_);
  const auto surplus = [&] { return number != kNobody && scheduler_.leaves(number); };
  scheduler_.turn_free_.wait(lock, [&] { return !scheduler_.turn_taken_ || surplus(); });
  if (surplus()) return;
  scheduler_.turn_taken_ = taken_ = true;
}

Scheduler::Turn::~Turn() {
  if (!taken_) return;
  const std::lock_guard lock(scheduler_.mutex_);
  scheduler_.turn_taken_ = false;
  scheduler_.turn_free_.notify_one();
}

// Nothing once the search ends, where the worker is one too many, and where the seat never gets ready.
std::optional<std::uint64_t> Scheduler::next_trial(std::uint32_t number, study::Seat& seat,
                                                   bool& ready) {
  std::optional<std::uint64_t> trial;
  do {
    if (!seat.is_ready()) {
      const std::lock_guard lock(mutex_);
      all_[number].runner = seat.runner();
      release_devices(all_[number]);  // those who wait for a place hold nothing
      enter(number, RunnerView::State::kQueued);
    }
    ready = seat.ready([&] { return course_.is_over() || is_surplus(number); });
    if (!ready) return std::nullopt;
    {
      const std::lock_guard lock(mutex_);
      all_[number].runner = seat.runner();
      enter(number, RunnerView::State::kIdle);
    }
    if (!hold_devices(number)) return std::nullopt;
  } while (!take_trial(number, seat, trial));
  return trial;
}

// False if the seat is not ready any more; then there is no trial.
bool Scheduler::take_trial(std::uint32_t number, study::Seat& seat,
                           std::optional<std::uint64_t>& trial) {
  const Turn turn(*this, number);
  for (;;) {
    if (!turn.taken() || is_surplus(number)) return true;
    if (!seat.is_ready()) return false;
    const std::uint64_t since = course_.changes();
    std::uint64_t next = 0;
    switch (course_.next(next)) {
      case Course::Next::kTrial:
        if (course_.allows_early_proposals()) wake_preparing();
        trial = next;
        return true;
      case Course::Next::kWait:
        course_.wait_for_change(since);
        break;
      case Course::Next::kMaxTrials:
        if (course_.out() > 0) {  // more may be wanted by the time that these have ended
          course_.wait_for_change(since);
          break;
        }
        course_.end_with(End::kMaxTrials, Ending::kNoNewTrials);
        return true;
      case Course::Next::kExhausted:
        course_.end_with(End::kExhausted, Ending::kNoNewTrials);
        return true;
      case Course::Next::kEnded:
        return true;
    }
  }
}

// If all workers run trials, and it is worth it.
void Scheduler::wake_preparing() {
  const std::uint64_t out = course_.out();
  {
    const std::lock_guard lock(mutex_);
    if (!prepares() || out < wanted_) return;
  }
  if (!course_.is_worth_preparing()) return;
  const std::lock_guard lock(mutex_);
  wants_ahead_ = true;
  all_run_.notify_one();
}

// ---- running one -------------------------------------------------------------------------------

bool Scheduler::run_trial(std::uint64_t trial, study::Seat& seat, const Devices& devices) {
  std::uint32_t attempt =
      journal_.with_state([&](const study::State& state) { return state.trials()[trial].attempt; });
  course_.enter(trial);
  for (;; ++attempt) {
    const auto start = std::chrono::steady_clock::now();
    Attempt outcome = run_attempt(trial, attempt, seat, devices);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    outcome.result.seconds = took.count() + outcome.seconds_before;
    if (outcome.interrupted) {
      course_.drop(trial);
      return false;
    }
    if (outcome.lost) {
      if (course_.lose(outcome.lost->first, outcome.lost->second)) return true;
      fail_as_lost(trial, outcome);
    }
    const bool failed = study::is_failure(outcome.result.state);
    const auto refused = failed ? course_.refused(trial) : std::nullopt;
    if (refused) {  // a hyperparameter that the study does not allow is wrong with every trial
      course_.fail_with(std::make_exception_ptr(*refused), Ending::kInterrupt);
    }
    if (refused && refused->code() == DODONA_E_SPACE_CONFLICT) {
      course_.drop(trial);  // the model is wrong, not the trial: it runs again under the right one
      return false;
    }
    const bool again = failed && !outcome.hopeless && attempt < plan_.max_retries;
    if (again && ending() < Ending::kStopTrials) continue;
    const bool lost = outcome.lost.has_value();
    course_.finish(trial, std::move(outcome.result));
    return lost;
  }
}

// Another attempt would be as unlucky.
void Scheduler::fail_as_lost(std::uint64_t trial, Attempt& outcome) const {
  outcome.hopeless = true;
  outcome.result.state = study::TrialState::kFailed;
  outcome.result.outcome = study::Outcome::kLost;
  outcome.result.message =
      "its runner was lost " + std::to_string(plan_.max_losses + 1) +
      " times, more often than retry.max_losses allows; the last time: " + outcome.lost->second;
  outcome.result.assignments = course_.values_of(trial);
}

Scheduler::Attempt Scheduler::run_attempt(std::uint64_t trial, std::uint32_t attempt,
                                          study::Seat& seat, const Devices& devices) {
  Attempt outcome;
  study::TrialScore score(plan_.rule);
  std::vector<Assignment> used;
  study::Standing best;  // of all executions
  bool stopped = false;
  bool resumed = false;
  Going going = course_.going(trial);
  const std::optional<Going::Point> point = course_.resume(trial, attempt, going, score);
  if (point && point->best) best = *point->best;
  if (point) outcome.seconds_before = point->seconds;
  const std::uint32_t first = point ? point->execution : 0;
  std::vector<Going::Finals> finals = point ? point->finals : std::vector<Going::Finals>();
  for (std::uint32_t i = first; i < plan_.executions && !stopped; ++i) {
    if (ending() == Ending::kInterrupt) {
      outcome.interrupted = true;
      return outcome;
    }
    if (i > first && ending() == Ending::kStopTrials) {
      stopped = true;
      break;
    }
    const Execution::Place place{trial, i, attempt, seat.runner()};
    const auto run = course_.begin(place, score, point && i == first ? &*point : nullptr);
    run->keep_going(going, finals);
    resumed = resumed || !run->resume_directory.empty();
    if (course_.keeps_best(trial)) run->keep_best(best);
    run->hold(devices);
    const bool idle = run->has_nothing_to_do();
    const Executed executed = idle ? Executed{.completed = true} : execute(*run, seat);
    const bool given_up = !executed.completed && ending() == Ending::kInterrupt;
    if (given_up || run->left_unfilled()) {
      outcome.interrupted = true;
      return outcome;
    }
    if (executed.lost && !run->told_to_stop()) {
      outcome.lost = {place, *executed.lost};
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
    if (i + 1 < plan_.executions && !stopped) finals = run->keep_end();
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
  } catch (const study::RunnerLost& error) {
    executed.lost = error.what();
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
