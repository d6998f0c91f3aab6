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

std::string problem(const Objective& objective) {
  return support::error_of(DODONA_E_INVALID, [&] { check_told(objective, kTold); });
}

TEST(ToldMetrics, HoldTheObjectiveOrEachTermOfIt) {
  EXPECT_NO_THROW(check_told("val_loss", kTold));
  EXPECT_NO_THROW(check_told({"size", Direction::kMin}, kTold));
  EXPECT_NO_THROW(check_told(Objective::sum_of({"val_loss", {"size", Direction::kMin}}), kTold));
  EXPECT_EQ(problem("val_acc"),
            "objective: the hypermodel does not report \"val_acc\" (did you mean "
            "\"val_accuracy\"?); it reports val_loss (min), val_accuracy (max), size");
  EXPECT_TRUE(problem(Objective::sum_of({"val_loss", "mse"}))
                  .starts_with("objective: the hypermodel does not report \"mse\"; it reports "));
}

TEST(ToldMetrics, AskForAnObjectiveThatIsLeftOut) {
  EXPECT_EQ(problem({}),
            "objective is missing: which metric decides? the hypermodel reports val_loss (min), "
            "val_accuracy (max), size; for example \"objective\": \"size\"");
}

TEST(ToldMetrics, AreAnyWhereTheHypermodelDoesNotTell) {
  EXPECT_NO_THROW(check_told("val_acc", {}));
  EXPECT_NO_THROW(check_told({}, {}));
}

}  // namespace
}  // namespace dodona::document
