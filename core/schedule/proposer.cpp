// SPDX-License-Identifier: Apache-2.0
#include "schedule/proposer.hpp"

#include "base/assert.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <utility>

namespace dodona::schedule {
namespace {

constexpr std::chrono::microseconds kWorthWaking{200};  // a thread wakes up in a tenth of it
constexpr int kWorthPart = 50;

}  // namespace

Proposer::Proposer(const Rules& rules, Journal& journal, const space::SearchSpace& space,
                   Turns& turns)
    : rules_(rules), journal_(journal), space_(space), turns_(turns) {}

std::uint64_t Proposer::count() const {
  return journal_.with_state([](const study::State& state) { return state.trials().size(); });
}

study::Answer Proposer::propose() {
  const auto lock = turns_.oracle().lock();
  const std::uint64_t trial = count();
  if (!turns_.show(trial)) return study::Answer::kWait;
  if (take_ahead(trial)) return study::Answer::kProposed;
  for (;;) {
    if (propose_enqueued(trial)) return study::Answer::kProposed;
    const auto start = now();
    const std::uint64_t seen = turns_.seen();
    const auto push = [&](study::Proposed&& proposal) { log(trial, std::move(proposal), seen); };
    const study::Answer answer = turns_.oracle().role().propose(trial, push);
    took(start);
    DODONA_ASSERT(count() == trial + (answer == study::Answer::kProposed ? 1 : 0));
    if (answer != study::Answer::kWait || !turns_.show_more(trial)) return answer;
  }
}

void Proposer::propose_empty() {
  const auto lock = turns_.oracle().lock();
  const std::uint64_t trial = count();
  while (turns_.show_more(trial)) {
  }
  log(trial, {}, turns_.seen());
}

// ---- proposals made ahead ----------------------------------------------------------------------

void Proposer::prepare() {
  DODONA_ASSERT(turns_.allows_early_proposals());
  const auto lock = turns_.oracle().lock();
  const auto start = now();
  ahead_.reset();
  const Basis before = basis();  // what comes until the oracle has observed may count as unseen
  if (before.waiting > 0) return;
  const std::uint64_t seen = turns_.seen();
  const auto push = [&](study::Proposed&& proposal) {
    ahead_ = Ahead{before, seen, std::move(proposal)};
  };
  turns_.oracle().role().propose(before.trials, push);
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

// An early proposal rests on one result less. That is worth it where a worker would wait for the
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
  log(trial, std::move(proposal), turns_.seen());
  return true;
}

void Proposer::log(std::uint64_t trial, study::Proposed&& proposal, std::uint64_t seen) {
  proposal.seen = seen;
  proposal.budget = budget_of(proposal.budget, rules_.max_steps);
  journal_.append(trial, std::move(proposal));
}

// The given values that are active, and a value for every other active hyperparameter.
std::vector<Assignment> Proposer::completed(std::uint64_t trial,
                                            const std::vector<Assignment>& given) {
  const auto snapshot = space_.snapshot();
  const Space& space = snapshot->space;
  const std::size_t known = std::min(space.size(), turns_.params());
  Point point(space.size());
  for (std::size_t i = 0; i < known; ++i) {
    if (!space.is_active(i, point)) continue;
    const auto own = std::find_if(given.begin(), given.end(),
                                  [&](const Assignment& each) { return each.param == i; });
    point.set(i, own != given.end() ? own->cell : fill(trial, space.params()[i]));
  }
  return point.assignments();
}

Cell Proposer::fill(std::uint64_t trial, const Param& param) {
  if (const auto cell = turns_.oracle().role().fill(trial, param)) return *cell;
  const auto lane = static_cast<std::uint32_t>(name_hash(param.name));
  return from_unit(param, RandomStream(rules_.seed, trial, Purpose::kFill, lane).uniform());
}

}  // namespace dodona::schedule
