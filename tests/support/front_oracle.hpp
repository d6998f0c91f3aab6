// SPDX-License-Identifier: Apache-2.0
//
// Properties of oracles that search for fronts and keep limits.
#pragma once

#include "support/oracle_properties.hpp"
#include "support/params.hpp"

#include <dodona/pareto.hpp>
#include <dodona/testing/oracle_study.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace dodona::support {

using testing::Result;

// Runs studies of two or three objectives and up to two limits over `count` growing spaces of all
// kinds, in parallel, with failures, missing excesses and restarts. Expects that the log gives the
// same proposals again, bit for bit.
inline void expect_fold_of_fronts(const dodona_descriptor& oracle, std::uint64_t count,
                                  std::uint64_t trials) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (std::uint64_t seed = 0; seed < count && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, 0, Purpose::kStudySeed);
    OracleSettings settings{.seed = seed, .max_trials = trials};
    settings.parallel_trials = static_cast<std::uint32_t>(1 + random.below(8));
    settings.objectives = 1 + random.below(3);
    for (std::uint64_t i = random.below(3); i > 0; --i) {
      settings.limits.push_back({"m" + std::to_string(i), -infinity, 1.0});
    }
    OracleStudy study(oracle, random_space(random, 1 + random.below(6), false), settings);
    Course course;
    course.parallel = settings.parallel_trials;
    course.failures = 0.1;
    course.restarts = 0.05;
    course.trials_max = trials;
    course.objective = [](const OracleStudy::Trial& trial, std::uint64_t) { return bumpy(trial); };
    course.result = [&](const OracleStudy::Trial& trial, double first) {
      Result out;
      for (std::uint64_t m = 0; m < settings.objectives; ++m) {
        out.objectives.push_back(m == 0 ? first : std::cos(first * static_cast<double>(7 * m)));
      }
      for (std::size_t i = 0; i < settings.limits.size(); ++i) {
        const bool known = trial.point.size() % 5 != 4;
        out.excesses.push_back(known ? std::sin(first * 3 + static_cast<double>(i)) : NAN);
      }
      return out;
    };
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

// Two numbers and a category; the front is x from 0.2 to 0.8 with y at 0.3 and the category b.
inline Space front_space() {
  Space space;
  space.add(real("x", 0, 1));
  space.add(real("y", 0, 1));
  space.add(choice("kind", {text("a"), text("b"), text("c")}));
  return space;
}

inline std::vector<double> front_values(const Point& point) {
  const double x = point[0].real(), off = point[1].real() - 0.3;
  const double worse = off * off + (point[2].whole() == 1 ? 0 : 0.3);
  return {std::pow(x - 0.2, 2) + worse, std::pow(x - 0.8, 2) + worse};
}

// The volume of so many trials below (0.5, 0.5), where the whole front has 0.2284. Seed 1.
template <class Excesses>
double volume_of_search(const dodona_descriptor& oracle, std::uint64_t trials,
                        const std::vector<Limit>& limits, const Excesses& excesses) {
  OracleStudy study(oracle, front_space(),
                    {.max_trials = trials, .objectives = 2, .limits = limits});
  std::vector<double> kept;
  for (std::uint64_t id = 0; id < trials; ++id) {
    EXPECT_EQ(study.ask(), Answer::kProposed);
    const Point& point = study.trials()[id].point;
    Result result{front_values(point), excesses(point)};
    if (violation(result.excesses, limits.size()) == 0) {
      kept.insert(kept.end(), result.objectives.begin(), result.objectives.end());
    }
    study.finish(id, std::move(result));
  }
  return hypervolume({kept, 2}, std::vector<double>{0.5, 0.5});
}

// The least volumes of 10 seeds: tpe 0.223 after 150 trials, nsga2 0.218 after 300; random search
// has 0.210 and 0.212.
inline void expect_finds_a_front(const dodona_descriptor& oracle, std::uint64_t trials) {
  const auto none = [](const Point&) { return std::vector<double>(); };
  EXPECT_GT(volume_of_search(oracle, trials, {}, none), 0.217);
}

// The limit leaves the half of the front where x is at least 0.5, with a volume of 0.198. The least
// of 10 seeds: tpe 0.192 after 150 trials, nsga2 0.188 after 300; random search 0.155 and 0.170.
inline void expect_keeps_limits(const dodona_descriptor& oracle, std::uint64_t trials) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Limit> limits{{"x", 0.5, infinity}};
  const auto excess = [&](const Point& point) {
    return std::vector<double>{excess_of(limits[0], point[0].real())};
  };
  EXPECT_GT(volume_of_search(oracle, trials, limits, excess), 0.185);
}

// The constraint leaves a twentieth of the space, with both ends of what was the front outside.
// Expects that most proposals are the model's, and that all keep it.
inline void expect_searches_within_constraints(const dodona_descriptor& oracle) {
  Space space = front_space();
  space.add_constraint("x >= 0.4 and x <= 0.6 and y <= 0.25");
  OracleStudy study(oracle, space, {.max_trials = 120, .objectives = 2});
  int drawn = 0;
  for (std::uint64_t id = 0; id < 120; ++id) {
    ASSERT_EQ(study.ask(), Answer::kProposed);
    const OracleStudy::Trial& trial = study.trials()[id];
    EXPECT_TRUE(space.is_feasible(trial.point));
    drawn += id >= 60 && trial.note.find("\"random\"") != std::string::npos ? 1 : 0;
    study.finish(id, Result{front_values(trial.point)});
  }
  EXPECT_LT(drawn, 6);
  RandomStream random(1, 0, Purpose::kStudySeed);
  EXPECT_EQ(study.replay_mismatch(random), "");
}

// Trials fail where x is above 0.3, and are the better the nearer to it. Of the last 50 of 100 trials
// of random search 35 fail. The most of 10 seeds: 22 of tpe, 9 of nsga2.
inline void expect_leaves_failures(const dodona_descriptor& oracle) {
  for (const std::uint64_t objectives : {1U, 2U}) {
    OracleStudy study(oracle, front_space(), {.max_trials = 100, .objectives = objectives});
    int failed = 0;
    for (std::uint64_t id = 0; id < 100; ++id) {
      ASSERT_EQ(study.ask(), Answer::kProposed);
      const Point& point = study.trials()[id].point;
      if (point[0].real() > 0.3) {
        failed += id >= 50 ? 1 : 0;
        study.finish(id, NAN, DODONA_FAILED);
        continue;
      }
      std::vector<double> values = front_values(point);
      std::swap(values[0], values[1]);
      values.resize(objectives);
      study.finish(id, Result{values});
    }
    EXPECT_LT(failed, 25) << objectives << " objectives";
  }
}

}  // namespace dodona::support
