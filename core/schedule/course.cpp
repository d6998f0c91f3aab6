// SPDX-License-Identifier: Apache-2.0
#include "schedule/course.hpp"

#include "base/assert.hpp"
#include "schedule/confirmation.hpp"
#include "study/seed.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <tuple>
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

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    return thrown.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

}  // namespace

Course::Course(const Plan& plan, Runs runs, Journal& journal, space::SearchSpace& space,
               study::Oracle& oracle, const std::vector<study::Oracle*>& judges, Ears ears)
    : plan_(plan),
      runs_(runs),
      journal_(journal),
      ears_(std::move(ears)),
      checkpoints_(runs == Runs::kHere ? plan_.directory : "", plan_.keep),
      turns_(make_turns(
          plan_.slots_in_turns,
          {journal, space, oracle, judges,
           runs == Runs::kHere ? Turns::Growth::kInTurn : Turns::Growth::kAtOnce, plan_.space_grew,
           [this](std::uint64_t trial, double objective) { ended(trial, objective); },
           [this](const study::Streaks& streaks) { counted(streaks); }})),
      proposer_({plan_.seed, plan_.max_steps, plan_.parallel_trials}, journal, space, *turns_),
      limits_(static_cast<const Limits&>(plan_)),
      silence_(journal.clock()) {
  journal_.with_state([&](const study::State& state) {
    for (std::size_t i = 0; i < state.trials().size(); ++i) {
      if (!study::is_final(state.trials()[i].state)) reruns_.insert(i);
    }
  });
  if (runs_ == Runs::kElsewhere) return;
  for (const std::uint64_t trial : plan_.alone) {
    if (reruns_.contains(trial)) alone_.insert(trial);
  }
}

void Course::open() {
  turns_->catch_up();
  if (runs_ == Runs::kElsewhere) return;
  journal_.with_state([&](const study::State& state) { checkpoints_.begin(state); });
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::lock_guard lock(mutex_);
  opened_unix_nanos_ = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// 0: none.
std::int64_t Course::deadline_of(const Limits& limits) const {
  if (limits.max_seconds <= 0) return 0;
  constexpr double nanos = 1e9;
  constexpr auto never = std::numeric_limits<std::int64_t>::max();
  const double at = static_cast<double>(opened_unix_nanos_) + limits.max_seconds * nanos;
  return at < static_cast<double>(never) ? static_cast<std::int64_t>(at) : never;
}

void Course::pause(bool paused) {
  {
    const std::lock_guard lock(mutex_);
    paused_ = paused;
  }
  change();
}

bool Course::paused() const {
  const std::lock_guard lock(mutex_);
  return paused_;
}

void Course::set(const Limits& limits) {
  DODONA_ASSERT(limits.parallel_trials > 0 && limits.threads_per_trial > 0);
  {
    const std::lock_guard lock(mutex_);
    limits_ = limits;
  }
  proposer_.set_parallel_trials(limits.parallel_trials);
  change();
}

Limits Course::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

// ---- next --------------------------------------------------------------------------------------

std::uint64_t Course::proposed() const {
  return journal_.with_state([](const study::State& state) { return state.trials().size(); });
}

// A space that is not declared is complete once a trial that asked for it ended.
bool Course::first_trial_pending() const {
  if (plan_.declared) return false;
  return journal_.with_state([](const study::State& state) {
    const bool known = !state.params().empty() || state.count(study::TrialState::kCompleted) > 0;
    return state.finished() == 0 || !known;
  });
}

Course::Next Course::next(std::uint64_t& trial) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto lost = waiting_lost(); lost && ending() == Ending::kNoNewTrials) {
      trial = *lost;
      reruns_.erase(trial);
      out_.insert(trial);
      return Next::kTrial;
    }
    if (ending() != Ending::kNone) return Next::kEnded;
    if (paused_) return Next::kWait;
    if (out_.empty()) one_runs_alone_ = false;
    if (one_runs_alone_ || (!alone_.empty() && !out_.empty())) return Next::kWait;
    if (!reruns_.empty()) {
      trial = take_rerun();
      return Next::kTrial;
    }
  }
  const std::uint64_t id = proposed();
  Next answer = Next::kMaxTrials;
  try {
    if (!has_all_trials()) answer = propose();
    if (answer == Next::kMaxTrials || answer == Next::kExhausted) answer = confirm(answer);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (proposed() > id) reruns_.insert(id);
    throw;
  }
  if (answer != Next::kTrial) return ending() != Ending::kNone ? Next::kEnded : answer;
  DODONA_ASSERT(proposed() == id + 1);
  trial = id;
  const std::lock_guard lock(mutex_);
  const bool added = out_.insert(trial).second;
  DODONA_ASSERT(added && !reruns_.contains(trial));
  return Next::kTrial;
}

