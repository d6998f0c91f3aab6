// SPDX-License-Identifier: Apache-2.0
#include "schedule/turns.hpp"

#include "base/assert.hpp"
#include "schedule/held_trial.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <type_traits>
#include <utility>

namespace dodona::schedule {
namespace {

constexpr std::size_t kBacklogMax = 4096;

using Judges = std::vector<std::unique_ptr<Observer>>;

// ---- as they come ------------------------------------------------------------------------------

class AsTheyCome final : public Turns {
 public:
  explicit AsTheyCome(const Parts& parts) : Turns(parts, Observer::Order::kLog) {
    for (study::Oracle* const judge : parts.judges) {
      judges_.push_back(
          std::make_unique<Observer>(*judge, parts.journal, parts.space, Observer::Order::kLog));
    }
  }

  std::uint32_t workers(std::uint32_t wanted) const override { return wanted; }
  bool allows_early_proposals() const override { return true; }

  void catch_up() override {
    oracle_.catch_up();
    for (const auto& judge : judges_) judge->catch_up();
  }
  bool show(std::uint64_t) override { return true; }
  bool show_more(std::uint64_t) override { return false; }
  std::uint64_t seen() override { return oracle_.observe(); }
  std::size_t params() const override { return parts_.space.size(); }
  std::size_t constraints() const override {
    return parts_.space.snapshot()->space.constraint_count();
  }

  void begin(std::uint64_t) override {}
  space::SearchSpace& space_of(std::uint64_t) override { return parts_.space; }
  void filled(std::uint64_t trial, const Assignment& assignment) override {
    parts_.journal.append(trial, study::Filled{assignment});
  }
  void grown(const space::Growth& growth) override {
    parts_.journal.append(study::kNoTrial, growth);
  }
  std::vector<Assignment> filled_by(std::uint64_t) override { return {}; }
  bool can_go_on(std::uint64_t) override { return true; }

  study::Verdict judge(const study::Event& report) override {
    study::Verdict verdict = study::Verdict::kContinue;
    const auto ask = [&](Observer& observer) {
      const auto lock = observer.lock();
      observer.observe();
      verdict = std::max(verdict, observer.role().judge(report));
    };
    if (oracle_.role().judges()) ask(oracle_);
    for (const auto& judge : judges_) ask(*judge);
    return verdict;
  }
  void relieve() override {
    if (parts_.journal.backlog() < kBacklogMax) return;
    const auto observe = [](Observer& observer) {
      if (const auto lock = observer.try_lock()) observer.observe();
    };
    observe(oracle_);
    for (const auto& judge : judges_) observe(*judge);
  }

  void finish(std::uint64_t trial, study::Finished&& result) override {
    log_end(trial, std::move(result));
    parts_.counted(
        parts_.journal.with_state([](const study::State& state) { return state.streaks(); }));
  }
  void settle_all() override {}

 private:
  Judges judges_;
};

// ---- in the order of trials --------------------------------------------------------------------

class InOrder final : public Turns {
 public:
  InOrder(std::uint32_t slots, const Parts& parts);

  std::uint32_t workers(std::uint32_t wanted) const override {
    return std::min(wanted, static_cast<std::uint32_t>(slots_.size()));
  }
  bool allows_early_proposals() const override { return false; }

  void catch_up() override;
  bool show(std::uint64_t trial) override;
  bool show_more(std::uint64_t trial) override {
    return oracle_.turns() < trial && show_below(oracle_.turns() + 1);
  }
  std::uint64_t seen() override { return oracle_.turns(); }
  std::size_t params() const override;
  std::size_t constraints() const override;

  void begin(std::uint64_t trial) override;
  space::SearchSpace& space_of(std::uint64_t trial) override;
  void filled(std::uint64_t trial, const Assignment& assignment) override;
  void grown(const space::Growth& growth) override;
  std::vector<Assignment> filled_by(std::uint64_t trial) override;
  bool can_go_on(std::uint64_t trial) override;
  study::Verdict judge(const study::Event& report) override;
  void relieve() override {}

