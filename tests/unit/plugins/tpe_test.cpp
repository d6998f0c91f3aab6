// SPDX-License-Identifier: Apache-2.0
//
// The oracle `tpe` as built, through its C table.
#include "support/built_plugin.hpp"
#include "support/front_oracle.hpp"
#include "support/model_oracle.hpp"
#include "support/oracle_properties.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace dodona {
namespace {

const dodona_descriptor& tpe() {
  return support::plugin("tpe");
}

// The model takes over where there is next to nothing to learn from.
const testing::OracleSettings kEarly{.options = {{"initial_points", std::int64_t{2}}}};

TEST(Tpe, ExhaustsFiniteSpacesExactly) {
  support::expect_exhausts_finite_spaces(tpe(), 30);
  support::expect_exhausts_finite_spaces(tpe(), 1000, kEarly, 3);
}

TEST(Tpe, ExhaustsConstrainedSpacesExactly) {
  support::expect_exhausts_constrained_spaces(tpe(), 200);
}

TEST(Tpe, SearchesWithinConstraints) {
  support::expect_searches_within_constraints(tpe());
}

TEST(Tpe, TellsStudySeedsApart) {
  support::expect_seeds_apart(tpe(), 1);
}

TEST(Tpe, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  support::expect_fold(tpe(), 6, 60);
  support::expect_fold(tpe(), 1000, 12, kEarly);
}

TEST(Tpe, IsAFoldBeyondWhatItKeeps) {
  testing::OracleStudy study(tpe(), support::square());
  RandomStream random(3, 0, Purpose::kStudySeed);
  testing::Course course;
  course.parallel = 3;
  course.trials_max = 1300;
  course.objective = [](const testing::OracleStudy::Trial& trial, std::uint64_t) {
    return support::bowl(trial);
  };
  testing::simulate(study, random, course);
  EXPECT_EQ(study.replay_mismatch(random), "");
}

// The kernel of one good result among ten was half of the range wide once, and next to uniform. A
// coordinate of the proposal is .122 away from that result in the mean, and was .159 then. Over 400
// seeds the mean deviates by .0025: a false alarm is seven deviations away.
TEST(Tpe, SearchesAroundTheOnlyGoodResult) {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Space space;
    for (const char* name : {"a", "b", "c", "d", "e"}) space.add(support::real(name, 0, 1));
    testing::OracleStudy study(tpe(), space, {.seed = seed});
    for (std::uint64_t id = 0; id < 10; ++id) {
      ASSERT_EQ(study.ask(), testing::Answer::kProposed);
      study.finish(id, id == 4 ? 0.0 : 1.0 + static_cast<double>(id));
    }
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    const Point &best = study.trials()[4].point, &next = study.trials()[10].point;
    for (std::size_t i = 0; i < 5; ++i) sum += std::abs(next[i].real() - best[i].real()) / 5;
  }
  EXPECT_LT(sum / 400, 0.14);
}

TEST(Tpe, IsAFoldOfFrontsAndLimits) {
  support::expect_fold_of_fronts(tpe(), 30, 60);
}

// More results than may be good, and than the bad density keeps.
TEST(Tpe, IsAFoldOfMoreFrontsThanItKeeps) {
  testing::OracleStudy study(tpe(), support::square(), {.objectives = 2});
  RandomStream random(4, 0, Purpose::kStudySeed);
  testing::Course course;
  course.parallel = 3;
  course.trials_max = 700;
  course.objective = [](const testing::OracleStudy::Trial& trial, std::uint64_t) {
    return support::bowl(trial);
  };
  testing::simulate(study, random, course);
  EXPECT_EQ(study.replay_mismatch(random), "");
}

TEST(Tpe, FindsAFront) {
  support::expect_finds_a_front(tpe(), 150);
}

TEST(Tpe, KeepsLimits) {
  support::expect_keeps_limits(tpe(), 150);
}

TEST(Tpe, LeavesRegionsThatFail) {
  support::expect_leaves_failures(tpe());
}

TEST(Tpe, FindsTheBottomOfABowl) {
  // 100 random points come within 0.7; the worst of 10 seeds: 0.036.
  EXPECT_LT(support::best_of_bowl(tpe(), 100), 0.2);
}

// A table of all pairs of these values would be 80 GB.
TEST(Tpe, TakesAChoiceOfManyValues) {
  support::expect_takes_many_values(tpe(), 100'000);
}

TEST(Tpe, GoesOnWhenEveryTrialFailsOrTies) {
  support::expect_endurance(tpe());
}

}  // namespace
}  // namespace dodona
