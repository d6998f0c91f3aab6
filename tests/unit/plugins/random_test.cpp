// SPDX-License-Identifier: Apache-2.0
#include "support/built_plugin.hpp"
#include "support/error_of.hpp"
#include "support/oracle_properties.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

namespace {

using dodona::testing::Answer;
using dodona::testing::OracleStudy;

TEST(Random, ExhaustsFiniteSpaces) {
  dodona::support::expect_exhausts_finite_spaces(dodona::support::plugin("random"), 1000);
}

TEST(Random, ExhaustsASpaceThatEndsInAFixedValue) {
  // Counting on from a random point once stood still at a definition of one value.
  dodona::Space space;
  space.add(dodona::support::integer("n", 0, 199));
  space.add(dodona::support::choice("only", {dodona::support::text("one")}));
  OracleStudy study(dodona::support::plugin("random"), space);
  dodona::RandomStream random(1, 0, dodona::Purpose::kStudySeed);
  EXPECT_EQ(simulate(study, random, {}), Answer::kExhausted);
  EXPECT_EQ(study.trials().size(), 200U);
}

TEST(Random, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  dodona::support::expect_fold(dodona::support::plugin("random"), 1000, 20);
}

TEST(Random, ExhaustsConstrainedSpacesExactly) {
  dodona::support::expect_exhausts_constrained_spaces(dodona::support::plugin("random"), 400);
}

// One point in 10^6 keeps the constraint: counting finds what drawing does not.
TEST(Random, FindsTheLastPointsOfAFiniteSpace) {
  dodona::Space space;
  for (const char* name : {"a", "b", "c"}) space.add(dodona::support::integer(name, 0, 99));
  space.add_constraint("a * 10000 + b * 100 + c == 765432");
  OracleStudy study(dodona::support::plugin("random"), space);
  dodona::RandomStream random(1, 0, dodona::Purpose::kStudySeed);
  EXPECT_EQ(simulate(study, random, {}), Answer::kExhausted);
  EXPECT_EQ(study.trials().size(), 1U);
}

TEST(Random, TellsTheShareOfValuesThatKeepTheConstraints) {
  dodona::Space space;
  space.add(dodona::support::real("a", 0, 1));
  space.add(dodona::support::real("b", 0, 1));
  space.add_constraint("a < 1e-3 and b < 1e-3");
  OracleStudy study(dodona::support::plugin("random"), space);
  EXPECT_EQ(dodona::support::error_of(DODONA_E_INFEASIBLE, [&] { study.ask(); }),
            "0 of 200000 random draws keep all constraints, and none of them is new: values must "
            "be found by at least 1 draw in 10000; give ranges in which more of them do");
}

TEST(Random, SaysThatNoPointKeepsConstraintsThatContradictEachOther) {
  dodona::Space space;
  for (const char* name : {"a", "b"}) space.add(dodona::support::integer(name, 0, 9));
  space.add_constraint("a < b");
  space.add_constraint("b < a");
  OracleStudy study(dodona::support::plugin("random"), space);
  EXPECT_EQ(dodona::support::error_of(DODONA_E_INFEASIBLE, [&] { study.ask(); }),
            "no values of the space keep all constraints");
}

TEST(Random, TellsStudySeedsApart) {
  dodona::support::expect_seeds_apart(dodona::support::plugin("random"));
}

}  // namespace
