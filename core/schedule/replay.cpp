// SPDX-License-Identifier: Apache-2.0
#include "schedule/replay.hpp"

#include "space/definition.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace dodona::schedule {
namespace {

std::string trial_text(std::uint64_t trial) {
  return trial == study::kNoTrial ? "none" : std::to_string(trial);
}

}  // namespace

Replay::Replay(study::Store& copy, const space::SearchSpace& space, Configure configure)
    : space_(space), configure_(std::move(configure)), journal_(copy, state_, clock_) {}

bool Replay::take(const study::Event& event) {
  if (const auto* configured = std::get_if<study::Configured>(&event.body)) {
    if (!configured->keeps_oracle) {
      document_ = *configured;
      configured_ = true;
    }
  } else if (const auto* proposed = std::get_if<study::Proposed>(&event.body)) {
    check(event, *proposed);
  }
  taken_.push_back(event);
  return !result_.difference;
}

void Replay::check(const study::Event& event, const study::Proposed& logged) {
  if (configured_) begin_anew();
  if (document_.document.empty()) {
    throw Error(DODONA_E_IO, "the log is damaged: a trial stands before any study document");
  }
  const bool enqueued = logged.enqueued != study::kNoSequence;
  if (!observer_) {
    const bool by_oracle = !enqueued && !logged.assignments.empty();
    ++(by_oracle ? result_.other_build : result_.passed_over);
    return;
  }
  // In turns, what is enqueued has its place among them too.
  if ((!enqueued || proposing_.in_turns) && !observe(event, logged)) return;
  // A space of nothing leaves nothing to choose.
  const bool empty = state_.params().empty() && logged.assignments.empty();
  if (enqueued || empty) {
    ++result_.passed_over;
    return;
  }
  const auto compare_with = [&](study::Proposed&& proposed) {
    compare(event.trial, logged, proposed);
  };
  const study::Answer answer = proposing_.oracle->propose(event.trial, compare_with);
  if (answer != study::Answer::kProposed) {
    differ(event.trial, "answer", "a proposal",
           answer == study::Answer::kWait ? "wait" : "exhausted");
  }
  if (!result_.difference) ++result_.verified;
}

// Lets the oracle observe what it had observed before this proposal. False where that cannot be.
bool Replay::observe(const study::Event& event, const study::Proposed& logged) {
  const bool turns = proposing_.in_turns;
  const std::uint64_t low = turns ? observer_->turns() : state_.events();
  const std::uint64_t high = turns ? event.trial : event.sequence;
  if (logged.seen < low || logged.seen > high) {
    differ(event.trial, "seen", std::to_string(logged.seen),
           std::to_string(low) + " to " + std::to_string(high));
    return false;
  }
  copy_below(turns ? event.sequence : logged.seen);
  if (turns) {
    observer_->observe_turns(logged.seen);
  } else {
    observer_->observe();
  }
  return true;
}

void Replay::copy_below(std::uint64_t sequence) {
  for (; !taken_.empty() && taken_.front().sequence < sequence; taken_.pop_front()) {
    journal_.copy(std::move(taken_.front()));
  }
}

// A search that begins has observed all of the log up to then.
void Replay::begin_anew() {
  const auto configured =
      std::find_if(taken_.rbegin(), taken_.rend(), [](const study::Event& event) {
        const auto* body = std::get_if<study::Configured>(&event.body);
        return body != nullptr && !body->keeps_oracle;
      });
  copy_below(configured->sequence + 1);
  configured_ = false;
  observer_.reset();
  proposing_ = configure_(document_);
  if (proposing_.oracle == nullptr) return;
  observer_.emplace(*proposing_.oracle, journal_, space_,
                    proposing_.in_turns ? Observer::Order::kTurns : Observer::Order::kLog);
  observer_->catch_up();
}

void Replay::compare(std::uint64_t trial, const study::Proposed& logged,
                     const study::Proposed& proposed) {
  compare_values(trial, logged.assignments, proposed.assignments);
  const std::uint64_t budget = budget_of(proposed.budget, proposing_.max_steps);
  const auto number = [&](const char* what, std::uint64_t was, std::uint64_t is) {
    if (was != is) differ(trial, what, std::to_string(was), std::to_string(is));
  };
  number("budget", logged.budget, budget);
  number("start_step", logged.start_step, proposed.start_step);
  if (logged.resume_of != proposed.resume_of) {
    differ(trial, "resume_of", trial_text(logged.resume_of), trial_text(proposed.resume_of));
  }
  if (logged.repeat_of != proposed.repeat_of) {
    differ(trial, "repeat_of", trial_text(logged.repeat_of), trial_text(proposed.repeat_of));
  }
  number("tag", logged.tag, proposed.tag);
}

void Replay::compare_values(std::uint64_t trial, const std::vector<Assignment>& logged,
                            const std::vector<Assignment>& proposed) {
  const auto [was, is] =
      std::mismatch(logged.begin(), logged.end(), proposed.begin(), proposed.end());
  if (was == logged.end() && is == proposed.end()) return;
  const std::uint32_t first = std::min(was != logged.end() ? was->param : UINT32_MAX,
                                       is != proposed.end() ? is->param : UINT32_MAX);
  const auto snapshot = space_.snapshot();
  const Param& param = snapshot->space.params()[first];
  const auto shown = [&](auto at, auto end) {
    return at == end || at->param != first ? "none" : space::to_text(value_of(param, at->cell));
  };
  differ(trial, param.name, shown(was, logged.end()), shown(is, proposed.end()));
}

// The first one stands.
void Replay::differ(std::uint64_t trial, std::string what, std::string logged,
                    std::string proposed) {
  if (result_.difference) return;
  result_.difference = Difference{trial, std::move(what), std::move(logged), std::move(proposed)};
}

}  // namespace dodona::schedule
