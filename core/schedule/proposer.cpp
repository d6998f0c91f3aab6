// SPDX-License-Identifier: Apache-2.0
#include "schedule/proposer.hpp"

#include "base/assert.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace dodona::schedule {
namespace {

constexpr std::chrono::microseconds kWorthWaking{200};  // a thread wakes up in a tenth of it
constexpr int kWorthPart = 50;
constexpr std::uint32_t kDrawsMax = 10000;  // of values that keep the constraints

using EnqueuedValues = study::State::EnqueuedValues;

// The value that is given for a definition: its own, else that of its name. The definition may have
// joined since, as the first of its name or with other conditions than an earlier one. Nothing
// where the value does not fit.
std::optional<Cell> given_cell(const EnqueuedValues& values, const std::vector<Param>& params,
                               const Param& param) {
  for (const Assignment& each : values.assignments) {
    if (params[each.param] == param) return each.cell;
  }
  for (const study::LaterValue& each : values.later) {
    if (each.name == param.name) return cell_of(param, each.value);
  }
  for (const Assignment& each : values.assignments) {
    const Param& other = params[each.param];
    if (other.name == param.name) return cell_of(param, value_of(other, each.cell));
  }
  return std::nullopt;
}

}  // namespace

Proposer::Proposer(const Rules& rules, Journal& journal, const space::SearchSpace& space,
                   Turns& turns)
    : rules_(rules),
      parallel_trials_(rules.parallel_trials),
      journal_(journal),
      space_(space),
      turns_(turns) {}

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

study::Answer Proposer::propose_repeat(std::uint64_t of) {
  const auto lock = turns_.oracle().lock();
  const std::uint64_t trial = count();
  DODONA_ASSERT(of < trial);
  if (!turns_.show(trial)) return study::Answer::kWait;
  study::Proposed proposal;
  proposal.repeat_of = of;
  journal_.with_state([&](const study::State& state) {
    const study::TrialRecord& first = state.trials()[of];
    proposal.assignments.assign(first.assignments.begin(), first.assignments.end());
    proposal.budget = first.budget;
    // The process may have ended after it enqueued them.
    for (const std::size_t index : state.waiting()) {
      const EnqueuedValues& values = state.enqueued()[index];
      if (values.assignments == proposal.assignments) proposal.enqueued = values.sequence;
    }
  });
  if (proposal.enqueued == study::kNoSequence) {
    proposal.enqueued = journal_.append(study::kNoTrial, study::Enqueued{proposal.assignments}) - 1;
  }
  log(trial, std::move(proposal), turns_.seen());
  return study::Answer::kProposed;
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
  if (before.waiting) return;
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
  const bool holds = now.trials == then.trials && !now.waiting && now.known == then.known &&
                     now.finished - then.finished < parallel_trials_;
  if (holds) log(trial, std::move(ahead.proposal), ahead.seen);
  return holds;
}

Proposer::Basis Proposer::basis() const {
  const std::size_t known = turns_.params();
  return journal_.with_state([&](const study::State& state) {
    return Basis{state.trials().size(), state.finished(), next_enqueued(state, known) != nullptr,
                 state.params().size() + state.constraints().size()};
  });
}

