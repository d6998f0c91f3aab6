// SPDX-License-Identifier: Apache-2.0
//
// What oracles that search with a model must do, besides oracle_properties.hpp.
#pragma once

#include "support/oracle_study.hpp"
#include "support/params.hpp"
#include "support/random_space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace dodona::support {

// A value that depends on every hyperparameter, active ones alone.
inline double bumpy(const OracleStudy::Trial& trial) {
  double sum = 0;
  for (const Assignment& each : trial.point.assignments()) {
    sum += std::cos(static_cast<double>(each.cell.whole() % 1009) + each.param);
  }
  return sum;
}

// Studies over spaces of all kinds that grow, with parallel trials, failures and restarts: the log
// alone gives the same proposals again, bit for bit.
inline void expect_fold(const dodona_descriptor& oracle, std::uint64_t count) {
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    SCOPED_TRACE(seed);
    RandomStream random(seed, 0, Purpose::kStudySeed);
    Space space;
    for (int i = 0; i < 5; ++i) space.add(random_param(space, random, false));
    OracleStudy study(oracle, space, {.seed = seed, .parallel_trials = 4});
    Course course;
    course.parallel = 4;
    course.failures = 0.1;
    course.restarts = 0.05;
    course.trials_max = 60;
    course.objective = [](const OracleStudy::Trial& trial, std::uint64_t) { return bumpy(trial); };
    course.growth = 0.02;
    course.space_max = 7;
    course.growing = [](const Space& grown, RandomStream& r) {
      return random_param(grown, r, false);
    };
    simulate(study, random, course);
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

inline Space square() {
  Space space;
  space.add(real("x", -5, 10));
  space.add(real("y", 0, 15));
  return space;
}

// Over `square`, 0 at (3, 2).
inline double bowl(const OracleStudy::Trial& trial) {
  return std::pow(trial.point[0].real() - 3, 2) + std::pow(trial.point[1].real() - 2, 2);
}

inline double best_of_bowl(const dodona_descriptor& oracle, std::uint64_t trials) {
  OracleStudy study(oracle, square(), {.max_trials = trials});
  double best = std::numeric_limits<double>::infinity();
  for (std::uint64_t id = 0; id < trials; ++id) {
    EXPECT_EQ(study.ask(), Answer::kProposed);
    best = std::min(best, bowl(study.trials()[id]));
    study.finish(id, bowl(study.trials()[id]));
  }
  return best;
}

// No objective at all, or always the same one, is no reason to stop.
inline void expect_endurance(const dodona_descriptor& oracle) {
  for (const double value : {std::numeric_limits<double>::quiet_NaN(), 1.0}) {
    OracleStudy study(oracle, square());
    for (std::uint64_t id = 0; id < 30; ++id) {
      ASSERT_EQ(study.ask(), Answer::kProposed);
      study.finish(id, value, std::isnan(value) ? DODONA_FAILED : DODONA_COMPLETED);
    }
  }
}

}  // namespace dodona::support
