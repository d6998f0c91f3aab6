// SPDX-License-Identifier: Apache-2.0
//
// Constraints of a study's options and of its hypermodel, through the facade.
#include "tuner/constraints.hpp"

#include "support/error_of.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dodona {
namespace {

using support::contains;
using support::error_of;

double two_sizes(HyperParameters& hp) {
  const auto a = hp.integer("a", {.min = 0, .max = 9});
  const auto b = hp.integer("b", {.min = 0, .max = 9});
  return static_cast<double>(a + b);
}

TunerOptions random_options(std::uint64_t max_trials) {
  TunerOptions options;
  options.study.store = "memory";
  options.study.seed = 7;
  options.study.oracle = {"random"};
  options.study.max_trials = max_trials;
  return options;
}

TEST(TunerConstraints, KeepsTheConstraintsOfItsOptions) {
  TunerOptions options = random_options(60);
  options.study.space = R"([{"name": "a", "type": "int", "min_value": 0, "max_value": 9},
                            {"name": "b", "type": "int", "min_value": 0, "max_value": 9}])";
  options.study.constraints = {"a > b", "a + b != 9"};
  Tuner tuner(options);
  EXPECT_EQ(tuner.search(two_sizes).completed, 40U);  // all that keep them
  for (const Result& trial : tuner.trials()) {
    const auto a = trial.values.integer("a");
    const auto b = trial.values.integer("b");
    EXPECT_TRUE(a > b && a + b != 9) << a << " " << b;
  }
  EXPECT_EQ(tuner.constraints(), options.study.constraints);
}

TEST(TunerConstraints, KeepsWhatAModelRequires) {
  Tuner tuner(random_options(20));
  const Summary summary = tuner.search([](HyperParameters& hp) {
    const double score = two_sizes(hp);
    hp.require("a >= b");
    return score;
  });
  EXPECT_EQ(summary.completed, 20U);  // the first trial has the defaults
  for (const Result& trial : tuner.trials()) {
    EXPECT_GE(trial.values.integer("a"), trial.values.integer("b"));
  }
  EXPECT_EQ(tuner.constraints(), std::vector<std::string>{"a >= b"});
}

// The first trial of a model that does not declare has default values, unless they break a
// constraint.
TEST(TunerConstraints, BeginsWithValuesThatKeepTheConstraints) {
  TunerOptions options = random_options(5);
  options.study.constraints = {"a > b + 2"};
  Tuner tuner(options);
  EXPECT_GE(tuner.search(two_sizes).completed, 4U);
}

TEST(TunerConstraints, FailsATrialWhoseLaterValuesBreakARequirement) {
  TunerOptions options = random_options(12);
  options.study.max_consecutive_failed_trials = 0;
  Tuner tuner(options);
  std::uint64_t went_on = 0;
  tuner.search([&](HyperParameters& hp) {
    const double score = two_sizes(hp);
    if (score > 9) {
      try {
        hp.require("a + b < 12");
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), kInfeasible);
        ++went_on;  // the trial fails all the same
      }
    }
    return score;
  });
  std::uint64_t infeasible = 0;
  for (const Result& trial : tuner.trials()) {
    if (trial.outcome != "infeasible") continue;
    ++infeasible;
    EXPECT_EQ(trial.state, TrialState::kFailed);
    EXPECT_TRUE(contains(trial.message, "break the constraint \"a + b < 12\", where a is "))
        << trial.message;
  }
  EXPECT_EQ(infeasible, went_on);
  EXPECT_LE(infeasible, 1U);  // then the oracle knows it
}

TEST(TunerConstraints, EndsWhereAModelAndAConstraintDoNotFit) {
  TunerOptions options = random_options(5);
  options.study.constraints = {"a == 'big'"};
  Tuner tuner(options);
  EXPECT_EQ(error_of(kInvalid, [&] { tuner.search(two_sizes); }),
            "column 1 of \"a == 'big'\": a is a number, and 'big' is a text: they cannot be "
            "compared");
}

TEST(TunerConstraints, JudgesTrialsThatAreAskedForByTheirConstraints) {
  TunerOptions options = random_options(5);
  options.study.space = R"([{"name": "a", "type": "int", "min_value": 0, "max_value": 9}])";
  Tuner tuner(options);
  AskedTrial trial = tuner.ask();
  EXPECT_TRUE(contains(error_of(kInfeasible, [&] { trial.require("a > 9"); }), "a > 9"));
  tuner.tell(trial, {{"", 1.0}});
  ASSERT_EQ(tuner.trials().size(), 1U);
  EXPECT_EQ(tuner.trials()[0].outcome, "infeasible");
  EXPECT_FALSE(tuner.trials()[0].score);
}

}  // namespace
}  // namespace dodona
