// SPDX-License-Identifier: Apache-2.0
//
// The oracle `nsga2` as built, through its C table.
#include "support/built_plugin.hpp"
#include "support/front_oracle.hpp"
#include "support/model_oracle.hpp"
#include "support/oracle_properties.hpp"

#include <gtest/gtest.h>

namespace dodona {
namespace {

const dodona_descriptor& nsga2() {
  return support::plugin("nsga2");
}

// Children are bred where there is next to nothing to breed from.
const testing::OracleSettings kEarly{.options = {{"population", std::int64_t{2}}}};

TEST(Nsga2, ExhaustsFiniteSpacesExactly) {
  support::expect_exhausts_finite_spaces(nsga2(), 30);
  support::expect_exhausts_finite_spaces(nsga2(), 1000, kEarly, 3);
}

TEST(Nsga2, ExhaustsConstrainedSpacesExactly) {
  support::expect_exhausts_constrained_spaces(nsga2(), 200);
}

TEST(Nsga2, BreedsWhatKeepsConstraints) {
  support::expect_searches_within_constraints(nsga2());
}

TEST(Nsga2, TellsStudySeedsApart) {
  support::expect_seeds_apart(nsga2());
}

TEST(Nsga2, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  support::expect_fold(nsga2(), 20, 100);
  support::expect_fold(nsga2(), 1000, 12, kEarly);
}

TEST(Nsga2, IsAFoldOfFrontsAndLimits) {
  support::expect_fold_of_fronts(nsga2(), 30, 60);
}

TEST(Nsga2, FindsTheBottomOfABowl) {
  // The worst of 10 seeds: 0.04; of random search 1.4.
  EXPECT_LT(support::best_of_bowl(nsga2(), 200), 0.2);
}

TEST(Nsga2, FindsAFront) {
  support::expect_finds_a_front(nsga2(), 300);
}

TEST(Nsga2, KeepsLimits) {
  support::expect_keeps_limits(nsga2(), 300);
}

TEST(Nsga2, LeavesRegionsThatFail) {
  support::expect_leaves_failures(nsga2());
}

TEST(Nsga2, TakesAChoiceOfManyValues) {
  support::expect_takes_many_values(nsga2(), 100'000);
}

TEST(Nsga2, GoesOnWhenEveryTrialFailsOrTies) {
  support::expect_endurance(nsga2());
}

// The size of the population shows in the first trial that has parents.
std::uint64_t first_child(std::uint64_t max_trials) {
  testing::OracleStudy study(nsga2(), support::square(), {.max_trials = max_trials});
  for (std::uint64_t id = 0; id < 60; ++id) {
    EXPECT_EQ(study.ask(), testing::Answer::kProposed);
    if (study.trials()[id].note == R"({"model":"NSGA-II"})") return id;
    study.finish(id, support::bumpy(study.trials()[id]));
  }
  return 0;
}

TEST(Nsga2, HasAPopulationOfASixthOfTheTrials) {
  EXPECT_EQ(first_child(12), 10U);
  EXPECT_EQ(first_child(120), 20U);
  EXPECT_EQ(first_child(100'000), 50U);
  EXPECT_EQ(first_child(0), 50U);
}

}  // namespace
}  // namespace dodona
