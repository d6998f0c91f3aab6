// SPDX-License-Identifier: Apache-2.0
//
// An oracle or a stopper together with how much of the log it has observed.
//
// It observes either all of the log in its order, or, where results count in turns, trial by trial:
// the events of a trial come when its turn comes, however long ago they were logged. The oracle's
// knowledge then does not depend on how fast which trial ran. Proposals always come in the order of
// trials.
//
// Errors:  what the role throws. It has had the events of that call then, and gets none twice.
// Threads: lock() first; then one call at a time. The constructor and the destructor need no lock.
// Lifetime: role, journal and space outlive it.
// Cost:    keeps the events that were logged and not observed yet. With turns, also those that wait
//          for their trial's turn.
#pragma once

#include "schedule/journal.hpp"
#include "space/search_space.hpp"
#include "study/roles.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace dodona::schedule {

class Observer {
 public:
  enum class Order : std::uint8_t {
    kLog = 1,
    kTurns,    // proposals as in the log, all else of a trial in its turn
    kAllTurns  // proposals too, no later than their trial's turn and in the order of trials
  };

  Observer(study::Oracle& role, Journal& journal, const space::SearchSpace& space, Order order);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  study::Oracle& role() { return role_; }
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  std::unique_lock<std::mutex> try_lock() { return std::unique_lock(mutex_, std::try_to_lock); }

  // Observes what the log held before this study was opened. With turns, proposals say in `seen`
  // how many trials' turns had come. To be called first, once. Cost: reads the whole log.
  void catch_up();
  // kLog: observes all that was logged so far, and answers how many events that are in all.
  std::uint64_t observe();
  // With turns: observes the trials below `turns`, those of them that had not their turn yet.
  void observe_turns(std::uint64_t turns);
  // kAllTurns: observes the proposals up to this trial's and what there is of it, out of turn and
  // without its end.
  void observe_trial(std::uint64_t trial);

  std::uint64_t turns() const { return turns_; }

 private:
  void sort_in(study::Event&& event);
  void take_proposals(std::uint64_t trial);
  void take_turn(std::uint64_t trial);
  void deliver();
  void show_space();

  study::Oracle& role_;
  Journal& journal_;
  const space::SearchSpace& space_;
  const Order order_;
  Journal::Tap tap_;
  std::mutex mutex_;
  std::vector<study::Event> ready_;
  std::vector<study::Event> given_;  // to the role last
  std::vector<study::Event> taken_;
  std::deque<study::Event> proposals_;                          // kAllTurns: not observed yet
  std::map<std::uint64_t, std::vector<study::Event>> waiting_;  // for their trial's turn
  std::uint64_t turns_ = 0;                                     // trials that had theirs
  std::uint64_t proposed_ = 0;                                  // trials, by the events so far
  // The size of a space that only grows.
  struct Extent {
    std::size_t params = 0;
    std::size_t constraints = 0;
    friend bool operator==(const Extent&, const Extent&) = default;
  };
  Extent observed_;              // by what was observed
  std::optional<Extent> shown_;  // that the role knows
};

}  // namespace dodona::schedule
