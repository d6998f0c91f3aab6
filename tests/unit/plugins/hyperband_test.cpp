// SPDX-License-Identifier: Apache-2.0
#include "common/oracle/standing.hpp"
#include "oracles/hyperband/brackets.hpp"
#include "support/built_plugin.hpp"
#include "support/error_of.hpp"
#include "support/oracle_properties.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace dodona::support;  // NOLINT(google-build-using-namespace)
using dodona::RandomStream;
using dodona::Space;

using Trial = OracleStudy::Trial;
// Trials of a round, by the bracket in the order of opening and the round.
using Table = std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<std::uint64_t>>;

RandomStream stream(std::uint64_t seed) {
  return RandomStream(seed, 0, dodona::Purpose::kStudySeed);
}

Space line() {
  Space space;
  space.add(real("x", 0, 1));
  return space;
}

// Without ties: x itself, whatever the step.
double value_of_x(const Trial& trial, std::uint64_t) {
  return trial.point[0].real();
}

OracleSettings settings(std::int64_t max_epochs, std::int64_t iterations = 1) {
  return {.options = {{"max_epochs", max_epochs}, {"hyperband_iterations", iterations}}};
}

Table table_of(const OracleStudy& study) {
  Table table;
  for (std::uint64_t id = 0; id < study.trials().size(); ++id) {
    const std::uint64_t tag = study.trials()[id].tag;
    if (tag != 0) table[{(tag >> 8) - 1, tag & 0xFF}].push_back(id);
  }
  return table;
}

// That every round has the trials it should have: the best of the round before, with its epochs
// after theirs.
void expect_sound(const OracleStudy& study, std::uint64_t max_epochs) {
  const hyperband::Brackets brackets(max_epochs, 3);
  for (const auto& [place, ids] : table_of(study)) {
    const std::uint64_t bracket = brackets.count() - 1 - place.first % brackets.count();
    const Table table = table_of(study);
    SCOPED_TRACE("bracket " + std::to_string(place.first) + " round " +
                 std::to_string(place.second));
    std::set<std::uint64_t> parents;
    for (const std::uint64_t id : ids) {
      const Trial& trial = study.trials()[id];
      EXPECT_EQ(trial.budget, brackets.epochs(bracket, place.second));
      if (place.second == 0) {
        EXPECT_EQ(trial.resume_of, DODONA_NO_TRIAL);
        EXPECT_EQ(trial.start_step, 0U);
      } else {
        EXPECT_EQ(trial.start_step, brackets.epochs(bracket, place.second - 1));
        EXPECT_EQ(values_of(trial.point), values_of(study.trials()[trial.resume_of].point));
        parents.insert(trial.resume_of);
      }
    }
    if (place.second == bracket) continue;
    std::vector<std::pair<double, std::uint64_t>> good;
    for (const std::uint64_t id : ids) {
      if (study.trials()[id].state == DODONA_COMPLETED) {
        good.emplace_back(study.trials()[id].objective, id);
      }
    }
    std::sort(good.begin(), good.end());
    good.resize(std::min<std::size_t>(good.size(), brackets.size(bracket, place.second + 1)));
    std::set<std::uint64_t> best;
    for (const auto& each : good) best.insert(each.second);
    std::set<std::uint64_t> promoted;
    const auto next = table.find({place.first, place.second + 1});
    if (next != table.end()) {
      for (const std::uint64_t id : next->second) promoted.insert(study.trials()[id].resume_of);
    }
    EXPECT_EQ(promoted, best);
  }
}

std::uint64_t epochs_trained(const OracleStudy& study) {
  std::uint64_t sum = 0;
  for (const Trial& trial : study.trials()) sum += trial.budget - trial.start_step;
  return sum;
}

