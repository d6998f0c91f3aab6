// SPDX-License-Identifier: Apache-2.0
//
// Makes every proposal of a log again, from exactly what its oracle had observed, and compares.
//
// An oracle observes through an Observer, as in a search: up to the `seen` of each proposal, and
// from the start again where the study was configured anew. Trials of no oracle are passed over:
// values that were enqueued, and the first trial of a model that does not declare.
//
// Errors:  what the store or an oracle fails with.
// Threads: one.
// Cost:    as all the proposals together; the log is copied.
#pragma once

#include "schedule/observer.hpp"
#include "schedule/proposer.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dodona::schedule {

// The oracle that proposes under a study document, and its rules.
struct Proposing {
  std::unique_ptr<study::Oracle> oracle;  // none: another build than the one that is there
  std::uint64_t max_steps = 0;            // 0: none
  bool in_turns = false;                  // see turns.hpp
};

// The first thing in which a proposal differs, as text for people.
struct Difference {
  std::uint64_t trial = 0;
  std::string what;      // a hyperparameter, or a member of the proposal such as "budget"
  std::string logged;    // as the log has it
  std::string proposed;  // as the oracle proposes it now
};

// The findings so far.
struct Replayed {
  std::uint64_t verified = 0;     // proposals
  std::uint64_t passed_over = 0;  // trials that no oracle proposed
  std::uint64_t other_build = 0;  // proposals of builds that are not there
  std::optional<Difference> difference;
};

class Replay {
 public:
  using Configure = std::function<Proposing(const study::Configured& configured)>;

  // `copy` is empty; `space` has all definitions of the log. Both outlive the replay. `configure`
  // is called for each document that proposals follow.
  Replay(study::Store& copy, const space::SearchSpace& space, Configure configure);

  // Takes the log's next event. Returns false from the first difference on: later events tell
  // nothing more. A proposal may ask the oracle, which observes first.
  bool take(const study::Event& event);

  const Replayed& result() const { return result_; }

 private:
  void check(const study::Event& event, const study::Proposed& logged);
  bool observe(const study::Event& event, const study::Proposed& logged);
  void copy_below(std::uint64_t sequence);
  void begin_anew();
  void compare(std::uint64_t trial, const study::Proposed& logged, const study::Proposed& proposed);
  void compare_values(std::uint64_t trial, const std::vector<Assignment>& logged,
                      const std::vector<Assignment>& proposed);
  void differ(std::uint64_t trial, std::string what, std::string logged, std::string proposed);

  const space::SearchSpace& space_;
  const Configure configure_;
  const base::SystemClock clock_;  // unused: copied events keep their time
  study::State state_;
  Journal journal_;
  std::deque<study::Event> taken_;  // and not copied yet
  study::Configured document_;      // by which the oracle is made
  bool configured_ = false;         // since the oracle was made
  Proposing proposing_;
  std::optional<Observer> observer_;  // of the oracle
  Replayed result_;
};

}  // namespace dodona::schedule
