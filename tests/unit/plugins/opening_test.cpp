// SPDX-License-Identifier: Apache-2.0
//
// The first trials of a search, in studies of the oracle `bayesian`.
#include "common/search/opening.hpp"

#include "support/built_plugin.hpp"
#include "support/model_oracle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace dodona {
namespace {

using testing::OracleStudy;

const dodona_descriptor& bayesian() {
  return support::plugin("bayesian");
}

Space cube(std::size_t d) {
  Space space;
  for (std::size_t i = 0; i < d; ++i) space.add(support::real("x" + std::to_string(i), 0, 1));
  return space;
}

std::vector<double> row(const OracleStudy::Trial& trial) {
  std::vector<double> out;
  for (std::size_t i = 0; i < trial.point.size(); ++i) out.push_back(trial.point[i].real());
  return out;
}

// Axes in which two points differ; the difference is that of a step.
std::vector<std::size_t> steps_between(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::abs(a[i] - b[i]) < 1e-12) continue;
    EXPECT_NEAR(std::abs(a[i] - b[i]), 0.2, 0.0201);
    out.push_back(i);
  }
  return out;
}

TEST(Opening, BeginsInTheMiddleAndTakesAStepAlongEachAxisFromTheBest) {
  OracleStudy study(bayesian(), cube(5), {.seed = 3, .max_trials = 50});
  std::vector<double> best;
  double least = 0;
  std::set<std::size_t> axes;
  for (std::uint64_t id = 0; id < 6; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    EXPECT_EQ(study.trials()[id].note, R"({"model":"initial design"})");
    const std::vector<double> here = row(study.trials()[id]);
    if (id == 0) {
      EXPECT_EQ(here, std::vector<double>(5, 0.5));
    } else {
      const std::vector<std::size_t> moved = steps_between(best, here);
      ASSERT_EQ(moved.size(), 1U) << id;
      EXPECT_TRUE(axes.insert(moved[0]).second) << id;
    }
    double value = 0;
    for (std::size_t i = 0; i < 5; ++i) value += static_cast<double>(i + 1) * here[i];
    study.finish(id, value);
    if (id == 0 || value < least) {
      least = value;
      best = here;
    }
  }
  ASSERT_EQ(study.ask(), testing::Answer::kProposed);
  EXPECT_NE(study.trials().back().note, R"({"model":"initial design"})");
}

TEST(Opening, BeginsWithDeclaredDefaults) {
  Space space;
  Param rate = support::real("rate", 1e-5, 1e-1);
  rate.sampling = Sampling::kLog;
  rate.initial = Cell::real(1e-2);
  space.add(rate);
  Param log = support::real("log", 1e-4, 1);
  log.sampling = Sampling::kLog;
  space.add(log);
  Param layers = support::integer("layers", 1, 9);
  layers.initial = Cell::whole(2);
  space.add(layers);
  space.add(support::integer("units", 1, 9));
  Param kind = support::choice("kind", {support::text("a"), support::text("b")});
  kind.initial = Cell::whole(1);
  space.add(kind);
  space.add(support::real("of_a", 0, 1, {{"kind", {support::text("a")}}}));
  space.add(support::real("of_b", 0, 2, {{"kind", {support::text("b")}}}));
  OracleStudy study(bayesian(), space, {.max_trials = 50});
  ASSERT_EQ(study.ask(), testing::Answer::kProposed);
  const Point& point = study.trials()[0].point;
  EXPECT_NEAR(point[0].real(), 1e-2, 1e-9);
  EXPECT_NEAR(point[1].real(), 1e-2, 1e-9);  // the middle on its scale
  EXPECT_EQ(point[2].whole(), 2);
  EXPECT_EQ(point[3].whole(), 5);
  EXPECT_EQ(point[4].whole(), 1);
  EXPECT_FALSE(point.active(5));
  EXPECT_NEAR(point[6].real(), 1, 1e-12);
}

TEST(Opening, StepsFromTheBestOfWhatTheUserTried) {
  OracleStudy study(bayesian(), cube(3), {.max_trials = 50});
  Point point(3);
  for (std::size_t i = 0; i < 3; ++i) point.set(i, Cell::real(0.95));
  study.enqueue(point);
  study.finish(0, 1.0);
  ASSERT_EQ(study.ask(), testing::Answer::kProposed);
  const std::vector<double> here = row(study.trials()[1]);
  EXPECT_EQ(steps_between({0.95, 0.95, 0.95}, here).size(), 1U);
  EXPECT_LT(*std::max_element(here.begin(), here.end()), 1);  // within the cube
}

TEST(Opening, SpreadsTrialsThatAreAskedAtOnce) {
  for (const std::size_t d : {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{10}}) {
    OracleStudy study(bayesian(), cube(d), {.parallel_trials = 8, .max_trials = 100});
    for (std::uint64_t id = 0; id < 8; ++id) ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    for (std::uint64_t a = 0; a < 8; ++a) {
      for (std::uint64_t b = 0; b < a; ++b) {
        double apart = 0;
        for (std::size_t i = 0; i < d; ++i) {
          apart = std::max(apart, std::abs(row(study.trials()[a])[i] - row(study.trials()[b])[i]));
        }
        EXPECT_GT(apart, d == 1 ? 0.002 : 0.01) << d << ": " << a << " and " << b;
      }
    }
  }
}

TEST(Opening, TakesNoStepsWhereNoneKnowsTheResultOfAnother) {
  for (const std::uint32_t workers : {5U, 6U}) {  // there are five steps and the middle
    OracleStudy study(bayesian(), cube(5), {.parallel_trials = workers, .max_trials = 50});
    for (std::uint64_t id = 0; id < 5; ++id) ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    EXPECT_EQ(row(study.trials()[0]), std::vector<double>(5, 0.5));
    for (std::uint64_t id = 1; id < 5; ++id) {
      int moved = 0;
      for (const double each : row(study.trials()[id])) {
        if (std::abs(each - 0.5) > 1e-12) ++moved;
        EXPECT_GE(each, 0.15);
        EXPECT_LE(each, 0.85);
      }
      EXPECT_EQ(moved, workers == 5 ? 1 : 5) << id;
    }
  }
}

TEST(Opening, FillsTheSpaceOfSeveralObjectives) {
  OracleStudy study(bayesian(), cube(4), {.max_trials = 100, .objectives = 2});
  ASSERT_EQ(study.ask(), testing::Answer::kProposed);
  EXPECT_NE(row(study.trials()[0]), std::vector<double>(4, 0.5));
}

TEST(Opening, LeavesCategoriesAndFewTrialsAModel) {
  Space space = cube(2);
  space.add(support::choice("kind", {support::text("a"), support::text("b")}));
  OracleStudy study(bayesian(), space, {.max_trials = 20});
  for (std::uint64_t id = 0; id < 5; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    const bool opens = study.trials()[id].note == R"({"model":"initial design"})";
    EXPECT_EQ(opens, id < 4) << id;
    if (id < 4) {
      EXPECT_GE(study.trials()[id].point[0].real(), 0.15);
      EXPECT_LE(study.trials()[id].point[0].real(), 0.85);
    }
    study.finish(id, study.trials()[id].point[0].real());
  }
}

}  // namespace
}  // namespace dodona