TEST(Hyperband, TrainsTheEpochsOfKerasTuner) {
  const struct {
    std::int64_t max_epochs;
    std::size_t trials;
    std::uint64_t epochs;
  } cases[] = {{9, 23, 75}, {81, 211, 1767}};
  for (const auto& each : cases) {
    OracleStudy study(plugin("hyperband"), line(), settings(each.max_epochs));
    RandomStream random = stream(1);
    EXPECT_EQ(simulate(study, random, {.objective = value_of_x}), Answer::kExhausted);
    EXPECT_EQ(study.trials().size(), each.trials);
    EXPECT_EQ(epochs_trained(study), each.epochs);
    expect_sound(study, static_cast<std::uint64_t>(each.max_epochs));
  }
}

TEST(Hyperband, PromotesTheBestWhateverTheOrderOfEnds) {
  for (std::uint64_t seed = 0; seed < 50 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    OracleStudy study(plugin("hyperband"), line(), settings(9));
    RandomStream random = stream(seed);
    const Course course{.parallel = 5, .restarts = 0.05, .objective = value_of_x};
    EXPECT_EQ(simulate(study, random, course), Answer::kExhausted);
    EXPECT_EQ(epochs_trained(study), 75U);
    expect_sound(study, 9);
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

TEST(Hyperband, FinishesBracketsInWhichTrialsFail) {
  for (std::uint64_t seed = 0; seed < 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    OracleStudy study(plugin("hyperband"), line(), settings(27));
    RandomStream random = stream(seed);
    Course course{.parallel = static_cast<std::uint32_t>(1 + random.below(6)),
                  .failures = 0.15 * static_cast<double>(seed % 4),
                  .restarts = 0.05,
                  .objective = value_of_x};
    EXPECT_EQ(simulate(study, random, course), Answer::kExhausted);
    expect_sound(study, 27);
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

TEST(Hyperband, ALoserIsNoReasonToWait) {
  OracleStudy study(plugin("hyperband"), line(), settings(3));
  for (int i = 0; i < 3; ++i) study.ask();
  study.finish(0, 0.5);
  study.finish(1, 0.0, DODONA_STOPPED);  // however good it was
  EXPECT_EQ(study.ask(), Answer::kProposed);
  EXPECT_EQ(study.trials()[3].resume_of, DODONA_NO_TRIAL);  // trial 2 may yet win
  study.finish(2, 0.1, DODONA_FAILED);
  EXPECT_EQ(study.ask(), Answer::kProposed);
  EXPECT_EQ(study.trials()[4].resume_of, 0U);
  EXPECT_EQ(study.trials()[4].note, R"({"iteration":0,"bracket":1,"round":1})");
}

TEST(Hyperband, PromotesOnlyWhoIsCertainToWin) {
  OracleStudy study(plugin("hyperband"), line(), settings(3));  // 3 of 1 epoch, then 1 of 3
  for (int i = 0; i < 3; ++i) study.ask();
  study.finish(0, 0.5);
  study.finish(1, 0.4);
  study.ask();
  EXPECT_EQ(study.trials()[3].resume_of, DODONA_NO_TRIAL);
  study.finish(2, 0.4);
  study.ask();
  EXPECT_EQ(study.trials()[4].resume_of, 1U) << "of two equals the earlier one";
}

TEST(Hyperband, NeverWaitsWhileABracketCanBegin) {
  OracleStudy study(plugin("hyperband"), line(), settings(9));
  for (int i = 0; i < 9 + 5 + 3; ++i) EXPECT_EQ(study.ask(), Answer::kProposed);
  EXPECT_EQ(study.ask(), Answer::kWait);
  const Table table = table_of(study);
  EXPECT_EQ(table.at({0, 0}).size(), 9U);
  EXPECT_EQ(table.at({1, 0}).size(), 5U);
  EXPECT_EQ(table.at({2, 0}).size(), 3U);
}

TEST(Hyperband, IteratesAsOftenAsTold) {
  const auto trials = [](std::int64_t iterations) {
    OracleStudy study(plugin("hyperband"), line(), settings(9, iterations));
    RandomStream random = stream(1);
    simulate(study, random, {.trials_max = 500, .objective = value_of_x});
    return study.trials().size();
  };
  EXPECT_EQ(trials(2), 46U);
  EXPECT_EQ(trials(0), 500U);
}

TEST(Hyperband, GoesOnWhenIterationsAreAdded) {
  OracleStudy study(plugin("hyperband"), line(), settings(9));
  RandomStream random = stream(1);
  simulate(study, random, {.objective = value_of_x});
  study.restart(settings(9, 2));
  simulate(study, random, {.objective = value_of_x});
  EXPECT_EQ(study.trials().size(), 46U);
  expect_sound(study, 9);
}

TEST(Hyperband, CountsTrialsOfOthersInNoRound) {
  OracleStudy study(plugin("hyperband"), line(), settings(9));
  dodona::Point point(1);
  point.set(0, dodona::Cell::real(0.0));
  study.enqueue(point);
  RandomStream random = stream(1);
  simulate(study, random, {.objective = value_of_x});
  EXPECT_EQ(study.trials().size(), 24U);
  // The 23 others have budgets of another table.
  study.restart(settings(18));
  simulate(study, random, {.objective = value_of_x});
  OracleStudy alone(plugin("hyperband"), line(), settings(18));
  simulate(alone, random, {.objective = value_of_x});
  EXPECT_EQ(study.trials().size(), 24 + alone.trials().size());
}

TEST(Hyperband, FinishesABracketOfTooFewPoints) {
  Space space;
  space.add(integer("n", 0, 4));
  OracleStudy study(plugin("hyperband"), space, settings(9));
  RandomStream random = stream(1);
  const Course course{.objective = [](const Trial& trial, std::uint64_t) {
    return static_cast<double>(trial.point[0].whole());
  }};
  EXPECT_EQ(simulate(study, random, course), Answer::kExhausted);
  const Table table = table_of(study);
  EXPECT_EQ(table.at({0, 0}).size(), 5U);
  EXPECT_EQ(table.at({0, 1}).size(), 3U);
  ASSERT_EQ(table.at({0, 2}).size(), 1U);
  EXPECT_EQ(study.trials()[table.at({0, 2})[0]].point[0].whole(), 0);
}

TEST(Hyperband, TakesMaxEpochsOfTheStudy) {
  const auto budget = [](OracleSettings given) {
    given.options.emplace_back("factor", std::int64_t{1000});
    OracleStudy study(plugin("hyperband"), line(), given);
    study.ask();
    return study.trials()[0].budget;
  };
  EXPECT_EQ(budget({.max_steps = 12}), 12U);
  EXPECT_EQ(budget({}), 100U);
  EXPECT_EQ(budget({.max_steps = 12, .options = {{"max_epochs", std::int64_t{7}}}}), 7U);
}

TEST(Hyperband, RefusesMoreEpochsThanTheStudyAllows) {
  const std::string error = error_of(DODONA_E_INVALID, [] {
    OracleSettings given = settings(81);
    given.max_steps = 27;
    OracleStudy(plugin("hyperband"), line(), given);
  });
  EXPECT_EQ(error, R"(option "max_epochs" 81 is above "max_steps" 27 of the study)");
}

TEST(Hyperband, SaysThatItResumesAndEnds) {
  EXPECT_EQ(
      plugin("hyperband").flags,
      static_cast<std::uint32_t>(DODONA_FLAG_RESUMES | DODONA_FLAG_ENDS | DODONA_FLAG_OBJECTIVES));
}

// Trials end one after another. Of those of a round that had ended without being promoted, none
// comes before the one that is promoted, by the definition of the order.
TEST(Hyperband, PromotesByLimitsAndFronts) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<dodona::Limit> limits{{"mb", -infinity, 0.5}};
  int choices = 0;
  for (std::uint64_t seed = 0; seed < 30 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    OracleSettings given = settings(27);
    given.seed = seed;
    given.objectives = 2 + seed % 2;
    if (seed % 3 != 0) given.limits = limits;
    OracleStudy study(plugin("hyperband"), line(), given);
    RandomStream random = stream(seed);
    Course course{.failures = 0.05, .restarts = 0.05, .objective = value_of_x};
    course.result = [&](const Trial&, double x) {
      dodona::testing::Result out{{x, std::cos(9 * x), std::sin(7 * x)}};
      out.objectives.resize(given.objectives);
      // Several trials break it alike, so that fronts tell those apart.
      const double mb = std::floor(8 * std::fmod(x * 1000, 1.0)) / 8;
      if (!given.limits.empty()) out.excesses = {excess_of(limits[0], mb)};
      return out;
    };
    EXPECT_EQ(simulate(study, random, course), Answer::kExhausted);
    EXPECT_EQ(study.replay_mismatch(random), "");
    const auto standing = [&](std::uint64_t id) {
      return dodona::common::standing_of(study.trials()[id].result, given.limits.size(),
                                         given.objectives);
    };
    std::set<std::uint64_t> promoted;
    for (std::uint64_t id = 0; id < study.trials().size(); ++id) {
      const std::uint64_t parent = study.trials()[id].resume_of;
      if (parent == DODONA_NO_TRIAL) continue;
      for (std::uint64_t other = 0; other < id; ++other) {
        const Trial& trial = study.trials()[other];
        if (trial.tag != study.trials()[parent].tag || trial.state != DODONA_COMPLETED) continue;
        if (other == parent || promoted.contains(other)) continue;
        ++choices;
        ASSERT_FALSE(precedes(standing(other), standing(parent))) << other << " before " << parent;
      }
      promoted.insert(parent);
    }
  }
  EXPECT_GT(choices, 1000);
}

TEST(Hyperband, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  expect_fold(plugin("hyperband"), 1000, 40, settings(9));
}

TEST(Hyperband, KeepsConstraints) {
  Space space;
  space.add(real("x", 0, 1));
  space.add(real("y", 0, 1));
  space.add_constraint("x + y <= 0.2");  // a draw in 50
  OracleStudy study(plugin("hyperband"), space, settings(27));
  RandomStream random = stream(1);
  EXPECT_EQ(simulate(study, random, {.objective = value_of_x}), Answer::kExhausted);
  for (const Trial& trial : study.trials()) EXPECT_TRUE(space.is_feasible(trial.point));
  expect_sound(study, 27);
}

// Small spaces have too few points for a bracket, and it ends all the same; new points are never
// ones that ran before.
TEST(Hyperband, EndsOnFiniteSpacesThatGrow) {
  for (std::uint64_t seed = 0; seed < 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random = stream(seed);
    OracleStudy study(plugin("hyperband"), random_space(random, random.below(6)), settings(9));
    Course course;
    course.parallel = static_cast<std::uint32_t>(1 + random.below(4));
    course.failures = 0.03;
    course.restarts = 0.05;
    course.growth = 0.02;
    course.space_max = seed % 2 == 0 ? 6 : 0;
    course.growing = [](const Space& space, RandomStream& r) { return random_param(space, r); };
    ASSERT_EQ(simulate(study, random, course), Answer::kExhausted);
    std::set<std::vector<std::pair<std::uint32_t, std::int64_t>>> points;
    std::size_t fresh = 0;
    for (const Trial& trial : study.trials()) {
      if (trial.resume_of != DODONA_NO_TRIAL) continue;
      ++fresh;
      points.insert(values_of(trial.point));
    }
    if (course.space_max == 0) {
      EXPECT_EQ(points.size(), fresh) << "duplicates";
      EXPECT_EQ(fresh, std::min<std::uint64_t>(17, count_points(study.space())));
    }
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

}  // namespace
