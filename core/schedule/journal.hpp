// SPDX-License-Identifier: Apache-2.0
//
// The one way into a study's log: checks an event against the state, appends it to the store, folds
// it into the state, and keeps it for those who observe.
//
// Errors:  append() throws Error{kState} for an event that the state does not admit, such as the
//          second end of a trial: log, state and taps are then as before. The store's errors pass.
// Threads: any. One lock guards state and taps: events have the same order everywhere.
// Lifetime: store, state and clock outlive it.
// Cost:    an append is one in the store, and a copy of the event for each open tap but one.
#pragma once

#include "base/clock.hpp"
#include "study/state.hpp"
#include "study/store.hpp"

#include <cstdint>
#include <mutex>
#include <vector>

namespace dodona::schedule {

class Journal {
 public:
  Journal(study::Store& store, study::State& state, const base::Clock& clock)
      : store_(store), state_(state), clock_(clock) {}

  // Returns the number of events in the log, this one included. It is durable once wait_durable()
  // of that number returned. Sets sequence and time.
  std::uint64_t append(std::uint64_t trial, study::Body body);
  // The same for an event of another log, whose time it keeps: what a log once took is taken.
  // Throws Error{kIo} for a damaged one: log, state and taps are then as before.
  std::uint64_t copy(study::Event event);

  // Appended events go to the open taps too, for the observers.
  using Tap = std::vector<study::Event>;
  // A tap gets the events from open() on. It is not open yet.
  void open(Tap& tap);
  // An open tap gets nothing more. It must be closed before its end.
  void close(Tap& tap);
  // Moves what a tap got to `out` and returns the number of events in the log at that moment. The
  // former contents of `out` are dropped.
  std::uint64_t take(Tap& tap, std::vector<study::Event>& out);
  // The number of events in the fullest tap.
  std::size_t backlog() const;

  void wait_durable(std::uint64_t end) { store_.wait_durable(end); }

  // Calls function(const State&) under the lock. The function must not call the journal, and keeps
  // no reference to what may change.
  template <class Function>
  auto with_state(Function&& function) const {
    const std::lock_guard lock(mutex_);
    return function(static_cast<const study::State&>(state_));
  }

  const base::Clock& clock() const { return clock_; }
  study::Names& names() { return store_.names(); }
  study::Store& store() { return store_; }

 private:
  std::uint64_t put(study::Event&& event);

  mutable std::mutex mutex_;
  study::Store& store_;
  study::State& state_;
  const base::Clock& clock_;
  std::vector<Tap*> taps_;
};

}  // namespace dodona::schedule
