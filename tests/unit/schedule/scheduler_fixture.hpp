// SPDX-License-Identifier: Apache-2.0
//
// A search of lambdas in memory, for the tests of all that it is made of.
#pragma once

#include "schedule/scheduler.hpp"
#include "store/memory_store.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <vector>

namespace dodona::schedule {

using Values = std::pmr::vector<Assignment>;

using study::NamedMetric;
using study::TrialState;

// A study in memory with one hyperparameter x in [0, 1], minimising "loss".
class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest() {
    plan_.seed = 7;
    plan_.rule.name = store_->names().intern("loss");
    plan_.max_trials = 4;
    plan_.declared = true;
    const Param x = support::real("x", 0, 1);
    space_.add({{x, x}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  }

  End run(const std::function<bool(study::Run&)>& execute) { return run(oracle_, execute); }
  End run(study::Oracle& oracle, const std::function<bool(study::Run&)>& execute) {
    support::FakeModel model(execute);
    Scheduler scheduler(plan_, journal_, space_, oracle, {}, model,
                        [this](const Notice& notice) { noticed(notice); });
    running_ = &scheduler;
    return scheduler.run();
  }

  virtual void noticed(const Notice&) {}

  static double ask(study::Run& run, const char* name) {
    const auto known = run.asker().known(name);
    const Param definition = support::real(name, 0, 1);
    return (known ? *known : run.asker().define(definition)).cell.real();
  }

  static bool quadratic(study::Run& run) {
    const double x = ask(run, "x");
    const NamedMetric loss{"loss", (x - 0.02) * (x - 0.02)};
    run.report(1, {&loss, 1});
    return true;
  }

  template <class BodyType>
  std::vector<study::Event> events() {
    std::vector<study::Event> result;
    store_->read(0, [&](const study::Event& event) {
      if (std::holds_alternative<BodyType>(event.body)) result.push_back(event);
      return true;
    });
    return result;
  }

  const study::TrialRecord& trial(std::size_t id) const { return state_.trials()[id]; }

  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  support::FakeOracle oracle_;
  Plan plan_;
  Scheduler* running_ = nullptr;
};

}  // namespace dodona::schedule
