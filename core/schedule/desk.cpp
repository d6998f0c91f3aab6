// SPDX-License-Identifier: Apache-2.0
#include "schedule/desk.hpp"

#include "study/seed.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace dodona::schedule {

Desk::Asked::Asked(const Execution::Place& place, const study::Trial& values, Desk& desk)
    : score(desk.plan_.rule),
      run(place, values, desk, desk.journal_, desk.space_, score, desk.plan_.rule) {}

Desk::Desk(Plan plan, Journal& journal, space::SearchSpace& space, study::Oracle& oracle,
           const std::vector<study::Oracle*>& judges, std::function<void(const Notice&)> notify)
    : plan_(std::move(plan)),
      journal_(journal),
      space_(space),
      notify_(std::move(notify)),
      proposer_({plan_.seed, plan_.max_steps, plan_.lag}, journal, space, oracle, judges,
                [this](std::uint64_t trial) {
                  return journal_.with_state([&](const study::State& state) {
                    return study::is_final(state.trials()[trial].state);
                  });
                }) {
  journal_.with_state([&](const study::State& state) {
    for (std::size_t i = 0; i < state.trials().size(); ++i) {
      if (!study::is_final(state.trials()[i].state)) reruns_.insert(i);
    }
  });
  proposer_.catch_up();
}

// ---- asking ------------------------------------------------------------------------------------

study::Answer Desk::ask(std::shared_ptr<Asked>& out) {
  const std::lock_guard turn(turn_mutex_);
  if (ended()) return study::Answer::kExhausted;
  out = next_rerun();
  if (out == nullptr) {
    const std::uint64_t trial =
        journal_.with_state([](const study::State& state) { return state.trials().size(); });
    const bool full = plan_.max_trials > 0 && trial >= plan_.max_trials;
    if (full || out_of_time()) return study::Answer::kExhausted;
    const study::Answer answer = propose();
    if (answer != study::Answer::kProposed) return answer;
    const std::lock_guard lock(mutex_);
    reruns_.insert(trial);  // should it not begin, it is the next one
    out = begin(trial);
  }
  journal_.wait_durable(
      journal_.with_state([](const study::State& state) { return state.events(); }));
  notify_({Notice::Kind::kStarted, out->run.trial, 0, out->run.attempt, 0, study::kNoScore});
  return study::Answer::kProposed;
}

study::Answer Desk::propose() {
  const std::uint64_t before = unfinished();
  if (first_trial_pending()) {
    if (before > 0) return study::Answer::kWait;
    proposer_.propose_empty();
    return study::Answer::kProposed;
  }
  if (!space_known_ && plan_.on_space_known) plan_.on_space_known();
  space_known_ = true;
  const study::Answer answer = proposer_.propose();
  if (answer != study::Answer::kWait) return answer;
  if (ended()) return study::Answer::kExhausted;
  if (before == 0) throw Error(DODONA_E_PLUGIN, "the oracle waits although no trial is out");
  return answer;
}

bool Desk::out_of_time() const {
  if (plan_.max_seconds <= 0) return false;
  const std::chrono::duration<double> open = std::chrono::steady_clock::now() - opened_;
  return open.count() >= plan_.max_seconds;
}

std::uint64_t Desk::unfinished() const {
  return journal_.with_state(
      [](const study::State& state) { return state.trials().size() - state.finished(); });
}

// A space that is not declared is complete once a trial that asked for it ended.
bool Desk::first_trial_pending() const {
  if (plan_.declared) return false;
  return journal_.with_state([](const study::State& state) {
    const bool known = !state.params().empty() || state.count(study::TrialState::kCompleted) > 0;
    return state.finished() == 0 || !known;
  });
}

std::shared_ptr<Desk::Asked> Desk::next_rerun() {
  const std::lock_guard lock(mutex_);
  return reruns_.empty() ? nullptr : begin(*reruns_.begin());
}

std::shared_ptr<Desk::Asked> Desk::asked(std::uint64_t trial) {
  const auto state = journal_.with_state([&](const study::State& now) {
    return trial < now.trials().size() ? now.trials()[trial].state : study::TrialState{};
  });
  if (state == study::TrialState{}) {
    throw Error(DODONA_E_INVALID, "trial " + std::to_string(trial) + " was never asked for");
  }
  const std::lock_guard lock(mutex_);
  if (const auto found = out_.find(trial); found != out_.end()) return found->second;
  if (reruns_.contains(trial)) return begin(trial);
  throw Error(DODONA_E_STATE, "trial " + std::to_string(trial) + " has ended");
}

// Under mutex_.
std::shared_ptr<Desk::Asked> Desk::begin(std::uint64_t trial) {
  const study::Trial values =
      journal_.with_state([&](const study::State& state) { return state.trials()[trial]; });
  auto asked = std::make_shared<Asked>(Execution::Place{trial, 0, values.attempt}, values, *this);
  configure(asked->run, values);
  journal_.append(trial, study::Started{0, values.attempt});
  reruns_.erase(trial);
  out_[trial] = asked;
  return asked;
}

