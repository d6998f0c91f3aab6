// SPDX-License-Identifier: Apache-2.0
#include "common/oracle/odometer.hpp"
#include "support/built_plugin.hpp"
#include "support/oracle_properties.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace {

using namespace dodona::support;  // NOLINT(google-build-using-namespace)
using dodona::Cell;
using dodona::RandomStream;
using dodona::Space;

RandomStream stream(std::uint64_t seed) {
  return RandomStream(seed, 0, dodona::Purpose::kStudySeed);
}

// The values of each trial of a whole study, as text: "y 2 0".
std::vector<std::string> run(const Space& space, const Course& course = {}) {
  OracleStudy study(plugin("grid"), space);
  RandomStream random = stream(1);
  EXPECT_EQ(simulate(study, random, course), Answer::kExhausted);
  std::vector<std::string> out;
  for (const OracleStudy::Trial& trial : study.trials()) {
    std::string& text = out.emplace_back();
    for (const dodona::Assignment& each : trial.point.assignments()) {
      const dodona::Value value = value_of(space.params()[each.param], each.cell);
      const auto* word = std::get_if<std::string>(&value);
      text += (text.empty() ? "" : " ") + (word ? *word : std::to_string(each.cell.whole()));
    }
  }
  return out;
}

std::vector<double> reals(const dodona::Param& param) {
  Space space;
  space.add(param);
  OracleStudy study(plugin("grid"), space);
  RandomStream random = stream(1);
  EXPECT_EQ(simulate(study, random, {}), Answer::kExhausted);
  std::vector<double> out;
  for (const OracleStudy::Trial& trial : study.trials()) {
    out.push_back(dodona::detail::number(param, trial.point[0]));
  }
  return out;
}

TEST(Grid, StartsWithDefaultsAndMovesTheLastFastest) {
  Space space;
  space.add(choice("m", {text("x"), text("y"), text("z")}));
  space.add(integer("n", 1, 3));
  space.add(boolean("b"));
  Space with_defaults;
  for (dodona::Param param : space.params()) {
    if (param.name == "m") param.initial = Cell::whole(1);
    if (param.name == "n") param.initial = Cell::whole(2);
    with_defaults.add(param);
  }
  const std::vector<std::string> expected = {"y 2 0", "y 2 1", "y 1 0", "y 1 1", "y 3 0", "y 3 1",
                                             "x 2 0", "x 2 1", "x 1 0", "x 1 1", "x 3 0", "x 3 1",
                                             "z 2 0", "z 2 1", "z 1 0", "z 1 1", "z 3 0", "z 3 1"};
  EXPECT_EQ(run(with_defaults), expected);
  EXPECT_EQ(run(with_defaults, {.parallel = 5, .failures = 0.3, .restarts = 0.3}), expected);
}

TEST(Grid, EntersConditionsWithDefaults) {
  Space space;
  space.add(choice("optimizer", {text("adam"), text("sgd")}));
  space.add(integer("decay", 0, 1, {{"optimizer", {text("adam")}}}));
  space.add(integer("momentum", 5, 7, {{"optimizer", {text("sgd")}}}));
  EXPECT_EQ(run(space), (std::vector<std::string>{"adam 0", "adam 1", "sgd 5", "sgd 6", "sgd 7"}));
}

TEST(Grid, TakesTheMiddlesOfTenthsOfWhatIsContinuous) {
  dodona::Param param = real("x", 0, 1);
  EXPECT_EQ(reals(param).size(), 11U);  // the default 0 is none of them
  param.initial = from_unit(param, 0.25);
  const std::vector<double> values = reals(param);
  ASSERT_EQ(values.size(), 10U);
  EXPECT_EQ(values[0], 0.25);
  EXPECT_DOUBLE_EQ(values[1], 0.05);
  EXPECT_DOUBLE_EQ(values[9], 0.95);
}