// An early proposal rests on one result less. That is worth it where a worker would wait for the
// oracle for a fiftieth of its time, and no earlier.
bool Proposer::is_worth_preparing() const {
  if (pace_ < kWorthWaking) return false;
  const std::int64_t longest = journal_.with_state([&](const study::State& state) {
    const auto& trials = state.trials();
    const auto recent =
        std::min<std::size_t>(trials.size(), std::size_t{2} * parallel_trials_.load());
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
  return parallel_trials_ > 1 ? Clock::now() : Clock::time_point();
}

void Proposer::took(Clock::time_point start) {
  pace_ = std::max(now() - start, pace_ / 2);
}

// ---- values that were enqueued -----------------------------------------------------------------

// The first values that are ready, by the `known` first definitions; or nullptr. A trial of values
// of which some name is known may be the one that meets the others, so it does not wait for them.
const EnqueuedValues* Proposer::next_enqueued(const study::State& state, std::size_t known) {
  const std::vector<Param>& params = state.params();
  const auto end = params.begin() + static_cast<std::ptrdiff_t>(std::min(known, params.size()));
  for (const std::size_t index : state.waiting()) {
    const EnqueuedValues& values = state.enqueued()[index];
    const bool some_known = std::any_of(values.later.begin(), values.later.end(), [&](auto& each) {
      return std::any_of(params.begin(), end,
                         [&](const Param& param) { return param.name == each.name; });
    });
    if (values.later.empty() || !values.assignments.empty() || some_known) return &values;
  }
  return nullptr;
}

bool Proposer::propose_enqueued(std::uint64_t trial) {
  const std::size_t known = turns_.params();
  const auto next = journal_.with_state([&](const study::State& state) {
    const EnqueuedValues* const values = next_enqueued(state, known);
    return values != nullptr ? std::optional(*values) : std::nullopt;
  });
  if (!next) return false;
  study::Proposed proposal;
  proposal.assignments = completed(trial, *next);
  proposal.enqueued = next->sequence;
  log(trial, std::move(proposal), turns_.seen());
  return true;
}

void Proposer::log(std::uint64_t trial, study::Proposed&& proposal, std::uint64_t seen) {
  proposal.seen = seen;
  proposal.budget = budget_of(proposal.budget, rules_.max_steps);
  if (proposal.repeat_of != study::kNoTrial && !has_values_of(proposal, proposal.repeat_of)) {
    throw Error(DODONA_E_INVALID, "the proposal is refused: it repeats trial " +
                                      std::to_string(proposal.repeat_of) + " and has other values");
  }
  const bool idle = proposal.budget > 0 && proposal.start_step >= proposal.budget;
  const std::string why = idle ? idle_problem(proposal) : "";
  if (!why.empty()) {
    throw Error(DODONA_E_INVALID, "the proposal is refused: start_step " +
                                      std::to_string(proposal.start_step) +
                                      " is not below budget " + std::to_string(proposal.budget) +
                                      ", which max_steps limits, and " + why);
  }
  journal_.append(trial, std::move(proposal));
}

// A value that either trial lacks was of no use to it.
bool Proposer::has_values_of(const study::Proposed& proposal, std::uint64_t trial) const {
  return journal_.with_state([&](const study::State& state) {
    DODONA_ASSERT(trial < state.trials().size());
    const auto& before = state.trials()[trial].assignments;
    return std::all_of(before.begin(), before.end(), [&](const Assignment& known) {
      return std::none_of(proposal.assignments.begin(), proposal.assignments.end(),
                          [&](const Assignment& own) {
                            return own.param == known.param && own.cell != known.cell;
                          });
    });
  });
}

// A trial that has nothing to do ends with the score of the one before, which holds for the values
// of that one alone.
std::string Proposer::idle_problem(const study::Proposed& proposal) const {
  if (proposal.resume_of == study::kNoTrial) return "it goes on from no trial";
  if (has_values_of(proposal, proposal.resume_of)) return "";
  return "its values are not those of trial " + std::to_string(proposal.resume_of) +
         ", from which it goes on";
}

// The given values that are active, and a value for every other active hyperparameter. Those are
// drawn again until they keep the constraints. Should none be found, the trial fails by its values.
std::vector<Assignment> Proposer::completed(std::uint64_t trial, const EnqueuedValues& given) {
  const auto snapshot = space_.snapshot();
  const Space& space = snapshot->space;
  const std::size_t constraints = std::min(space.constraint_count(), turns_.constraints());
  const auto keeps_all = [&](const Point& point) {
    for (std::size_t i = 0; i < constraints; ++i) {
      if (space.evaluate(i, point) != Finding::kHolds) return false;
    }
    return true;
  };
  Point point = completed(trial, given, space, 0);
  for (std::uint32_t attempt = 1; attempt < kDrawsMax && !keeps_all(point); ++attempt) {
    point = completed(trial, given, space, attempt);
  }
  return point.assignments();
}

Point Proposer::completed(std::uint64_t trial, const EnqueuedValues& given, const Space& space,
                          std::uint32_t attempt) {
  const std::size_t known = std::min(space.size(), turns_.params());
  Point point(space.size());
  for (std::size_t i = 0; i < known; ++i) {
    if (!space.is_active(i, point)) continue;
    const auto own = given_cell(given, space.params(), space.params()[i]);
    point.set(i, own ? *own : drawn(trial, space.params()[i], attempt));
  }
  return point;
}

Cell Proposer::fill(std::uint64_t trial, const Param& param, const Fits& fits) {
  const auto own = journal_.with_state([&](const study::State& state) -> std::optional<Cell> {
    const EnqueuedValues* const values = state.enqueued_of(trial);
    if (values == nullptr) return std::nullopt;
    return given_cell(*values, state.params(), param);
  });
  if (own) return *own;
  Cell cell = drawn(trial, param, 0);
  for (std::uint32_t attempt = 1; attempt < kDrawsMax && !fits(cell); ++attempt) {
    cell = drawn(trial, param, attempt);
  }
  return cell;
}

// The first attempt is the oracle's, if it gives one. Each attempt draws anew.
Cell Proposer::drawn(std::uint64_t trial, const Param& param, std::uint32_t attempt) {
  if (attempt == 0) {
    if (const auto cell = turns_.oracle().role().fill(trial, param)) return *cell;
  }
  const auto lane = static_cast<std::uint32_t>(name_hash(param.name)) + attempt;
  return from_unit(param, RandomStream(rules_.seed, trial, Purpose::kFill, lane).uniform());
}

}  // namespace dodona::schedule
