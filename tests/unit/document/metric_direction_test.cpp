// SPDX-License-Identifier: Apache-2.0
#include "document/metric_direction.hpp"

#include <gtest/gtest.h>

namespace dodona::document {
namespace {

TEST(MetricDirection, KnowsLossesAndGains) {
  for (const char* name : {"loss", "crossentropy", "ce", "mse", "mean_squared_error", "mae",
                           "hinge", "kl_divergence", "FalsePositives", "default_objective",
                           "SparseCategoricalCrossentropy", "root_mean_squared_error"}) {
    EXPECT_EQ(metric_direction(name), Direction::kMin) << name;
  }
  for (const char* name : {"acc", "accuracy", "Accuracy", "auc", "AUC", "TruePositives", "recall",
                           "sparse_top_k_categorical_accuracy", "SensitivityAtSpecificity"}) {
    EXPECT_EQ(metric_direction(name), Direction::kMax) << name;
  }
}

// KerasTuner minimises these.
TEST(MetricDirection, MaximisesScores) {
  for (const char* name : {"F1Score", "f1_score", "FBetaScore", "R2Score", "r2_score", "MeanIoU",
                           "mean_io_u", "BinaryIoU", "PrecisionAtRecall", "RecallAtPrecision"}) {
    EXPECT_EQ(metric_direction(name), Direction::kMax) << name;
  }
}

TEST(MetricDirection, StripsOnePrefixOfEachKind) {
  EXPECT_EQ(metric_direction("val_accuracy"), Direction::kMax);
  EXPECT_EQ(metric_direction("weighted_loss"), Direction::kMin);
  EXPECT_EQ(metric_direction("val_weighted_acc"), Direction::kMax);
  EXPECT_EQ(metric_direction("val_val_loss"), std::nullopt);
  EXPECT_EQ(metric_direction("weighted_val_loss"), std::nullopt);
}

TEST(MetricDirection, DoesNotGuess) {
  for (const char* name : {"", "val_", "speed", "my_loss", "cosine_similarity", "dice", "mean"}) {
    EXPECT_EQ(metric_direction(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace dodona::document
