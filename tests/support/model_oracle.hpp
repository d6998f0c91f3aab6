// SPDX-License-Identifier: Apache-2.0
//
// Properties of oracles that search with a model, besides those of oracle_properties.hpp.
#pragma once

#include "support/params.hpp"

#include <dodona/testing/oracle_study.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dodona::support {

using testing::Answer;
using testing::OracleSettings;
using testing::OracleStudy;

inline Space square() {
  Space space;
  space.add(real("x", -5, 10));
  space.add(real("y", 0, 15));
  return space;
}

// A function over `square`; it is 0 at (3, 2).
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

// Expects that the oracle takes a choice of so many values beside a number, in time and memory that
// are linear in them, and finds that some are better than others.
inline void expect_takes_many_values(const dodona_descriptor& oracle, std::int64_t values) {
  Space space;
  space.add(real("x", 0, 1));
  std::vector<Value> names;
  for (std::int64_t i = 0; i < values; ++i) names.emplace_back("v" + std::to_string(i));
  space.add(choice("name", names));
  OracleStudy study(oracle, space, {.max_trials = 40});
  for (std::uint64_t id = 0; id < 30; ++id) {
    ASSERT_EQ(study.ask(), Answer::kProposed);
    const Point& point = study.trials()[id].point;
    const double worse = point[1].whole() % 2 == 0 ? 0 : 1;
    study.finish(id, worse + std::pow(point[0].real() - 0.3, 2));
  }
}

// Expects that the oracle goes on if no trial has an objective, or all have the same one.
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