TEST(Grid, TakesAtMostTenthsOfALogInteger) {
  dodona::Param param = integer("n", 1, 1000);
  param.sampling = dodona::Sampling::kLog;
  EXPECT_EQ(reals(param), (std::vector<double>{1, 2, 5, 11, 22, 44, 89, 177, 355, 708}));
  param.high = Cell::whole(8);
  EXPECT_EQ(reals(param), (std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Grid, ListsNoHugeRange) {
  Space space;
  space.add(integer("n", INT64_MIN / 8, INT64_MAX / 8));
  OracleStudy study(plugin("grid"), space);
  RandomStream random = stream(1);
  simulate(study, random, {.trials_max = 3});
  EXPECT_EQ(study.trials()[2].point[0].whole(), INT64_MIN / 8 + 2);
}

TEST(Grid, RunsAnEmptySpaceOnce) {
  EXPECT_EQ(run({}).size(), 1U);
}

TEST(Grid, WaitsWhileATrialMayMeetMore) {
  Space space;
  space.add(boolean("a"));
  OracleStudy study(plugin("grid"), space);
  study.ask();
  study.ask();
  EXPECT_EQ(study.ask(), Answer::kWait);
  study.grow(1, boolean("b"));
  EXPECT_EQ(study.ask(), Answer::kProposed);  // between trials 0 and 1
  EXPECT_EQ(values_of(study.trials()[2].point),
            (std::vector<std::pair<std::uint32_t, std::int64_t>>{{0, 0}, {1, 1}}));
  study.ask();
  for (std::uint64_t id = 0; id < 4; ++id) study.finish(id, 1.0);
  EXPECT_EQ(study.ask(), Answer::kExhausted);
}

TEST(Grid, DoesNotRepeatWhatTheUserRan) {
  Space space;
  space.add(integer("n", 0, 3));
  OracleStudy study(plugin("grid"), space);
  dodona::Point point(1);
  point.set(0, Cell::whole(1));
  study.enqueue(point);
  RandomStream random = stream(1);
  EXPECT_EQ(simulate(study, random, {}), Answer::kExhausted);
  ASSERT_EQ(study.trials().size(), 4U);
  EXPECT_EQ(study.trials()[2].point[0].whole(), 2);
}

TEST(Grid, LearnsWhatAPartialTrialOfTheUserRan) {
  Space space;
  space.add(integer("n", 0, 2));
  OracleStudy study(plugin("grid"), space);
  study.enqueue(dodona::Point());
  study.ask();
  EXPECT_EQ(study.trials()[1].point[0].whole(), 1);  // 0 is what it takes the other for
  study.fill(0, 0, Cell::whole(2));
  study.ask();
  EXPECT_EQ(study.trials()[2].point[0].whole(), 0);
  study.finish(0, 1);
  study.finish(1, 1);
  study.finish(2, 1);
  EXPECT_EQ(study.ask(), Answer::kExhausted);
}

TEST(Grid, ExhaustsFiniteSpaces) {
  expect_exhausts_finite_spaces(plugin("grid"), 1000);
}

TEST(Grid, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  expect_fold(plugin("grid"), 1000, 20);
}

// Each point of the space as it is in the end is the completion of exactly one trial.
TEST(Grid, ExhaustsConstrainedSpacesExactly) {
  expect_exhausts_constrained_spaces(plugin("grid"), 400);
}

TEST(Grid, ExhaustsSpacesThatGrow) {
  for (std::uint64_t seed = 0; seed < 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random = stream(seed);
    OracleStudy study(plugin("grid"), random_space(random, random.below(3)));
    Course course;
    course.parallel = static_cast<std::uint32_t>(1 + random.below(4));
    course.failures = 0.1;
    course.restarts = 0.05;
    course.growth = 0.2;
    course.space_max = 5;
    course.growing = [](const Space& space, RandomStream& r) { return random_param(space, r); };
    ASSERT_EQ(simulate(study, random, course), Answer::kExhausted);
    std::set<std::vector<std::pair<std::uint32_t, std::int64_t>>> points;
    for (const OracleStudy::Trial& trial : study.trials()) {
      points.insert(values_of(dodona::common::completed(study.space(), trial.point)));
    }
    EXPECT_EQ(points.size(), study.trials().size()) << "duplicates";
    EXPECT_EQ(points.size(), count_points(study.space()));
    EXPECT_EQ(study.replay_mismatch(random), "");
  }
}

}  // namespace