std::uint64_t Course::take_rerun() {
  one_runs_alone_ = !alone_.empty();
  const std::uint64_t trial = one_runs_alone_ ? *alone_.begin() : *reruns_.begin();
  alone_.erase(trial);
  const std::size_t left = reruns_.erase(trial);
  DODONA_ASSERT(left == 1);
  out_.insert(trial);
  return trial;
}

Course::Next Course::propose() {
  const std::uint64_t out_before = out();
  if (first_trial_pending()) {
    if (out_before > 0) return Next::kWait;
    turns_->settle_all();
    if (first_trial_pending()) {
      proposer_.propose_empty();
      return Next::kTrial;
    }
  }
  if (plan_.before_proposal) plan_.before_proposal();
  switch (proposer_.propose()) {
    case study::Answer::kProposed:
      return Next::kTrial;
    case study::Answer::kExhausted:
      return Next::kExhausted;
    case study::Answer::kWait:
      break;
  }
  // The oracle waits: for one of those that ran when it was asked.
  if (out_before == 0 && ending() == Ending::kNone) {
    throw Error(DODONA_E_PLUGIN, "the oracle waits although no trial is running");
  }
  return Next::kWait;
}

bool Course::has_all_trials() const {
  const std::uint64_t most = limits().max_trials;
  if (most == 0) return false;
  return journal_.with_state([&](const study::State& state) {
    return state.trials().size() - state.confirmations() >= most;
  });
}

// One more run of one of the best trials, once all trials have ended; `otherwise` where there is
// none to make.
Course::Next Course::confirm(Next otherwise) {
  if (plan_.confirm == 0) return otherwise;
  if (out() == 0) turns_->settle_all();
  const Confirmation next = journal_.with_state([&](const study::State& state) {
    const bool all_ended = std::all_of(state.trials().begin(), state.trials().end(),
                                       [](const study::TrialRecord& trial) {
                                         return trial.confirms || study::is_final(trial.state);
                                       });
    return all_ended ? confirmation(state, plan_.confirm)
                     : Confirmation{.step = Confirmation::Step::kWait};
  });
  if (next.step == Confirmation::Step::kDone) return otherwise;
  if (next.step == Confirmation::Step::kWait) return Next::kWait;
  const bool proposed = proposer_.propose_repeat(next.trial) == study::Answer::kProposed;
  return proposed ? Next::kTrial : Next::kWait;
}

bool Course::is_repeat(std::uint64_t trial) const {
  return journal_.with_state([&](const study::State& state) {
    return state.trials()[trial].repeat_of != study::kNoTrial;
  });
}

bool Course::claim(std::uint64_t trial) {
  const std::lock_guard lock(mutex_);
  if (reruns_.erase(trial) == 0) return false;
  out_.insert(trial);
  return true;
}

bool Course::has_reruns() const {
  const std::lock_guard lock(mutex_);
  return !reruns_.empty();
}

// The first trial that lost its runner and that nobody runs.
std::optional<std::uint64_t> Course::waiting_lost() const {
  for (const auto& [trial, how] : lost_) {
    if (reruns_.contains(trial)) return trial;
  }
  return std::nullopt;
}

bool Course::has_ended() const {
  if (ending() == Ending::kNone) return false;
  return ending() > Ending::kNoNewTrials || (out_.empty() && !waiting_lost());
}

bool Course::is_over() const {
  const std::lock_guard lock(mutex_);
  return has_ended();
}

bool Course::wait_for_lost() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return has_ended() || waiting_lost().has_value(); });
  return !has_ended();
}

std::uint64_t Course::out() const {
  const std::lock_guard lock(mutex_);
  return out_.size();
}

std::uint64_t Course::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void Course::wait_for_change(std::uint64_t since) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return changes_ != since || ending() != Ending::kNone; });
}

void Course::wait_for_change(std::uint64_t since,
                             std::chrono::steady_clock::time_point until) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [&] { return changes_ != since || ending() != Ending::kNone; });
}

void Course::change() {
  const std::lock_guard lock(mutex_);
  ++changes_;
  changed_.notify_all();
}

void Course::prepare() {
  if (has_all_trials()) return;
  if (plan_.before_proposal && !first_trial_pending()) plan_.before_proposal();
  proposer_.prepare();
}

// ---- begin -------------------------------------------------------------------------------------

