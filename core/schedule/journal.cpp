// SPDX-License-Identifier: Apache-2.0
#include "schedule/journal.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace dodona::schedule {

std::uint64_t Journal::append(std::uint64_t trial, study::Body body) {
  study::Event event;
  event.trial = trial;
  event.body = std::move(body);
  const std::lock_guard lock(mutex_);
  event.unix_nanos = clock_.unix_nanos();
  event.sequence = state_.events();
  state_.admit(event);
  return put(std::move(event));
}

std::uint64_t Journal::copy(study::Event event) {
  const std::lock_guard lock(mutex_);
  event.sequence = state_.events();
  state_.check(event);
  return put(std::move(event));
}

std::uint64_t Journal::put(study::Event&& event) {
  const std::uint64_t sequence = store_.append(event);
  DODONA_ASSERT(sequence == state_.events());
  state_.apply(event);
  for (std::size_t i = 1; i < taps_.size(); ++i) taps_[i]->push_back(event);
  if (!taps_.empty()) taps_[0]->push_back(std::move(event));
  return state_.events();
}

void Journal::open(Tap& tap) {
  const std::lock_guard lock(mutex_);
  DODONA_ASSERT(std::find(taps_.begin(), taps_.end(), &tap) == taps_.end());
  taps_.push_back(&tap);
}

void Journal::close(Tap& tap) {
  const std::lock_guard lock(mutex_);
  const std::size_t closed = std::erase(taps_, &tap);
  DODONA_ASSERT(closed == 1);
}

std::uint64_t Journal::take(Tap& tap, std::vector<study::Event>& out) {
  out.clear();
  const std::lock_guard lock(mutex_);
  out.swap(tap);
  return state_.events();
}

std::size_t Journal::backlog() const {
  const std::lock_guard lock(mutex_);
  std::size_t most = 0;
  for (const Tap* tap : taps_) most = std::max(most, tap->size());
  return most;
}

}  // namespace dodona::schedule