void Desk::configure(Execution& run, const study::Trial& values) const {
  run.budget = values.budget;
  run.seed = study::execution_seed(plan_.seed, run.trial, 0, run.attempt);
  run.threads = plan_.threads_per_trial;
  if (plan_.directory.empty()) return;
  run.directory = trial_directory(plan_.directory, run.trial);
  run.make_directory();  // who asks from outside cannot ask for that too
}

// ---- telling -----------------------------------------------------------------------------------

bool Desk::report(Asked& trial, std::uint64_t step, std::span<const study::NamedMetric> metrics) {
  if (trial.told) {
    throw Error(DODONA_E_STATE, "trial " + std::to_string(trial.run.trial) + " has ended");
  }
  const std::uint64_t budget = trial.run.budget;
  if (budget > 0 && step > budget) return false;
  const bool from_the_start = !trial.reported && step > 0 && step <= trial.run.start_step;
  if (from_the_start) trial.run.start_over();
  const study::Verdict verdict = trial.run.report(step, metrics);
  trial.reported = true;
  return verdict == study::Verdict::kContinue && step != budget;
}

void Desk::tell(Asked& trial, study::TrialState state, std::span<const study::NamedMetric> metrics,
                const std::string& message) {
  const std::uint64_t id = trial.run.trial;
  if (trial.told) {
    throw Error(DODONA_E_STATE, "trial " + std::to_string(id) + " has ended");
  }
  study::Finished result = outcome(trial, state, metrics, message);
  const double objective = result.objective;
  const std::uint64_t end = journal_.append(id, std::move(result));
  trial.told = true;
  {
    const std::lock_guard lock(mutex_);
    out_.erase(id);
  }
  journal_.wait_durable(end);
  if (!plan_.directory.empty()) {  // goes only if the trial left nothing in it
    std::error_code ignored;
    std::filesystem::remove(trial_directory(plan_.directory, id), ignored);
  }
  notify_({Notice::Kind::kFinished, id, 0, 0, 0, objective});
}

study::Finished Desk::outcome(Asked& trial, study::TrialState state,
                              std::span<const study::NamedMetric> metrics,
                              const std::string& message) const {
  const std::vector<study::Metric> last = trial.run.named(metrics);
  study::Finished result;
  if (state == study::TrialState::kFailed) {
    result.metrics = last;
    result.state = state;
  } else {
    study::TrialScore score = trial.score;  // a copy: what is told wrongly changes nothing
    score.end_execution(last);
    result = score.outcome(journal_.names());
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
  journal_.with_state([&](const study::State& now) {
    const auto& values = now.trials()[trial.run.trial].assignments;
    result.assignments.assign(values.begin(), values.end());
  });
  return result;
}

void Desk::note(Asked& trial, std::string_view key, std::string_view value) {
  trial.run.note(key, value);
}

void Desk::stop() {
  ending_.store(Ending::kInterrupt, std::memory_order_relaxed);
}

bool Desk::close() {
  const std::lock_guard turn(turn_mutex_);
  const std::lock_guard lock(mutex_);
  if (!out_.empty()) return false;
  stop();
  return true;
}

// ---- what executions ask -----------------------------------------------------------------------

study::Verdict Desk::judge(const study::Event& report) {
  if (ending() == Ending::kStopTrials) return study::Verdict::kStopTrial;
  const study::Verdict verdict = proposer_.judge(report);
  if (verdict == study::Verdict::kStopStudy) {
    Ending none = Ending::kNone;
    ending_.compare_exchange_strong(none, Ending::kStopTrials);
  }
  return verdict;
}

void Desk::reported(const Execution& run, std::uint64_t step, double objective) {
  notify_({Notice::Kind::kReported, run.trial, run.execution, run.attempt, step, objective});
  proposer_.relieve();
}

bool Desk::is_out(std::uint64_t trial) const {
  const std::lock_guard lock(mutex_);
  return out_.contains(trial);
}

Cell Desk::fill(std::uint64_t trial, bool first_trial, const Param& param) {
  if (!is_out(trial)) {  // its end is in the log, and nothing may follow
    throw Error(DODONA_E_STATE, "trial " + std::to_string(trial) + " has ended");
  }
  return first_trial ? param.initial : proposer_.fill(trial, param);
}

void Desk::filled(std::uint64_t trial, const Assignment& assignment) {
  journal_.append(trial, study::Filled{assignment});
}

void Desk::grown(std::uint32_t first, const std::vector<Param>& params) {
  journal_.append(study::kNoTrial, study::SpaceGrown{first, params});
}

}  // namespace dodona::schedule
