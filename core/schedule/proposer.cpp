// SPDX-License-Identifier: Apache-2.0
#include "schedule/proposer.hpp"

#include "base/assert.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <utility>

namespace dodona::schedule {
namespace {

constexpr std::size_t kBacklogMax = 4096;
constexpr std::chrono::microseconds kWorthWaking{200};  // a thread wakes up in a tenth of it
constexpr int kWorthPart = 50;

}  // namespace

Proposer::Proposer(const Rules& rules, Journal& journal, const space::SearchSpace& space,
                   study::Oracle& oracle, const std::vector<study::Oracle*>& judges, Settle settle)
    : rules_(rules),
      journal_(journal),
      space_(space),
      settle_(std::move(settle)),
      oracle_(oracle, journal, space,
              rules.lag > 0 ? Observer::Order::kTurns : Observer::Order::kLog),
      slots_(std::max(1u, rules.lag)) {
  const auto order = rules.lag > 0 ? Observer::Order::kAllTurns : Observer::Order::kLog;
  const std::size_t each = judges.size() / slots_.size();
  for (std::size_t i = 0; i < judges.size(); ++i) {
    Slot& slot = slots_[i / each];
    slot.judges.push_back(std::make_unique<Observer>(*judges[i], journal, space, order));
    slot.own = i / each;
  }
}

void Proposer::catch_up() {
  oracle_.catch_up();
  for (Slot& slot : slots_) {
    for (const auto& judge : slot.judges) judge->catch_up();
  }
}

std::uint64_t Proposer::count() const {
  return journal_.with_state([](const study::State& state) { return state.trials().size(); });
}

// How many trials at the start made the space: those after them are proposed from it.
std::uint64_t Proposer::proposed_empty() const {
  return journal_.with_state([](const study::State& state) {
    const auto& trials = state.trials();
    const auto end = std::find_if(trials.begin(), trials.end(),
                                  [](const study::Trial& trial) { return !trial.proposed_empty; });
    return static_cast<std::uint64_t>(end - trials.begin());
  });
}

// Gives the oracle the trials below `turns`; false where one of them has not ended.
bool Proposer::settle_to(std::uint64_t turns) {
  while (oracle_.turns() < turns) {
    if (!settle_(oracle_.turns())) return false;
    oracle_.observe_turns(oracle_.turns() + 1);
  }
  return true;
}

study::Answer Proposer::propose() {
  const auto lock = oracle_.lock();
  const std::uint64_t trial = count();
  const std::uint64_t lag = rules_.lag;
  if (lag > 0) {
    const std::uint64_t turns = std::max(trial >= lag ? trial - lag + 1 : 0, proposed_empty());
    if (!settle_to(turns)) return study::Answer::kWait;
    oracle_.observe_turns(oracle_.turns());
  }
  if (take_ahead(trial)) return study::Answer::kProposed;
  for (;;) {
    if (propose_enqueued(trial)) return study::Answer::kProposed;
    const auto start = now();
    const std::uint64_t seen = lag > 0 ? oracle_.turns() : oracle_.observe();
    const auto push = [&](study::Proposed&& proposal) { log(trial, std::move(proposal), seen); };
    const study::Answer answer = oracle_.role().propose(trial, push);
    took(start);
    if (answer != study::Answer::kWait || lag == 0) return answer;
    if (oracle_.turns() >= trial || !settle_to(oracle_.turns() + 1)) return answer;
  }
}

void Proposer::propose_empty() {
  const auto lock = oracle_.lock();
  const std::uint64_t trial = count();
  if (rules_.lag > 0) settle_to(trial);
  log(trial, {}, rules_.lag > 0 ? oracle_.turns() : oracle_.observe());
}

// ---- proposals made ahead ----------------------------------------------------------------------

void Proposer::prepare() {
  DODONA_ASSERT(rules_.lag == 0);
  const auto lock = oracle_.lock();
  const auto start = now();
  ahead_.reset();
  const Basis before = basis();  // what comes until the oracle has observed may count as unseen
  if (before.waiting > 0) return;
  const std::uint64_t seen = oracle_.observe();
  const auto push = [&](study::Proposed&& proposal) {
    ahead_ = Ahead{before, seen, std::move(proposal)};
  };
  oracle_.role().propose(before.trials, push);
  took(start);
}

// Logs the proposal that was made ahead, unless the oracle would have to know more by now.
bool Proposer::take_ahead(std::uint64_t trial) {
  if (!ahead_) return false;
  Ahead ahead = *std::exchange(ahead_, std::nullopt);
  const Basis now = basis();
  const Basis& then = ahead.basis;
  const bool holds = now.trials == then.trials && now.waiting == 0 && now.params == then.params &&
                     now.finished - then.finished < rules_.parallel_trials;
  if (holds) log(trial, std::move(ahead.proposal), ahead.seen);
  return holds;
}

Proposer::Basis Proposer::basis() const {
  return journal_.with_state([](const study::State& state) {
    return Basis{state.trials().size(), state.finished(),
                 state.enqueued().size() - state.enqueued_taken(), state.params().size()};
  });
}

// What is made ahead rests on one result less. That is worth it where a worker would wait for the
// oracle for a fiftieth of its time, and no earlier.
bool Proposer::is_worth_preparing() const {
  if (pace_ < kWorthWaking) return false;
  const std::int64_t longest = journal_.with_state([&](const study::State& state) {
    const auto& trials = state.trials();
    const auto recent =
        std::min<std::size_t>(trials.size(), std::size_t{2} * rules_.parallel_trials);
    std::int64_t nanos = 0;
    for (std::size_t id = trials.size() - recent; id < trials.size(); ++id) {
      if (!study::is_final(trials[id].state)) continue;
      nanos = std::max(nanos, trials[id].finished_unix_nanos - trials[id].started_unix_nanos);
    }
    return nanos;
  });
  return pace_ * kWorthPart >= std::chrono::nanoseconds(longest);
}

// The clock costs a cheap oracle more than it is worth where nothing is made ahead.
Proposer::Clock::time_point Proposer::now() const {
  return rules_.parallel_trials > 1 ? Clock::now() : Clock::time_point();
}

void Proposer::took(Clock::time_point start) {
  pace_ = std::max(now() - start, pace_ / 2);
}

// ---- values that were enqueued -----------------------------------------------------------------

bool Proposer::propose_enqueued(std::uint64_t trial) {
  const auto first = journal_.with_state([](const study::State& state) {
    const auto& all = state.enqueued();
    const std::size_t next = state.enqueued_taken();
    return next < all.size() ? std::optional(all[next]) : std::nullopt;
  });
  if (!first) return false;
  study::Proposed proposal;
  proposal.assignments = completed(trial, first->assignments);
  proposal.enqueued = first->sequence;
  log(trial, std::move(proposal), rules_.lag > 0 ? oracle_.turns() : oracle_.observe());
  return true;
}

void Proposer::log(std::uint64_t trial, study::Proposed&& proposal, std::uint64_t seen) {
  proposal.seen = seen;
  proposal.budget = budget_of(proposal.budget, rules_.max_steps);
  journal_.append(trial, std::move(proposal));
}

// What is given where it is active, and a value for all else that is.
std::vector<Assignment> Proposer::completed(std::uint64_t trial,
                                            const std::vector<Assignment>& given) {
  const auto snapshot = space_.snapshot();
  const Space& space = snapshot->space;
  const std::size_t known =
      rules_.lag == 0 ? space.size() : journal_.with_state([&](const study::State& state) {
        return state.params_before(oracle_.turns());
      });
  Point point(space.size());
  for (std::size_t i = 0; i < known; ++i) {
    if (!space.is_active(i, point)) continue;
    const auto own = std::find_if(given.begin(), given.end(),
                                  [&](const Assignment& each) { return each.param == i; });
    point.set(i, own != given.end() ? own->cell : fill(trial, space.params()[i]));
  }
  return point.assignments();
}

study::Verdict Proposer::judge(const study::Event& report) {
  if (rules_.lag > 0) return judge_in_slot(report);
  study::Verdict verdict = study::Verdict::kContinue;
  const auto ask = [&](Observer& observer) {
    const auto lock = observer.lock();
    observer.observe();
    verdict = std::max(verdict, observer.role().judge(report));
  };
  if (oracle_.role().judges()) ask(oracle_);
  for (const auto& judge : slots_[0].judges) ask(*judge);
  return verdict;
}

// A slot's trials follow each other, so its judges see each of them as it happens, and before it
// the others whose turn had come when it was proposed.
study::Verdict Proposer::judge_in_slot(const study::Event& report) {
  study::Verdict verdict = study::Verdict::kContinue;
  Slot& slot = slots_[report.trial % rules_.lag];
  const auto turns_before = [&](std::uint64_t trial) {
    return journal_.with_state(
        [&](const study::State& state) { return state.trials()[trial].seen; });
  };
  for (const auto& judge : slot.judges) {
    const auto lock = judge->lock();
    for (std::uint64_t own = slot.own; own < report.trial; own += rules_.lag) {
      judge->observe_turns(turns_before(own));
      judge->observe_trial(own);
    }
    judge->observe_turns(turns_before(report.trial));
    judge->observe_trial(report.trial);
    verdict = std::max(verdict, judge->role().judge(report));
  }
  slot.own = report.trial;
  return verdict;
}

Cell Proposer::fill(std::uint64_t trial, const Param& param) {
  if (const auto cell = oracle_.role().fill(trial, param)) return *cell;
  const auto lane = static_cast<std::uint32_t>(name_hash(param.name));
  return from_unit(param, RandomStream(rules_.seed, trial, Purpose::kFill, lane).uniform());
}

void Proposer::relieve() {
  if (rules_.lag > 0 || journal_.backlog() < kBacklogMax) return;
  const auto observe = [](Observer& observer) {
    if (const auto lock = observer.try_lock()) observer.observe();
  };
  observe(oracle_);
  for (const auto& judge : slots_[0].judges) observe(*judge);
}

}  // namespace dodona::schedule