  void finish(std::uint64_t trial, study::Finished&& result) override;
  void settle_all() override;

 private:
  struct Slot {
    Judges judges;
    std::uint64_t own = 0;  // the next trial of this slot that was not observed as a whole
  };

  std::uint64_t proposed() const;
  std::uint64_t proposed_empty() const;
  bool show_below(std::uint64_t turns);
  bool settle(std::uint64_t trial);
  HeldTrial* held(std::uint64_t trial);

  std::vector<Slot> slots_;
  // Of whoever proposes, or of settle_all():
  std::uint64_t settled_ = 0;  // trials that had their turn
  study::Streaks streaks_;     // of them

  std::mutex mutex_;
  std::map<std::uint64_t, std::unique_ptr<HeldTrial>> held_;  // they run, or wait for their turn
};

InOrder::InOrder(std::uint32_t slots, const Parts& parts)
    : Turns(parts, Observer::Order::kTurns), slots_(slots) {
  DODONA_ASSERT(slots > 0 && parts.judges.size() % slots == 0);
  const std::size_t each = parts.judges.size() / slots;
  for (std::size_t i = 0; i < parts.judges.size(); ++i) {
    Slot& slot = slots_[i / each];
    slot.judges.push_back(std::make_unique<Observer>(*parts.judges[i], parts.journal, parts.space,
                                                     Observer::Order::kAllTurns));
    slot.own = i / each;
  }
  parts.journal.with_state([&](const study::State& state) {  // those of an earlier search
    while (settled_ < state.trials().size() && study::is_final(state.trials()[settled_].state)) {
      streaks_.add(state.trials()[settled_++].state);
    }
  });
}

void InOrder::catch_up() {
  oracle_.catch_up();
  for (Slot& slot : slots_) {
    for (const auto& judge : slot.judges) judge->catch_up();
  }
}

std::uint64_t InOrder::proposed() const {
  return parts_.journal.with_state([](const study::State& state) { return state.trials().size(); });
}

// The number of trials at the start that made the space: those after them are proposed from it.
std::uint64_t InOrder::proposed_empty() const {
  return parts_.journal.with_state([](const study::State& state) {
    const auto& trials = state.trials();
    const auto end =
        std::find_if(trials.begin(), trials.end(),
                     [](const study::TrialRecord& trial) { return !trial.proposed_empty; });
    return static_cast<std::uint64_t>(end - trials.begin());
  });
}

bool InOrder::show(std::uint64_t trial) {
  const std::uint64_t behind = slots_.size();
  const std::uint64_t needed = std::max(trial >= behind ? trial - behind + 1 : 0, proposed_empty());
  if (!show_below(needed)) return false;
  oracle_.observe_turns(oracle_.turns());
  return true;
}

// Shows the oracle the trials below `turns`; false where one of them has not ended.
bool InOrder::show_below(std::uint64_t turns) {
  while (oracle_.turns() < turns) {
    if (!settle(oracle_.turns())) return false;
    oracle_.observe_turns(oracle_.turns() + 1);
  }
  return true;
}

std::size_t InOrder::params() const {
  return parts_.journal.with_state(
      [&](const study::State& state) { return state.params_before(oracle_.turns()); });
}

std::size_t InOrder::constraints() const {
  return parts_.journal.with_state(
      [&](const study::State& state) { return state.constraints_before(oracle_.turns()); });
}

void InOrder::begin(std::uint64_t trial) {
  if (parts_.growth == Growth::kAtOnce) return;
  const auto known = parts_.journal.with_state([&](const study::State& state) {
    const std::uint64_t seen = state.trials()[trial].seen;
    const auto begin = [](const auto& all, std::size_t count) {
      return std::remove_cvref_t<decltype(all)>(all.begin(),
                                                all.begin() + static_cast<std::ptrdiff_t>(count));
    };
    return space::Growth{0, begin(state.params(), state.params_before(seen)),
                         begin(state.constraints(), state.constraints_before(seen))};
  });
  auto held = std::make_unique<HeldTrial>(parts_.space.overrides(), known, parts_.space.kept());
  const std::lock_guard lock(mutex_);
  held_[trial] = std::move(held);
}

HeldTrial* InOrder::held(std::uint64_t trial) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(trial);
  return found == held_.end() ? nullptr : found->second.get();
}

space::SearchSpace& InOrder::space_of(std::uint64_t trial) {
  HeldTrial* const own = held(trial);
  return own != nullptr ? own->space() : parts_.space;
}

void InOrder::filled(std::uint64_t trial, const Assignment& assignment) {
  if (HeldTrial* const own = held(trial)) {
    own->fill(assignment);
  } else {
    parts_.journal.append(trial, study::Filled{assignment});
  }
}

void InOrder::grown(const space::Growth& growth) {
  if (parts_.growth == Growth::kInTurn) return;  // a trial's own space grew
  parts_.journal.append(study::kNoTrial, growth);
}

std::vector<Assignment> InOrder::filled_by(std::uint64_t trial) {
  HeldTrial* const own = held(trial);
  return own != nullptr ? own->filled() : std::vector<Assignment>();
}

bool InOrder::can_go_on(std::uint64_t trial) {
  HeldTrial* const own = held(trial);
  return own == nullptr || (!own->grew() && own->filled().empty());
}

// A slot's trials follow each other, so its judges see each of them as it happens, and before it
// the others whose turn had come when it was proposed.
study::Verdict InOrder::judge(const study::Event& report) {
  study::Verdict verdict = study::Verdict::kContinue;
  Slot& slot = slots_[report.trial % slots_.size()];
  const auto turns_before = [&](std::uint64_t trial) {
    return parts_.journal.with_state(
        [&](const study::State& state) { return state.trials()[trial].seen; });
  };
  for (const auto& judge : slot.judges) {
    const auto lock = judge->lock();
    for (std::uint64_t own = slot.own; own < report.trial; own += slots_.size()) {
      judge->observe_turns(turns_before(own));
      judge->observe_trial(own);
    }
    judge->observe_turns(turns_before(report.trial));
    judge->observe_trial(report.trial);
    verdict = std::max(verdict, judge->role().judge(report));
  }
  slot.own = report.trial;
  return verdict;
}

void InOrder::finish(std::uint64_t trial, study::Finished&& result) {
  {
    const std::lock_guard lock(mutex_);
    const auto own = held_.find(trial);
    if (own != held_.end() && own->second->grew()) {
      own->second->end(std::move(result));  // until its turn
      return;
    }
    if (own != held_.end()) held_.erase(own);
  }
  log_end(trial, std::move(result));
}

// Gives a trial its turn, if it has ended.
bool InOrder::settle(std::uint64_t trial) {
  std::unique_ptr<HeldTrial> own;
  {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(trial);
    if (found != held_.end() && found->second->ended()) {
      own = std::move(found->second);
      held_.erase(found);
    }
  }
  if (own != nullptr) {
    const double objective = own->join(trial, parts_.space, parts_.journal);
    if (parts_.grew) parts_.grew();
    parts_.ended(trial, objective);
  }
  const auto state =
      parts_.journal.with_state([&](const study::State& now) { return now.trials()[trial].state; });
  if (!study::is_final(state)) return false;
  if (trial == settled_) {
    ++settled_;
    streaks_.add(state);
    parts_.counted(streaks_);
  }
  return true;
}

void InOrder::settle_all() {
  const std::uint64_t count = proposed();
  for (std::uint64_t trial = settled_; trial < count && settle(trial); ++trial) {
  }
}

}  // namespace

void Turns::log_end(std::uint64_t trial, study::Finished&& result) {
  DODONA_ASSERT(study::is_final(result.state));
  const double objective = result.objectives.first();
  parts_.journal.wait_durable(parts_.journal.append(trial, std::move(result)));
  parts_.ended(trial, objective);
}

std::unique_ptr<Turns> make_turns(std::uint32_t slots, const Turns::Parts& parts) {
  if (slots > 0) return std::make_unique<InOrder>(slots, parts);
  return std::make_unique<AsTheyCome>(parts);
}

}  // namespace dodona::schedule
