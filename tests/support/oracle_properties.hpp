// SPDX-License-Identifier: Apache-2.0
//
// What every oracle must do, shown on studies over random spaces.
#pragma once

#include "support/oracle_study.hpp"
#include "support/random_space.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace dodona::support {

// The values of a point, active ones alone, as something that can be compared.
inline std::vector<std::pair<std::uint32_t, std::int64_t>> values_of(const Point& point) {
  std::vector<std::pair<std::uint32_t, std::int64_t>> values;
  for (const Assignment& each : point.assignments()) {
    values.emplace_back(each.param, each.cell.whole());
  }
  return values;
}

// Runs a study over each of `count` finite random spaces, in parallel and with failures and
// restarts, until it is exhausted: each point ran exactly once, and the log alone gives the same
// proposals again.
inline void expect_exhausts_finite_spaces(const dodona_descriptor& oracle, std::uint64_t count,
                                          const OracleSettings& settings = {}) {
  for (std::uint64_t seed = 0; seed < count && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, 0, Purpose::kStudySeed);
    OracleSettings own = settings;
    own.seed = seed;
    OracleStudy study(oracle, random_space(random, random.below(6)), own);
    Course course;
    course.parallel = static_cast<std::uint32_t>(1 + random.below(4));
    course.failures = 0.1;
    course.restarts = 0.05;
    ASSERT_EQ(simulate(study, random, course), Answer::kExhausted);
    std::set<std::vector<std::pair<std::uint32_t, std::int64_t>>> points;
    for (const OracleStudy::Trial& trial : study.trials()) points.insert(values_of(trial.point));
    EXPECT_EQ(points.size(), study.trials().size()) << "duplicates";
    EXPECT_EQ(points.size(), count_points(study.space()));
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

}  // namespace dodona::support
