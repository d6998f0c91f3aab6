// SPDX-License-Identifier: Apache-2.0
//
// Every oracle of the build is a fold over the log: random studies, run in parallel and replayed.
#include "tuner/replay.hpp"

#include "document/document.hpp"
#include "plugin/oracle.hpp"
#include "schedule/replay.hpp"
#include "schedule/scheduler.hpp"
#include "store/memory_store.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "tuner/services.hpp"

#include <dodona/testing/random_space.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

constexpr std::uint64_t kTrials = 25;
constexpr std::uint64_t kMaxSteps = 9;

// A study over a random space, in memory.
class RandomStudy {
 public:
  RandomStudy(const plugin::Descriptor& oracle, std::uint64_t seed, std::uint32_t lag)
      : descriptor_(oracle), lag_(lag) {
    plan_.seed = seed;
    plan_.rule.name = store_->names().intern("loss");
    plan_.max_trials = kTrials;
    plan_.max_steps = kMaxSteps;
    plan_.parallel_trials = 4;
    plan_.declared = true;
    plan_.slots_in_turns = lag;
    plan_.max_consecutive_failures = 0;
    journal_.append(study::kNoTrial, study::Created{seed, "0"});
    journal_.append(study::kNoTrial, study::Configured{"{}"});
    RandomStream random(seed, 0, Purpose::kStudySeed);
    std::vector<space::Definition> definitions;
    const Space made = testing::random_space(random, 5, false);
    for (const Param& param : made.params()) definitions.push_back({param, param});
    space_.add(definitions,
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
    known_ = made.params();
  }

  std::unique_ptr<study::Oracle> make_oracle() {
    const plugin::StudyInfo info{.names = store_->names(),
                                 .seed = plan_.seed,
                                 .parallel_trials = lag_ > 0 ? lag_ : plan_.parallel_trials,
                                 .max_trials = kTrials,
                                 .max_steps = kMaxSteps};
    return plugin::make_oracle(descriptor_, info, {}, services_);
  }

  void run(study::Oracle& oracle) {
    std::vector<std::unique_ptr<study::Oracle>> slots;  // with a lag, of an oracle that judges too
    std::vector<study::Oracle*> judges;
    for (std::uint32_t i = 0; i < lag_ && oracle.judges(); ++i) {
      judges.push_back(slots.emplace_back(make_oracle()).get());
    }
    support::FakeModel model([this](study::Run& each) { return train(each); });
    const auto ignore = [](const schedule::Notice&) {};
    schedule::Scheduler(plan_, journal_, space_, oracle, judges, model, ignore).run();
  }

  std::vector<study::Event> log() {
    std::vector<study::Event> events;
    store_->read(0, [&](const study::Event& event) {
      events.push_back(event);
      return true;
    });
    return events;
  }

  schedule::Replayed replayed(const std::vector<study::Event>& log) {
    copy_ = store::memory_store();
    copy_->names().intern("loss");
    schedule::Replay replay(*copy_, space_, [this](const study::Configured&) {
      return schedule::Proposing{make_oracle(), kMaxSteps, lag_ > 0};
    });
    for (const study::Event& event : log) {
      if (!replay.take(event)) break;
    }
    return replay.result();
  }

  std::uint64_t trials() const { return state_.trials().size(); }
  const space::SearchSpace& space() const { return space_; }

 private:
  // Every value counts; each trial takes its own time, some fail, and some meet something new.
  bool train(study::Run& run) {
    RandomStream random(run.seed, run.trial, Purpose::kFill);
    double loss = 0.0;
    for (const Param& param : known_) {
      const auto value = run.asker().known(param.name);
      if (value) loss += std::cos(static_cast<double>(value->cell.whole() % 1009));
    }
    if (run.trial % 8 == 5) {
      Param late;
      late.name = "late" + std::to_string(run.trial % 3);
      late.low = late.initial = Cell::real(0.0);
      late.high = Cell::real(1.0);
      const auto known = run.asker().known(late.name);
      loss += (known ? *known : run.asker().define(late)).cell.real();
    }
    if (random.below(7) == 0) throw std::runtime_error("no luck");
    for (std::uint64_t step = run.start_step + 1; step <= run.budget; ++step) {
      for (std::uint64_t i = 0; i < random.below(40); ++i) std::this_thread::yield();
      const study::NamedMetric metric{"loss", loss + 1.0 / static_cast<double>(step)};
      if (run.report(step, {&metric, 1}) != study::Verdict::kContinue) return false;
    }
    return true;
  }

  const plugin::Descriptor& descriptor_;
  const std::uint32_t lag_;
  support::FakeClock clock_;
  KernelServices services_{{}};
  std::unique_ptr<study::Store> store_ = store::memory_store();
  std::unique_ptr<study::Store> copy_;
  study::State state_;
  schedule::Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  std::vector<Param> known_;
  schedule::Plan plan_;
};

// Puts another legal value into the last proposal that has one to give; says whose it was.
std::uint64_t tamper(std::vector<study::Event>& log, const std::vector<Param>& params) {
  for (auto event = log.rbegin(); event != log.rend(); ++event) {
    auto* const proposed = std::get_if<study::Proposed>(&event->body);
    if (proposed == nullptr || proposed->assignments.empty()) continue;
    Assignment& first = proposed->assignments[0];
    for (const double u : {0.0, 0.999}) {
      const Cell other = from_unit(params[first.param], u);
      if (other == first.cell) continue;
      first.cell = other;
      return event->trial;
    }
  }
  return study::kNoTrial;
}

// The seed of the random studies and their lag; a test each, as the sanitizers are slow.
class ReplayOf : public ::testing::TestWithParam<std::tuple<std::uint64_t, std::uint32_t>> {};

TEST_P(ReplayOf, EveryOracleOfTheBuild) {
  const auto [seed, lag] = GetParam();
  const plugin::Catalogue catalogue = document::catalogue_of({});
  std::size_t oracles = 0;
  for (const plugin::Descriptor* descriptor : catalogue.list()) {
    if (descriptor->role != DODONA_ROLE_ORACLE) continue;
    if (!RandomStudy(*descriptor, 0, 0).make_oracle()->proposes()) continue;
    ++oracles;
    SCOPED_TRACE(descriptor->name);
    RandomStudy study(*descriptor, seed, lag);
    study.run(*study.make_oracle());
    std::vector<study::Event> log = study.log();
    const schedule::Replayed proven = study.replayed(log);
    const auto difference = proven.difference.value_or(schedule::Difference{});
    EXPECT_EQ(difference.what, "")
        << "trial " << difference.trial << ": " << difference.logged << ", " << difference.proposed;
    EXPECT_EQ(proven.verified, study.trials());
    EXPECT_GT(study.trials(), 0u);
    const std::uint64_t other = tamper(log, study.space().snapshot()->space.params());
    if (other == study::kNoTrial) continue;  // a space of one point
    const schedule::Replayed refuted = study.replayed(log);
    ASSERT_TRUE(refuted.difference);
    EXPECT_EQ(refuted.difference->trial, other);
  }
  if (oracles == 0) GTEST_SKIP() << "no oracle plugin is built";
}

INSTANTIATE_TEST_SUITE_P(Studies, ReplayOf,
                         ::testing::Combine(::testing::Values(0, 1, 2), ::testing::Values(0, 3)));

}  // namespace
}  // namespace dodona::tuner