Going Course::going(std::uint64_t trial) const {
  const bool here = runs_ == Runs::kHere;
  return {here ? trial_directory(plan_.directory, trial) : "", plan_.checkpoint, journal_.clock()};
}

std::optional<Going::Point> Course::resume(std::uint64_t trial, std::uint32_t attempt, Going& going,
                                           study::TrialScore& score) {
  const study::TrialRecord record =
      journal_.with_state([&](const study::State& state) { return state.trials()[trial]; });
  std::optional<Going::Point> point;
  if (record.attempt == attempt) point = going.find(record);
  if (!point) {  // a point that is of no use must not become one of use later
    if (record.started_unix_nanos != 0) remove_going(trial_directory(plan_.directory, trial));
    return std::nullopt;
  }
  std::uint32_t ended = 0;
  const auto end_before = [&](std::uint32_t execution) {
    for (; ended < execution; ++ended) {
      std::vector<study::MetricValue> metrics;
      for (const auto& [name, value] : point->finals[ended]) {
        metrics.push_back({journal_.names().intern(name), value});
      }
      score.end_execution(metrics);
    }
  };
  for (const study::Reported& report : standing_reports(trial, record, *point)) {
    end_before(report.execution);
    score.report(report.step, report.metrics);
  }
  end_before(point->execution);
  going.go_on(*point);
  return point;
}

// The reports of a trial that stand where it goes on from a point.
std::vector<study::Reported> Course::standing_reports(std::uint64_t trial,
                                                      const study::TrialRecord& record,
                                                      const Going::Point& point) {
  std::vector<study::Reported> reports;
  const auto start = [&](const study::Started& started) {
    std::erase_if(reports, [&](const study::Reported& report) {
      return !study::stands(report.execution, report.step, started, record.start_step);
    });
  };
  const auto end = journal_.with_state([](const study::State& state) { return state.events(); });
  journal_.wait_durable(end);
  journal_.store().read(record.proposed, [&](const study::Event& event) {
    if (event.sequence >= end) return false;
    if (event.trial != trial) return true;
    if (const auto* started = std::get_if<study::Started>(&event.body)) start(*started);
    const auto* report = std::get_if<study::Reported>(&event.body);
    if (report != nullptr) reports.push_back(*report);
    return true;
  });
  start({point.execution, point.attempt, point.model.empty() ? study::kNoStep : point.step});
  return reports;
}

std::unique_ptr<Execution> Course::begin(const Execution::Place& place, study::TrialScore& score,
                                         const Going::Point* from) {
  const study::TrialRecord values =
      journal_.with_state([&](const study::State& state) { return state.trials()[place.trial]; });
  auto run = std::make_unique<Execution>(place, values, static_cast<Supervisor&>(*this), journal_,
                                         turns_->space_of(place.trial), score, plan_.rule);
  configure(*run, values);
  if (from != nullptr && !from->model.empty()) run->go_on(*from);
  journal_.append(place.trial,
                  study::Started{place.execution, place.attempt, run->start_step, place.runner});
  tell_start(place, from);
  return run;
}

void Course::tell_start(const Execution::Place& place, const Going::Point* from) {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    DODONA_ASSERT(out_.contains(place.trial));
    silence_.hear(place.trial);
    const auto lost = lost_.find(place.trial);
    if (lost != lost_.end()) {
      text = lost->second + "; ";
      lost_.erase(lost);
    }
  }
  const bool goes_on = from != nullptr && !from->model.empty();
  const std::uint64_t step = goes_on ? from->step : 0;
  ears_.notice(
      {Notice::Kind::kStarted, place.trial, place.execution, place.attempt, step, study::kNoScore});
  if (text.empty()) return;
  text += "trial " + std::to_string(place.trial) +
          (goes_on           ? " goes on from step " + std::to_string(step)
           : from != nullptr ? " goes on with execution " + std::to_string(place.execution)
                             : " begins again");
  log(study::Level::kWarn, text + (place.runner.empty() ? "" : " on " + place.runner));
}

void Course::configure(Execution& run, const study::TrialRecord& values) const {
  run.budget = values.budget;
  run.seed = study::execution_seed(plan_.seed, run.trial, run.execution, run.attempt);
  const Limits now = limits();
  run.threads = now.threads_per_trial;
  run.directory = trial_directory(plan_.directory, run.trial);
  run.spent_seconds = values.spent_seconds(run.execution, run.attempt);
  if (runs_ == Runs::kElsewhere) {
    run.make_directory();  // who runs it cannot ask for that
    return;
  }
  run.deadline_unix_nanos = deadline_of(now);
  if (plan_.keeps_last) run.keep_last();
  if (values.resume_of == study::kNoTrial) return;
  const std::string from =
      last_checkpoint(trial_directory(plan_.directory, values.resume_of), run.execution);
  std::error_code ignored;
  if (!plan_.directory.empty() && std::filesystem::is_directory(from, ignored)) {
    run.resume_directory = from;
  } else {
    run.start_at(0);
  }
}

