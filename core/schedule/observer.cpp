// SPDX-License-Identifier: Apache-2.0
#include "schedule/observer.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace dodona::schedule {
namespace {

constexpr std::size_t kBatch = 1024;

// A definition that a trial met belongs to its end: its place in the space depends on the trials
// before it. So does what came from another study in its turn, by the definitions that it met.
bool ends_trial(const study::Event& event) {
  return std::holds_alternative<study::SpaceGrown>(event.body) ||
         std::holds_alternative<study::Imported>(event.body) ||
         std::holds_alternative<study::Filled>(event.body) ||
         std::holds_alternative<study::Finished>(event.body);
}

}  // namespace

Observer::Observer(study::Oracle& role, Journal& journal, const space::SearchSpace& space,
                   Order order)
    : role_(role), journal_(journal), space_(space), order_(order) {
  journal_.open(tap_);
}

Observer::~Observer() {
  journal_.close(tap_);
}

void Observer::catch_up() {
  const std::uint64_t end = journal_.take(tap_, taken_);  // these are in the store too
  journal_.wait_durable(end);
  journal_.store().read(0, [&](const study::Event& event) {
    const auto* proposed = std::get_if<study::Proposed>(&event.body);
    if (proposed != nullptr && order_ == Order::kTurns) observe_turns(proposed->seen);
    sort_in(study::Event(event));
    if (ready_.size() >= kBatch) deliver();
    return event.sequence + 1 < end;
  });
  deliver();
}

std::uint64_t Observer::observe() {
  DODONA_ASSERT(order_ == Order::kLog);
  const std::uint64_t end = journal_.take(tap_, taken_);
  for (study::Event& event : taken_) sort_in(std::move(event));
  deliver();
  return end;
}

void Observer::observe_turns(std::uint64_t turns) {
  DODONA_ASSERT(order_ != Order::kLog);
  journal_.take(tap_, taken_);
  for (study::Event& event : taken_) sort_in(std::move(event));
  while (turns_ < turns) take_turn(turns_++);
  deliver();
}

void Observer::observe_trial(std::uint64_t trial) {
  DODONA_ASSERT(order_ == Order::kAllTurns);
  journal_.take(tap_, taken_);
  for (study::Event& event : taken_) sort_in(std::move(event));
  take_proposals(trial);
  const auto found = waiting_.find(trial);
  if (found != waiting_.end()) {
    std::vector<study::Event>& events = found->second;
    const auto own = [](const study::Event& event) {
      return event.trial != study::kNoTrial && !ends_trial(event);
    };
    const auto end = std::stable_partition(events.begin(), events.end(), own);
    std::move(events.begin(), end, std::back_inserter(ready_));
    events.erase(events.begin(), end);
  }
  deliver();
}

// An event of no trial waits for the trials that were proposed before it: it may use definitions
// that one of them met.
void Observer::sort_in(study::Event&& event) {
  const bool proposal = std::holds_alternative<study::Proposed>(event.body);
  if (proposal) proposed_ = event.trial + 1;
  if (proposal && order_ == Order::kAllTurns) {
    proposals_.push_back(std::move(event));
    return;
  }
  const bool of_a_trial = event.trial != study::kNoTrial;
  const std::uint64_t turn = of_a_trial ? event.trial + 1 : proposed_;  // the turns to wait for
  const bool waits = turn > turns_ && order_ != Order::kLog && !proposal;
  (waits ? waiting_[turn - 1] : ready_).push_back(std::move(event));
}

void Observer::take_proposals(std::uint64_t trial) {
  while (!proposals_.empty() && proposals_.front().trial <= trial) {
    ready_.push_back(std::move(proposals_.front()));
    proposals_.pop_front();
  }
}

void Observer::take_turn(std::uint64_t trial) {
  DODONA_ASSERT(trial + 1 == turns_);
  take_proposals(trial);
  const auto found = waiting_.find(trial);
  if (found == waiting_.end()) return;
  std::move(found->second.begin(), found->second.end(), std::back_inserter(ready_));
  waiting_.erase(found);
}

// A role that throws has had these events: it never gets one twice.
void Observer::deliver() {
  for (const study::Event& event : ready_) {
    if (const auto* grown = std::get_if<study::SpaceGrown>(&event.body)) {
      observed_.params = grown->first + grown->params.size();
      observed_.constraints += grown->constraints.size();
    }
  }
  given_.clear();
  given_.swap(ready_);
  show_space();
  if (!given_.empty()) role_.observe(given_);
}

// The definitions and constraints that the events at hand may use, and no later ones.
void Observer::show_space() {
  if (observed_ == shown_) return;
  const auto snapshot = space_.snapshot();
  const Space& all = snapshot->space;
  DODONA_ASSERT(observed_.params <= all.size());
  DODONA_ASSERT(observed_.constraints <= all.constraint_count());
  if (observed_ == Extent{all.size(), all.constraint_count()}) {
    role_.set_space(all);
  } else {
    Space known;
    for (std::size_t i = 0; i < observed_.params; ++i) known.add(all.params()[i]);
    for (std::size_t i = 0; i < observed_.constraints; ++i) {
      known.add_constraint(all.constraint(i).text());
    }
    role_.set_space(known);
  }
  shown_ = observed_;
}

}  // namespace dodona::schedule
