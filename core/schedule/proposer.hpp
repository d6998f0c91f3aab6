// SPDX-License-Identifier: Apache-2.0
//
// Makes the next trial: of enqueued values first, then of the oracle's proposals. Also gives the
// values of hyperparameters that a running trial meets first. Turns tell which results a proposal
// rests on.
//
// Enqueued values are ready once one of their names is known. A name that is still unknown then has
// its value as soon as the trial asks for it.
//
// A proposal may be made ahead, before a trial is needed. It is kept in memory and becomes a trial
// with the `seen` that it has. If the log gained too much in between, it is dropped: the oracle is
// asked again, and nobody learns of it. See decisions/0010-proposals-ahead.md.
//
// Errors:  what the oracle or the store fails with. Error{kInvalid} for a proposal that max_steps
//          leaves no steps of, unless it goes on from a trial of the same values, whose result it
//          keeps. Nothing was proposed then, unless the oracle fails after its push: such a trial
//          is in the log.
// Threads: propose(), propose_empty(), prepare() and is_worth_preparing() one at a time; fill()
//          any. The first three take the oracle's lock.
// Cost:    that of the oracle.
#pragma once

#include "schedule/turns.hpp"
#include "space/session.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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
    // A proposal made ahead is dropped once so many trials have ended since.
    std::uint32_t parallel_trials = 1;
  };

  Proposer(const Rules& rules, Journal& journal, const space::SearchSpace& space, Turns& turns);

  // Logs the next trial, whose id is the number of trials so far. kWait: when another trial ended.
  study::Answer propose();
  // Logs one more run of the values of a trial that has ended: enqueued, as no oracle proposes it.
  // kWait: when another trial ended.
  study::Answer propose_repeat(std::uint64_t of);
  // The first trial of a model that does not declare: default values, and what it asks for becomes
  // the space. No trial may be running.
  void propose_empty();

  // Where turns allow it: asks for the next trial ahead. Other answers than a proposal are
  // forgotten. Drops an earlier proposal made ahead. Logs nothing.
  void prepare();
  // True if of late the oracle took so long, and trials so short, that this is worth it.
  bool is_worth_preparing() const;
  // Another number for Rules::parallel_trials. [any]
  void set_parallel_trials(std::uint32_t parallel_trials) { parallel_trials_ = parallel_trials; }

  // The value of a definition that trial `trial` met first: the enqueued one, else the oracle's,
  // else one that is drawn from seed, trial and name. One of the oracle that does not fit the
  // constraints gives way to one that is drawn and does, if any is.
  using Fits = space::Session::Fits;
  Cell fill(std::uint64_t trial, const Param& param, const Fits& fits);

 private:
  // The state of the log when a proposal was made ahead.
  struct Basis {
    std::uint64_t trials = 0;
    std::uint64_t finished = 0;
    bool waiting = false;   // true if enqueued values are ready
    std::size_t known = 0;  // definitions and constraints
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
  static const study::State::EnqueuedValues* next_enqueued(const study::State& state,
                                                           std::size_t known);
  bool propose_enqueued(std::uint64_t trial);
  void log(std::uint64_t trial, study::Proposed&& proposal, std::uint64_t seen);
  // Why a trial may not end with the score of the one that it goes on from; else empty.
  bool has_values_of(const study::Proposed& proposal, std::uint64_t trial) const;
  std::string idle_problem(const study::Proposed& proposal) const;
  std::vector<Assignment> completed(std::uint64_t trial, const study::State::EnqueuedValues& given);
  Point completed(std::uint64_t trial, const study::State::EnqueuedValues& given,
                  const Space& space, std::uint32_t attempt);
  Cell drawn(std::uint64_t trial, const Param& param, std::uint32_t attempt);

  const Rules rules_;
  std::atomic<std::uint32_t> parallel_trials_;
  Journal& journal_;
  const space::SearchSpace& space_;
  Turns& turns_;
  // Of one of propose(), prepare() and is_worth_preparing() at a time:
  std::optional<Ahead> ahead_;
  Clock::duration pace_{};  // of the oracle, the longest; half of it is forgotten each time
};

}  // namespace dodona::schedule
