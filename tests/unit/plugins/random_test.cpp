// SPDX-License-Identifier: Apache-2.0
#include "support/built_plugin.hpp"
#include "support/oracle_properties.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

namespace {

using dodona::support::Answer;
using dodona::support::OracleStudy;

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

TEST(Random, ProposesLegalValuesOfContinuousSpaces) {
  dodona::RandomStream random(2, 0, dodona::Purpose::kStudySeed);
  for (int i = 0; i < 100; ++i) {
    OracleStudy study(dodona::support::plugin("random"),
                      dodona::support::random_space(random, 6, false));
    simulate(study, random, {.parallel = 3, .trials_max = 20});
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

TEST(Random, TellsStudySeedsApart) {
  dodona::Space space;
  space.add(dodona::support::real("x", 0, 1));
  const auto first = [&](std::uint64_t seed) {
    OracleStudy study(dodona::support::plugin("random"), space, {.seed = seed});
    study.ask();
    return study.trials()[0].point[0].real();
  };
  EXPECT_EQ(first(0), first(0));
  EXPECT_NE(first(0), first(1));
  EXPECT_NE(first(1), first(2));
}

}  // namespace
