// SPDX-License-Identifier: Apache-2.0
#include "support/built_plugin.hpp"
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

TEST(Random, TellsStudySeedsApart) {
  dodona::support::expect_seeds_apart(dodona::support::plugin("random"));
}

}  // namespace
