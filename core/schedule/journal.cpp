// SPDX-License-Identifier: Apache-2.0
#include "schedule/journal.hpp"

#include <utility>

namespace dodona::schedule {

std::uint64_t Journal::append(std::uint64_t trial, study::Body body) {
  study::Event event;
  event.trial = trial;
  event.body = std::move(body);
  const std::lock_guard lock(mutex_);
  event.unix_nanos = clock_.unix_nanos();
  store_.append(event);
  state_.apply(event);
  unobserved_.push_back(std::move(event));
  return state_.events();
}

Journal::Extent Journal::take_unobserved(std::vector<study::Event>& out) {
  out.clear();
  const std::lock_guard lock(mutex_);
  out.swap(unobserved_);
  return {state_.events(), state_.params().size()};
}

std::size_t Journal::unobserved() const {
  const std::lock_guard lock(mutex_);
  return unobserved_.size();
}

}  // namespace dodona::schedule
