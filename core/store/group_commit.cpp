// SPDX-License-Identifier: Apache-2.0
#include "store/group_commit.hpp"

#include "base/assert.hpp"
#include "study/codec.hpp"

#include <algorithm>
#include <utility>

namespace dodona::store {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kPendingBytesMax = std::size_t{16} << 20;

// The longest time that a leader waits for the threads likely to come: so much for each, as their
// threads must wake up and append, and never more than a few writes on a fast disk take.
constexpr std::chrono::microseconds kArrival{40};
constexpr std::chrono::microseconds kGatherMax{2000};

// Twice this and the time of a write is how long an event can be pending.
constexpr std::chrono::milliseconds kTick{40};

}  // namespace

GroupCommit::GroupCommit(std::uint64_t size, Write write)
    : write_(std::move(write)), appended_(size), taken_(size), durable_(size), flusher_([this] {
        flush_until_stopped();
      }) {}

GroupCommit::~GroupCommit() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
    flusher_wakes_.notify_one();
  }
  flusher_.join();
}

std::uint64_t GroupCommit::append(study::Event& event) {
  maker_.check("the study");
  Lock lock(mutex_);
  throw_if_failed();
  DODONA_ASSERT(durable_ <= taken_ && taken_ <= appended_);
  const bool fits = !chunks_.empty() && chunks_.back().bytes.size() < kChunkBytes;
  const std::size_t before = fits ? chunks_.back().bytes.size() : 0;
  if (fits) {
    study::encode(event, chunks_.back().bytes);
    ++chunks_.back().count;
  } else {
    Chunk chunk{appended_, 1, {}};
    study::encode(event, chunk.bytes);
    chunks_.push_back(std::move(chunk));
  }
  pending_bytes_ += chunks_.back().bytes.size() - before;
  event.sequence = appended_++;
  note_change();
  if (pending_bytes_ > kPendingBytesMax) wait(lock, appended_);
  return event.sequence;
}

void GroupCommit::wait_durable(std::uint64_t end) {
  maker_.check("the study");
  Lock lock(mutex_);
  DODONA_ASSERT(end <= appended_);
  wait(lock, end);
}

std::uint64_t GroupCommit::size() const {
  const Lock lock(mutex_);
  return appended_;
}

bool GroupCommit::wait_readable(std::uint64_t first, std::chrono::milliseconds time) {
  Lock lock(mutex_);
  const std::uint64_t interrupts = interrupts_;
  readable_.wait_for(lock, time, [&] { return durable_ > first || interrupts_ != interrupts; });
  return durable_ > first;
}

void GroupCommit::interrupt() {
  const Lock lock(mutex_);
  ++interrupts_;
  readable_.notify_all();
}

void GroupCommit::set_cursor(std::string sink, std::uint64_t next) {
  maker_.check("the study");
  const Lock lock(mutex_);
  throw_if_failed();
  cursors_.insert_or_assign(std::move(sink), next);
  note_change();
}

void GroupCommit::throw_if_failed() const {
  if (failure_) throw Error(*failure_);
}

// Call after something became pending.
void GroupCommit::note_change() {
  ++changes_;
  if (pending_since_ == 0) pending_since_ = changes_;
  if (std::exchange(idle_, false)) flusher_wakes_.notify_one();
}

void GroupCommit::wait(Lock& lock, std::uint64_t end) {
  bool counted = false;
  while (durable_ < end) {
    throw_if_failed();
    const bool next_group = end > taken_;
    if (next_group && !std::exchange(counted, true)) {
      ++waiting_;
      if (waiting_ == expected_) gathered_.notify_one();
    }
    if (!leading_) {
      gather(lock);
    } else {
      done_[(next_group ? groups_ + 1 : groups_) % 2].wait(lock);
    }
  }
}

// Leads a group that somebody waits for.
void GroupCommit::gather(Lock& lock) {
  leading_ = true;
  gathered_.wait_for(lock, std::min(kGatherMax, expected_ * kArrival),
                     [&] { return waiting_ >= expected_; });
  const unsigned served = waiting_;
  commit(lock);
  // All who could be here were in this group or came for the next one while it was written. Where
  // trials take long, few are both times, and the next leader does not tarry.
  expected_ = served + waiting_;
}

// Writes what is pending. Returns with the lock held.
void GroupCommit::commit(Lock& lock) {
  DODONA_ASSERT(lock.owns_lock());
  DODONA_ASSERT(chunks_.empty() || chunks_.front().first == taken_);
  leading_ = true;
  const Group group{std::exchange(chunks_, {}), std::exchange(cursors_, {})};
  pending_bytes_ = 0;
  pending_since_ = 0;
  waiting_ = 0;
  taken_ = appended_;
  ++groups_;
  lock.unlock();
  std::optional<Error> failure = write_quietly(group);
  lock.lock();
  leading_ = false;
  if (failure) {
    failure_ = std::move(failure);
    for (auto& done : done_) done.notify_all();
    return;
  }
  DODONA_ASSERT(durable_ <= taken_);
  durable_ = taken_;
  done_[groups_ % 2].notify_all();
  done_[(groups_ + 1) % 2].notify_one();  // the next leader
  readable_.notify_all();
}

std::optional<Error> GroupCommit::write_quietly(const Group& group) const noexcept {
  try {
    write_(group);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(DODONA_E_FAILED, error.what());
  }
}

// Each tick writes what was pending when it began, unless a leader is at it. The thread sleeps
// soundly only after a tick without any change: a busy study need not wake it for each group.
void GroupCommit::flush_until_stopped() {
  Lock lock(mutex_);
  bool quiet = true;
  while (!stopping_) {
    const std::uint64_t seen = changes_;
    if (quiet && pending_since_ == 0) {
      idle_ = true;
      flusher_wakes_.wait(lock, [&] { return stopping_ || changes_ != seen; });
      quiet = false;
      continue;
    }
    flusher_wakes_.wait_for(lock, kTick, [&] { return stopping_; });
    quiet = changes_ == seen;
    const bool old = pending_since_ != 0 && pending_since_ <= seen;
    if (old && !leading_ && !failure_) commit(lock);
  }
  if (pending_since_ != 0 && !failure_) commit(lock);
}

}  // namespace dodona::store
