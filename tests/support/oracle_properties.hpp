// SPDX-License-Identifier: Apache-2.0
//
// Properties of every oracle, checked on studies over random spaces.
#pragma once

#include "support/params.hpp"

#include <dodona/testing/oracle_study.hpp>
#include <dodona/testing/random_space.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dodona::support {

using testing::Answer;
using testing::count_points;
using testing::Course;
using testing::OracleSettings;
using testing::OracleStudy;
using testing::random_param;
using testing::random_space;
using testing::simulate;

// The active values of a point, in a form that can be compared.
inline std::vector<std::pair<std::uint32_t, std::int64_t>> values_of(const Point& point) {
  std::vector<std::pair<std::uint32_t, std::int64_t>> values;
  for (const Assignment& each : point.assignments()) {
    values.emplace_back(each.param, each.cell.whole());
  }
  return values;
}

// A value that depends on every active hyperparameter.
inline double bumpy(const OracleStudy::Trial& trial) {
  double sum = 0;
  for (const Assignment& each : trial.point.assignments()) {
    sum += std::cos(static_cast<double>(each.cell.whole() % 1009) + each.param);
  }
  return sum;
}

// Runs a study over each of `count` finite random spaces of up to `size_max` hyperparameters, in
// parallel and with failures and restarts, until it is exhausted. Expects that each point ran
// exactly once, and that the log alone gives the same proposals again.
inline void expect_exhausts_finite_spaces(const dodona_descriptor& oracle, std::uint64_t count,
                                          const OracleSettings& settings = {},
                                          std::uint64_t size_max = 5) {
  for (std::uint64_t seed = 0; seed < count && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, 0, Purpose::kStudySeed);
    OracleSettings own = settings;
    own.seed = seed;
    OracleStudy study(oracle, random_space(random, random.below(size_max + 1)), own);
    Course course;
    course.parallel = static_cast<std::uint32_t>(1 + random.below(4));
    course.failures = 0.1;
    course.restarts = 0.05;
    course.objective = [](const OracleStudy::Trial& trial, std::uint64_t) { return bumpy(trial); };
    ASSERT_EQ(simulate(study, random, course), Answer::kExhausted);
    std::set<std::vector<std::pair<std::uint32_t, std::int64_t>>> points;
    for (const OracleStudy::Trial& trial : study.trials()) points.insert(values_of(trial.point));
    EXPECT_EQ(points.size(), study.trials().size()) << "duplicates";
    EXPECT_EQ(points.size(), count_points(study.space()));
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

// The same over spaces with constraints: each point that keeps them runs exactly once, and no other.
inline void expect_exhausts_constrained_spaces(const dodona_descriptor& oracle,
                                               std::uint64_t count) {
  std::uint64_t constrained = 0;
  for (std::uint64_t seed = 0; seed < count && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, 1, Purpose::kStudySeed);
    Space space = random_space(random, 1 + random.below(5));
    testing::add_random_constraints(space, random);
    const std::uint64_t points = count_points(space);
    if (space.constraint_count() == 0 || points == 0) continue;
    ++constrained;
    OracleStudy study(oracle, space, {.seed = seed});
    Course course;
    course.parallel = static_cast<std::uint32_t>(1 + random.below(4));
    course.failures = 0.1;
    course.restarts = 0.05;
    course.objective = [](const OracleStudy::Trial& trial, std::uint64_t) { return bumpy(trial); };
    ASSERT_EQ(simulate(study, random, course), Answer::kExhausted);
    std::set<std::vector<std::pair<std::uint32_t, std::int64_t>>> tried;
    for (const OracleStudy::Trial& trial : study.trials()) {
      EXPECT_TRUE(space.is_feasible(trial.point));
      tried.insert(values_of(trial.point));
    }
    EXPECT_EQ(tried.size(), study.trials().size()) << "duplicates";
    EXPECT_EQ(tried.size(), points);
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
  EXPECT_GT(constrained, count / 2);
}

// Runs studies of up to `trials` trials over `count` growing spaces of all kinds, in parallel, with
// failures and restarts. Expects that every proposal is legal and has active values alone, and that
// the log gives the same proposals again, bit for bit.
inline void expect_fold(const dodona_descriptor& oracle, std::uint64_t count, std::uint64_t trials,
                        const OracleSettings& settings = {}) {
  for (std::uint64_t seed = 0; seed < count && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, 0, Purpose::kStudySeed);
    OracleSettings own = settings;
    own.seed = seed;
    own.parallel_trials = static_cast<std::uint32_t>(1 + random.below(16));
    OracleStudy study(oracle, random_space(random, 1 + random.below(6), false), own);
    Course course;
    course.parallel = own.parallel_trials;
    course.failures = 0.1;
    course.restarts = 0.05;
    course.trials_max = trials;
    course.objective = [](const OracleStudy::Trial& trial, std::uint64_t) { return bumpy(trial); };
    course.growth = 0.02;
    course.space_max = 7;
    course.growing = [](const Space& grown, RandomStream& r) {
      return random_param(grown, r, false);
    };
    simulate(study, random, course);
    EXPECT_GT(study.trials().size(), 0U);
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

// Expects that studies of seeds 0, 1 and 2 have no point in common but the first `alike` of each,
// and that the same seed gives the same points.
inline void expect_seeds_apart(const dodona_descriptor& oracle, std::uint64_t alike = 0) {
  constexpr std::uint64_t trials = 6;  // later ones rest on a model, which may find the same bound
  Space space;
  for (const char* name : {"a", "b", "c", "d", "e"}) space.add(real(name, 0, 1));
  std::set<std::vector<std::int64_t>> points;
  for (const std::uint64_t seed : {0U, 1U, 2U, 0U}) {
    OracleStudy study(oracle, space, {.seed = seed});
    RandomStream random(9, 0, Purpose::kStudySeed);
    Course course;
    course.trials_max = trials;
    course.objective = [](const OracleStudy::Trial& trial, std::uint64_t) { return bumpy(trial); };
    simulate(study, random, course);
    for (const OracleStudy::Trial& trial : study.trials()) {
      std::vector<std::int64_t> point;
      for (const auto& [param, bits] : values_of(trial.point)) point.push_back(bits);
      points.insert(std::move(point));
    }
  }
  EXPECT_EQ(points.size(), 3 * (trials - alike) + alike);
}

}  // namespace dodona::support
