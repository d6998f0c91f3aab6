// SPDX-License-Identifier: Apache-2.0
//
// Where a study's log lives. An appended event gets its place at once and becomes durable in order,
// several with one write. A caller that must know that an event is durable waits for its place.
//
// Order:   an event that is durable has all events before it durable. A crash loses events from the
//          end alone.
// Errors:  Error{kIo} that names the file where the disk or the database refuses. After a failed
//          write every later append() and wait fails in the same way: what was durable stays, and
//          the log has no gap. A store that is open for reading throws Error{kState} from append()
//          and set_cursor().
// Threads: all members from any thread, concurrently.
// Lifetime: what a visitor gets is valid during the visit alone.
#pragma once

#include "study/event.hpp"
#include "study/names.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::study {

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Appends the event, sets its sequence and returns it. It is durable within 100 ms, or once
  // wait_durable() of a later place returned. After an error the log is as before.
  // Cost: less than a microsecond; more where the disk does not keep up.
  virtual std::uint64_t append(Event& event) = 0;

  // Returns when every event below `end` is durable; `end` is at most size().
  // Cost: a write to the disk, shared with all who wait at the time.
  virtual void wait_durable(std::uint64_t end) = 0;

  // The number of events that were appended, durable or not.
  virtual std::uint64_t size() const = 0;

  // Visits the durable events from `first` on, in order, to the last one or until `visit` returns
  // false. Others may append meanwhile, the visitor too. An exception of `visit` ends the reading.
  // Errors: Error{kIo} for a damaged event, after a visit of each event before it.
  // Cost:   about 1 MiB of events in memory at a time.
  virtual void read(std::uint64_t first, const std::function<bool(const Event&)>& visit) = 0;

  // Blocks until there is a durable event at `first`, or `time` is over, or interrupt() is called.
  // Returns true if there is one.
  virtual bool wait_readable(std::uint64_t first, std::chrono::milliseconds time) = 0;
  // Wakes every thread that is in wait_readable(). A later wait is not affected.
  virtual void interrupt() = 0;

  // The sequence from which a sink goes on; 0 for a sink that has none yet.
  virtual std::uint64_t cursor(std::string_view sink) = 0;
  // Durable as an event is that is appended at the same moment.
  virtual void set_cursor(std::string_view sink, std::uint64_t next) = 0;
  // The names under which cursors are kept, sorted.
  virtual std::vector<std::string> sinks() = 0;

  // Looks for damage that reading all events does not find. Throws Error{kIo} that names it.
  // Cost: reads the whole file.
  virtual void verify() {}
  // Events below this were read without a checksum to check: dodona 0.1 wrote them.
  virtual std::uint64_t unchecked() { return 0; }

  // The file, for messages; empty where there is none.
  virtual std::string path() const { return ""; }

  // The names of metrics, by their index in events. A name that is interned before an event that
  // uses it is appended becomes durable with it, or before.
  virtual Names& names() = 0;
};

// Visits the events below `end`, and looks at no later one, which may be damaged.
template <class Visit>
void read_below(Store& store, std::uint64_t end, Visit&& visit) {
  if (end == 0) return;
  store.read(0, [&](const Event& event) {
    if (event.sequence < end) visit(event);
    return event.sequence + 1 < end;
  });
}

}  // namespace dodona::study
