// SPDX-License-Identifier: Apache-2.0
//
// What becomes the next trial: enqueued values first, then the oracle's proposals; and what becomes
// of a running one: verdicts of the oracle and the stopper, values met mid-trial.
//
// With a lag L results are observed in the order of trials: proposal k rests on the trials 0..k-L
// alone, or on some more where the oracle waited for them, and every verdict on trial k on the same
// ones, beside its own reports. As a trial may then judge while another one's turn is to come, each
// of L slots has stoppers of its own.
//
// A proposal may be made ahead, before a trial is needed. It is kept in memory and becomes a trial
// with the `seen` that it has, unless the log gained too much in between: then the oracle is asked
// again, and nobody learns of it.
//
// Errors:  what the oracle, a stopper or the store fails with.
// Threads: propose(), propose_empty(), prepare() and is_worth_preparing() one at a time; the rest
// any.
#pragma once

#include "schedule/observer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace dodona::schedule {

// The budget of a trial for which an oracle proposes one, or 0; no limit where max_steps is 0.
constexpr std::uint64_t budget_of(std::uint64_t proposed, std::uint64_t max_steps) {
  const bool limited = max_steps > 0 && (proposed == 0 || proposed > max_steps);
  return limited ? max_steps : proposed;
}

class Proposer {
 public:
  struct Rules {
    std::uint64_t seed = 0;
    std::uint64_t max_steps = 0;  // 0: none
    std::uint32_t lag = 0;        // 0: none
    // A proposal made ahead lacks the ends of fewer trials than this: with 1, of none.
    std::uint32_t parallel_trials = 1;
  };
  // Whether a trial has ended, and its end is in the log by now.
  using Settle = std::function<bool(std::uint64_t trial)>;

  // `judges`: stoppers; with a lag, one object for each slot and stopper, those of a slot side by
  // side.
  Proposer(const Rules& rules, Journal& journal, const space::SearchSpace& space,
           study::Oracle& oracle, const std::vector<study::Oracle*>& judges, Settle settle);

  void catch_up();
  // Logs the next trial, whose id is the number of trials so far. kWait: when another trial ended.
  study::Answer propose();
  // The first trial of a model that does not declare: default values, and what it asks for becomes
  // the space. No trial may be running.
  void propose_empty();

  // Without a lag: asks for the next trial ahead. Other answers than a proposal are forgotten.
  void prepare();
  // Whether of late the oracle took so long, and trials so short, that this is worth it.
  bool is_worth_preparing() const;

  study::Verdict judge(const study::Event& report);
  // The value of a definition that trial `trial` met first.
  Cell fill(std::uint64_t trial, const Param& param);
  // Observes if much has piled up and nobody else is at it.
  void relieve();

 private:
  struct Slot {
    std::vector<std::unique_ptr<Observer>> judges;
    std::uint64_t own = 0;  // the next trial of this slot that was not observed as a whole
  };

  // What there was when a proposal was made ahead.
  struct Basis {
    std::uint64_t trials = 0;
    std::uint64_t finished = 0;
    std::size_t waiting = 0;  // values that were enqueued
    std::size_t params = 0;
  };
  struct Ahead {
    Basis basis;
    std::uint64_t seen = 0;
    study::Proposed proposal;
  };
  using Clock = std::chrono::steady_clock;

  Basis basis() const;
  bool take_ahead(std::uint64_t trial);
  Clock::time_point now() const;
  void took(Clock::time_point start);
  std::uint64_t count() const;
  std::uint64_t proposed_empty() const;
  bool settle_to(std::uint64_t turns);
  bool propose_enqueued(std::uint64_t trial);
  void log(std::uint64_t trial, study::Proposed&& proposal, std::uint64_t seen);
  std::vector<Assignment> completed(std::uint64_t trial, const std::vector<Assignment>& given);
  study::Verdict judge_in_slot(const study::Event& report);

  const Rules rules_;
  Journal& journal_;
  const space::SearchSpace& space_;
  const Settle settle_;
  Observer oracle_;
  std::vector<Slot> slots_;  // one without a lag
  // Of one of propose(), prepare() and is_worth_preparing() at a time:
  std::optional<Ahead> ahead_;
  Clock::duration pace_{};  // of the oracle, the longest; half of it is forgotten each time
};

}  // namespace dodona::schedule
