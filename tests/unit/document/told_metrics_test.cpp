// SPDX-License-Identifier: Apache-2.0
#include "document/told_metrics.hpp"

#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::document {
namespace {

const std::vector<study::ToldMetric> kTold = {{"val_loss", study::Direction::kMinimize},
                                              {"val_accuracy", study::Direction::kMaximize},
                                              {"size", std::nullopt}};

StudyOptions with(const Objective& objective) {
  StudyOptions options;
  options.objective = objective;
  return options;
}

std::string problem(const StudyOptions& options) {
  return support::error_of(DODONA_E_INVALID, [&] { check_told(options, kTold); });
}

TEST(ToldMetrics, HoldTheObjectiveOrEachTermOfIt) {
  EXPECT_NO_THROW(check_told(with("val_loss"), kTold));
  EXPECT_NO_THROW(check_told(with({"size", Direction::kMin}), kTold));
  EXPECT_NO_THROW(
      check_told(with(Objective::sum_of({"val_loss", {"size", Direction::kMin}})), kTold));
  EXPECT_EQ(problem(with("val_acc")),
            "objective: the hypermodel does not report \"val_acc\" (did you mean "
            "\"val_accuracy\"?); it reports val_loss (min), val_accuracy (max), size");
  EXPECT_TRUE(problem(with(Objective::sum_of({"val_loss", "mse"})))
                  .starts_with("objective: the hypermodel does not report \"mse\"; it reports "));
}

TEST(ToldMetrics, HoldEachOfSeveralObjectives) {
  StudyOptions options = with("val_loss");
  options.objectives = {"val_loss", {"size", Direction::kMin}};
  EXPECT_NO_THROW(check_told(options, kTold));
  options.objectives.push_back("mse");
  EXPECT_TRUE(
      problem(options).starts_with("objective: the hypermodel does not report \"mse\"; it "));
}

TEST(ToldMetrics, HoldThoseWithALimitAndTheOneForSteps) {
  StudyOptions options = with("val_loss");
  options.limits = {{.metric = "size", .min = {}, .max = 5}};
  options.stop_on = Objective("val_accuracy");
  EXPECT_NO_THROW(check_told(options, kTold));
  options.stop_on = Objective("val_acc");
  EXPECT_TRUE(problem(options).starts_with(
      "stop_on: the hypermodel does not report \"val_acc\" (did you mean \"val_accuracy\"?)"));
  options.limits.push_back({.metric = "model_mb", .min = {}, .max = 5});
  EXPECT_EQ(problem(options),
            "limits: the hypermodel does not report \"model_mb\"; it reports val_loss (min), "
            "val_accuracy (max), size");
}

TEST(ToldMetrics, AskForAnObjectiveThatIsLeftOut) {
  EXPECT_EQ(problem({}),
            "objective is missing: which metric decides? the hypermodel reports val_loss (min), "
            "val_accuracy (max), size; for example \"objective\": \"size\"");
}

TEST(ToldMetrics, AreAnyWhereTheHypermodelDoesNotTell) {
  EXPECT_NO_THROW(check_told(with("val_acc"), {}));
  EXPECT_NO_THROW(check_told({}, {}));
}

}  // namespace
}  // namespace dodona::document
