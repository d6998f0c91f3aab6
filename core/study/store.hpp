// SPDX-License-Identifier: Apache-2.0
//
// Where a study's log lives. Appended events get their place at once and become durable in order,
// several with one write; a caller that must know waits for its place.
//
// Errors:  Error{kIo} naming the file when the disk or database refuses. After a failed write every
//          later append and wait fails the same way: what was durable stays, nothing has a gap.
// Threads: any, concurrently.
#pragma once

#include "study/event.hpp"
#include "study/names.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dodona::study {

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Appends, sets event.sequence and returns it. Durable within 100 ms, or once wait() returned.
  virtual std::uint64_t append(Event& event) = 0;

  // Returns when every event below `end` is durable.
  virtual void wait_durable(std::uint64_t end) = 0;

  // How many events were appended.
  virtual std::uint64_t size() const = 0;

  // Visits the durable events from `first` on, in order, to the last one or until `visit` says
  // false. May run while others append.
  virtual void read(std::uint64_t first, const std::function<bool(const Event&)>& visit) = 0;

  // Blocks until there is a durable event at `first`, or the time is over, or interrupt() was
  // called. Says whether there is one.
  virtual bool wait_readable(std::uint64_t first, std::chrono::milliseconds time) = 0;
  // Wakes everybody in wait_readable.
  virtual void interrupt() = 0;

  // The place from which a sink goes on, 0 at first; kept as durably as events.
  virtual std::uint64_t cursor(std::string_view sink) = 0;
  virtual void set_cursor(std::string_view sink, std::uint64_t next) = 0;

  virtual Names& names() = 0;
};

}  // namespace dodona::study
