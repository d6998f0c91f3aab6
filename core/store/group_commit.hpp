// SPDX-License-Identifier: Apache-2.0
//
// Many threads' events in few writes: a leader writes what all have appended, the others wait.
//
//   pending --taken by a leader--> being written --> durable
//
// A thread that needs to know and finds no write in progress becomes the leader, takes everything
// that is pending and writes it, on its own thread. Events that come meanwhile belong to the next
// group. Where groups were large of late, a leader first gives the others a moment to arrive: a
// disk that is fast would else write for one or two at a time. A thread of its own writes what
// nobody waits for, so that no event stays pending for longer than 100 ms.
//
// Errors:  what `write` throws, then and from every later call that would need the disk; a wait for
//          what was durable before still returns.
// Threads: any, concurrently; `write` is called by one at a time.
// Cost:    append: one lock, and a copy of the encoding. wait_durable: one write per group.
#pragma once

#include "base/process.hpp"
#include "study/event.hpp"

#include <dodona/error.hpp>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dodona::store {

// Encoded events that follow each other: one row.
struct Chunk {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::string bytes;
};

struct Group {
  std::vector<Chunk> chunks;
  std::map<std::string, std::uint64_t> cursors;
};

class GroupCommit {
 public:
  // Returns once the group is on the disk, all of it; throws if none of it is to count.
  using Write = std::function<void(const Group&)>;

  // `size` events are durable already.
  GroupCommit(std::uint64_t size, Write write);
  // Writes what is pending, and keeps silent if that fails: who must know waits before.
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // As in study::Store. Where more is pending than the disk can take, append waits for it.
  std::uint64_t append(study::Event& event);
  void wait_durable(std::uint64_t end);
  std::uint64_t size() const;
  bool wait_readable(std::uint64_t first, std::chrono::milliseconds time);
  void interrupt();
  void set_cursor(std::string sink, std::uint64_t next);

 private:
  using Lock = std::unique_lock<std::mutex>;

  void throw_if_failed() const;
  void note_change();
  void wait(Lock& lock, std::uint64_t end);
  void gather(Lock& lock);
  void commit(Lock& lock);
  std::optional<Error> write_quietly(const Group& group) const noexcept;
  void flush_until_stopped();

  const base::MakerProcess maker_;
  const Write write_;
  mutable std::mutex mutex_;
  std::vector<Chunk> chunks_;  // pending
  std::map<std::string, std::uint64_t> cursors_;
  std::size_t pending_bytes_ = 0;
  std::uint64_t appended_;
  std::uint64_t taken_;  // below: being written, or durable
  std::uint64_t durable_;
  std::optional<Error> failure_;

  bool leading_ = false;      // somebody gathers or writes
  unsigned waiting_ = 0;      // for the next group, its leader included
  unsigned expected_ = 1;     // how many are likely to wait for it
  std::uint64_t groups_ = 0;  // taken so far
  std::condition_variable gathered_;
  std::array<std::condition_variable, 2> done_;  // of groups with odd and with even numbers
  std::condition_variable readable_;
  std::uint64_t interrupts_ = 0;

  std::uint64_t changes_ = 0;        // counts appends and cursors
  std::uint64_t pending_since_ = 0;  // changes_ when the oldest pending one came
  bool idle_ = false;                // the flusher sleeps until a change
  bool stopping_ = false;
  std::condition_variable flusher_wakes_;
  std::thread flusher_;  // last: it uses all of the above
};

}  // namespace dodona::store