std::vector<Assignment> Course::values_of(std::uint64_t trial) const {
  std::vector<Assignment> values = journal_.with_state([&](const study::State& state) {
    const auto& known = state.trials()[trial].assignments;
    return std::vector<Assignment>(known.begin(), known.end());
  });
  const std::vector<Assignment> more = turns_->filled_by(trial);
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

std::optional<Error> Course::refused(std::uint64_t trial) const {
  return turns_->space_of(trial).refused();
}

// ---- finish ------------------------------------------------------------------------------------

void Course::finish(std::uint64_t trial, study::Finished&& result) {
  DODONA_ASSERT(study::is_final(result.state));
  turns_->finish(trial, std::move(result));
  leave(trial, Again::kNever);
}

void Course::drop(std::uint64_t trial) {
  leave(trial, Again::kLater);
}

bool Course::lose(const Execution::Place& place, const std::string& why) {
  const std::uint64_t trial = place.trial;
  journal_.append(trial, study::Lost{place.execution, why});
  const std::uint32_t losses =
      journal_.with_state([&](const study::State& state) { return state.trials()[trial].losses; });
  if (losses > plan_.max_losses) return false;
  {
    const std::lock_guard lock(mutex_);
    lost_[trial] = (place.runner.empty() ? "a runner" : place.runner) + " lost: " + why;
  }
  drop(trial);
  return true;
}

// It may run again from the moment on in which it is not out any more, and not before.
void Course::leave(std::uint64_t trial, Again again) {
  if (!plan_.directory.empty()) {  // goes only if the trial left nothing in it
    std::error_code ignored;
    std::filesystem::remove(trial_directory(plan_.directory, trial), ignored);
  }
  const std::lock_guard lock(mutex_);
  const std::size_t left = out_.erase(trial);
  DODONA_ASSERT(left == 1);
  if (again == Again::kLater) {
    reruns_.insert(trial);
  } else {
    to_stop_.erase(trial);
  }
  silence_.forget(trial);
  ++changes_;
  changed_.notify_all();
}

void Course::inherit(std::uint64_t trial, study::Finished& result) const {
  const std::optional<std::uint64_t> from =
      journal_.with_state([&](const study::State& state) -> std::optional<std::uint64_t> {
        const std::uint64_t parent = state.trials()[trial].resume_of;
        if (parent >= trial) return std::nullopt;  // kNoTrial
        const study::TrialRecord& before = state.trials()[parent];
        if (study::is_failure(before.state) || !study::is_final(before.state)) return std::nullopt;
        result.state = study::TrialState::kCompleted;
        result.outcome = study::Outcome::kOk;
        result.metrics.assign(before.metrics.begin(), before.metrics.end());
        result.executions.assign(before.executions.begin(), before.executions.end());
        result.objectives = before.objectives;
        result.excesses = before.excesses;
        result.best_step = before.best_step;
        result.message.clear();
        return parent;
      });
  if (from) checkpoints_.inherit(*from, trial, plan_.executions);
}

// The end of a trial is in the log.
void Course::ended(std::uint64_t trial, double objective) {
  const auto [state, objectives, violation] = journal_.with_state([&](const study::State& now) {
    const study::TrialRecord& record = now.trials()[trial];
    return std::tuple(record.state, record.objectives, record.violation());
  });
  if (runs_ == Runs::kHere) {
    remove_going(trial_directory(plan_.directory, trial));
  }
  if (!is_repeat(trial)) checkpoints_.ended(trial, state, objectives, violation);
  ears_.notice({Notice::Kind::kFinished, trial, 0, 0, 0, objective});
}

void Course::counted(const study::Streaks& streaks) {
  if (runs_ == Runs::kElsewhere) return;  // who runs them sees what becomes of them
  const std::uint64_t most = plan_.max_consecutive_failures;
  const bool failing = most > 0 && streaks.failed >= most;
  const bool senseless = !streaks.scored && streaks.invalid >= kMaxInvalidWithoutScore;
  if (failing || senseless) end_with(End::kFailures, Ending::kNoNewTrials);
}

// ---- the end of the search ---------------------------------------------------------------------

void Course::end_with(End end, Ending ending) {
  {
    const std::lock_guard lock(mutex_);
    if (!end_ || end == End::kInterrupted) end_ = end;
    if (ending > ending_.load(std::memory_order_relaxed)) {
      ending_.store(ending, std::memory_order_relaxed);
    }
    changed_.notify_all();
  }
  if (ears_.ending) ears_.ending();
}

void Course::fail_with(const std::exception_ptr& error, Ending how) {
  bool goes_on = false;
  {
    const std::lock_guard lock(mutex_);
    const bool told_to = ending() == Ending::kInterrupt && was_cancelled(error);
    goes_on = !error_ && !told_to && how == Ending::kNoNewTrials && !out_.empty();
    if (!error_ && !told_to) error_ = error;
  }
  end_with(End::kInterrupted, how);
  if (!goes_on) return;
  log(study::Level::kError,
      "ends once the trials that run have ended, as it failed: " + text_of(error));
}

void Course::name_silent_trials() {
  std::vector<Silence::Silent> silent;
  {
    const std::lock_guard lock(mutex_);
    silent = silence_.take_long();
  }
  for (const Silence::Silent& each : silent) {
    log(study::Level::kWarn, "waits for trial " + std::to_string(each.trial) +
                                 ", which has reported nothing for " +
                                 std::to_string(each.seconds) + " s");
  }
}

End Course::close() {
  turns_->settle_all();
  if (end_ == End::kExhausted && plan_.keeps_last) {
    checkpoints_.drop_last(proposed(), plan_.executions);
  }
  if (error_) std::rethrow_exception(error_);
  DODONA_ASSERT(end_.has_value());
  return *end_;
}

void Course::log(study::Level level, const std::string& message) const {
  if (plan_.log) plan_.log(level, message);
}

void Course::stop_trial(std::uint64_t trial) {
  const std::lock_guard lock(mutex_);
  if (!out_.contains(trial)) {
    throw Error(DODONA_E_STATE, "trial " + std::to_string(trial) + " does not run");
  }
  to_stop_.insert(trial);
}

bool Course::is_to_stop(std::uint64_t trial) const {
  const std::lock_guard lock(mutex_);
  return to_stop_.contains(trial);
}

// ---- what executions ask -----------------------------------------------------------------------

// An oracle that fails has lost events, so it is asked nothing more.
study::Verdict Course::judge(const study::Event& report) {
  if (ending() == Ending::kStopTrials) return study::Verdict::kStopTrial;
  const study::Verdict asked =
      is_to_stop(report.trial) ? study::Verdict::kStopTrial : study::Verdict::kContinue;
  if (oracle_failed_) return asked;
  study::Verdict verdict = study::Verdict::kContinue;
  try {
    verdict = turns_->judge(report);
  } catch (...) {
    if (runs_ == Runs::kElsewhere) throw;
    oracle_failed_ = true;
    fail_with(std::current_exception(), Ending::kNoNewTrials);
  }
  if (verdict == study::Verdict::kStopStudy) end_with(End::kExhausted, Ending::kStopTrials);
  return std::max(verdict, asked);
}

void Course::reported(const Execution& run, std::uint64_t step, double objective) {
  {
    const std::lock_guard lock(mutex_);
    silence_.hear(run.trial);
  }
  ears_.notice({Notice::Kind::kReported, run.trial, run.execution, run.attempt, step, objective});
  if (oracle_failed_) return;
  try {
    turns_->relieve();
  } catch (...) {
    if (runs_ == Runs::kElsewhere) throw;
    oracle_failed_ = true;
    fail_with(std::current_exception(), Ending::kNoNewTrials);
  }
}

Cell Course::fill(std::uint64_t trial, bool first_trial, const Param& param, const Fits& fits) {
  {
    const std::lock_guard lock(mutex_);
    if (!out_.contains(trial)) {  // its end is in the log, and nothing may follow
      throw Error(DODONA_E_STATE, "trial " + std::to_string(trial) + " has ended");
    }
  }
  if (first_trial && fits(param.initial)) return param.initial;
  try {
    return proposer_.fill(trial, param, fits);
  } catch (...) {
    if (runs_ == Runs::kHere) fail_with(std::current_exception(), Ending::kNoNewTrials);
    throw;
  }
}

void Course::filled(std::uint64_t trial, const Assignment& assignment) {
  turns_->filled(trial, assignment);
}

void Course::grown(const space::Growth& growth) {
  turns_->grown(growth);
}

}  // namespace dodona::schedule
