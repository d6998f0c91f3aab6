// SPDX-License-Identifier: Apache-2.0
#include "schedule/desk.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace dodona::schedule {
namespace {

Error ended(std::uint64_t trial) {
  return Error(DODONA_E_STATE, "trial " + std::to_string(trial) + " has ended");
}

}  // namespace

Desk::Desk(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
           const std::vector<study::Oracle*>& judges, std::function<void(const Notice&)> notify)
    : plan_(std::move(plan)),
      journal_(journal),
      course_(plan_, Course::Runs::kElsewhere, journal, space, oracle, judges,
              {std::move(notify), {}}) {
  course_.open();
}

// ---- asking ------------------------------------------------------------------------------------

study::Answer Desk::ask(std::shared_ptr<Asked>& out, std::chrono::milliseconds time) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begun = Clock::now();
  const auto most =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::time_point::max() - begun);
  const Clock::time_point until = begun + std::min(time, most);
  for (;;) {
    const std::uint64_t since = course_.changes();
    const study::Answer answer = try_to_ask(out);
    if (answer != study::Answer::kWait || Clock::now() >= until) return answer;
    course_.wait_for_change(since, until);
  }
}

study::Answer Desk::try_to_ask(std::shared_ptr<Asked>& out) {
  const std::lock_guard turn(turn_mutex_);
  take_back();
  if (out_of_time() && !course_.has_reruns()) return study::Answer::kExhausted;
  std::uint64_t trial = 0;
  switch (course_.next(trial)) {
    case Course::Next::kTrial:
      break;
    case Course::Next::kWait:
      return study::Answer::kWait;
    case Course::Next::kMaxTrials:
    case Course::Next::kExhausted:
    case Course::Next::kEnded:
      return study::Answer::kExhausted;
  }
  out = begin(trial);
  journal_.wait_durable(
      journal_.with_state([](const study::State& state) { return state.events(); }));
  return study::Answer::kProposed;
}

bool Desk::out_of_time() const {
  const double most = course_.limits().max_seconds;
  if (most <= 0) return false;
  const std::chrono::duration<double> open = std::chrono::steady_clock::now() - opened_;
  return open.count() >= most;
}

// Trials that nobody holds any more are the next ones again.
void Desk::take_back() {
  std::vector<std::uint64_t> dropped;
  {
    const std::lock_guard lock(mutex_);
    for (auto each = out_.begin(); each != out_.end();) {
      const auto here = each++;
      if (here->second.kept != nullptr || !here->second.held.expired()) continue;
      dropped.push_back(here->first);
      out_.erase(here);
    }
  }
  for (const std::uint64_t trial : dropped) course_.drop(trial);
}

std::shared_ptr<Desk::Asked> Desk::find(std::uint64_t trial) const {
  const std::lock_guard lock(mutex_);
  const auto found = out_.find(trial);
  return found == out_.end() ? nullptr : found->second.held.lock();
}

std::shared_ptr<Desk::Asked> Desk::asked(std::uint64_t trial) {
  const bool proposed =
      journal_.with_state([&](const study::State& state) { return trial < state.trials().size(); });
  if (!proposed) {
    throw Error(DODONA_E_INVALID, "trial " + std::to_string(trial) + " was never asked for");
  }
  if (auto known = find(trial)) return known;
  const std::lock_guard turn(turn_mutex_);
  if (auto known = find(trial)) return known;
  take_back();
  if (!course_.claim(trial)) throw ended(trial);
  return begin(trial);
}

// Should it not begin, it is the next one again.
std::shared_ptr<Desk::Asked> Desk::begin(std::uint64_t trial) {
  try {
    course_.enter(trial);
    const std::uint32_t attempt = journal_.with_state(
        [&](const study::State& state) { return state.trials()[trial].attempt; });
    auto asked = std::make_shared<Asked>(course_, Execution::Place{trial, 0, attempt}, plan_.rule);
    const std::lock_guard lock(mutex_);
    const bool added = out_.insert_or_assign(trial, Given{asked, nullptr}).second;
    DODONA_ASSERT(added);
    return asked;
  } catch (...) {
    course_.drop(trial);
    throw;
  }
}

void Desk::keep(const std::shared_ptr<Asked>& trial) {
  const std::lock_guard lock(mutex_);
  const auto found = out_.find(trial->run.trial);
  if (found != out_.end() && found->second.held.lock() == trial) found->second.kept = trial;
}

// ---- telling -----------------------------------------------------------------------------------

bool Desk::report(Asked& trial, std::uint64_t step, std::span<const study::NamedMetric> metrics) {
  if (trial.told) throw ended(trial.run.trial);
  const std::uint64_t budget = trial.run.budget;
  if (budget > 0 && step > budget) return false;
  const std::uint64_t start = trial.run.start_step;
  const bool from_the_start = !trial.reported && step > 0 && step <= start;
  if (from_the_start) trial.run.start_at(0);
  study::Verdict verdict = study::Verdict::kContinue;
  try {
    verdict = trial.run.report(step, metrics);
  } catch (...) {
    if (from_the_start) trial.run.start_at(start);
    throw;
  }
  trial.reported = true;
  return verdict == study::Verdict::kContinue && step != budget;
}

void Desk::tell(Asked& trial, study::TrialState state, std::span<const study::NamedMetric> metrics,
                const std::string& message) {
  const std::uint64_t id = trial.run.trial;
  if (trial.told) throw ended(id);
  study::Finished result = outcome(trial, state, metrics, message);
  if (trial.told.exchange(true)) throw ended(id);
  {
    const std::lock_guard lock(mutex_);
    out_.erase(id);
  }
  course_.finish(id, std::move(result));
}

study::Finished Desk::outcome(Asked& trial, study::TrialState state,
                              std::span<const study::NamedMetric> metrics,
                              const std::string& message) const {
  const std::uint64_t id = trial.run.trial;
  const std::vector<study::MetricValue> last = trial.run.named(metrics);
  study::Finished result;
  if (const auto& infeasible = trial.run.infeasible()) {
    result.metrics = last;
    result.state = study::TrialState::kFailed;
    result.outcome = study::Outcome::kInfeasible;
    result.message = infeasible->what();
  } else if (state == study::TrialState::kFailed) {
    result.metrics = last;
    result.state = state;
    result.outcome = study::Outcome::kModelError;
  } else {
    study::TrialScore score = trial.score;  // a copy: what is told wrongly changes nothing
    score.end_execution(last);
    result = score.outcome(journal_.names());
    if (trial.run.has_nothing_to_do() && score.is_empty()) course_.inherit(id, result);
    const bool missing = result.state == study::TrialState::kFailed;
    if (missing && state == study::TrialState::kCompleted) {
      throw Error(DODONA_E_INVALID, result.message);
    }
    if (state == study::TrialState::kStopped && result.state != study::TrialState::kInvalid) {
      result.state = state;
      result.message.clear();
    }
  }
  if (!message.empty()) result.message = message;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - trial.began;
  result.seconds = took.count();
  result.assignments = course_.values_of(id);
  return result;
}

void Desk::note(Asked& trial, std::string_view key, std::string_view value) {
  trial.run.note(key, value);
}

bool Desk::close() {
  const std::lock_guard turn(turn_mutex_);
  take_back();
  {
    const std::lock_guard lock(mutex_);
    if (!out_.empty()) return false;
  }
  stop();
  return true;
}

}  // namespace dodona::schedule
