// SPDX-License-Identifier: Apache-2.0
#include "common/train/metrics.hpp"

#include "support/error_of.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

using dodona::train::Auc;
using dodona::train::MeanError;
using dodona::train::metric_named;
using dodona::train::Scored;
using dodona::train::TopKAccuracy;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Metrics, CountTheClassesAmongTheLargest) {
  const std::vector<float> outputs{1, 3, 2, /**/ 5, 0, 1, /**/ 2, 2, 2, /**/ kNan, kNan, kNan};
  const std::vector<std::int64_t> classes{2, 0, 1, 0};
  const Scored batch{outputs, 3, classes};
  const auto share = [&](std::size_t k) {
    TopKAccuracy metric(k);
    metric.add(batch);
    return metric.value();
  };
  EXPECT_EQ(share(1), 0.25);  // of equal outputs the first counts
  EXPECT_EQ(share(2), 0.75);
  EXPECT_EQ(share(3), 1);
}

TEST(Metrics, BeginAnewAfterAReset) {
  const std::vector<float> outputs{1, 0};
  const std::vector<std::int64_t> right{0};
  const std::vector<std::int64_t> wrong{1};
  TopKAccuracy metric(1);
  metric.add({outputs, 2, wrong});
  metric.reset();
  metric.add({outputs, 2, right});
  EXPECT_EQ(metric.value(), 1);
}

TEST(Metrics, AverageErrors) {
  const std::vector<float> outputs{1, 2, 5};
  const std::vector<float> numbers{2, 2, 1};
  MeanError absolute(1);
  MeanError squared(2);
  for (MeanError* metric : {&absolute, &squared}) metric->add({outputs, 1, {}, numbers});
  EXPECT_DOUBLE_EQ(absolute.value(), 5.0 / 3);
  EXPECT_DOUBLE_EQ(squared.value(), 17.0 / 3);
}

// The share of pairs in the right order, counted one by one.
TEST(Metrics, MeasureTheAreaUnderTheCurve) {
  dodona::RandomStream random(3, 0, dodona::Purpose::kTrialSeed);
  std::vector<float> outputs;
  std::vector<std::int64_t> classes;
  for (int i = 0; i < 60; ++i) {
    classes.push_back(static_cast<std::int64_t>(random.below(2)));
    outputs.push_back(0);
    // Few different values, so that some are equal.
    outputs.push_back(static_cast<float>(random.below(8)) + static_cast<float>(classes.back()));
  }
  double right = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    for (std::size_t j = 0; j < 60; ++j) {
      if (classes[i] != 1 || classes[j] != 0) continue;
      const float a = outputs[2 * i + 1];
      const float b = outputs[2 * j + 1];
      right += a > b ? 1 : a == b ? 0.5 : 0;
      ++pairs;
    }
  }
  Auc metric;
  metric.add({std::span(outputs).first(40), 2, std::span(classes).first(20)});
  metric.add({std::span(outputs).subspan(40), 2, std::span(classes).subspan(20)});
  EXPECT_NEAR(metric.value(), right / pairs, 1e-12);
}

TEST(Metrics, AverageTheAreaOverClasses) {
  // Class 0 is found without fault, 1 and 2 are told apart the wrong way round, 3 never occurs.
  const std::vector<float> outputs{9, 0, 0, 0, /**/ 0, 1, 2, 0, /**/ 0, 2, 1, 0};
  const std::vector<std::int64_t> classes{0, 1, 2};
  Auc metric;
  metric.add({outputs, 4, classes});
  EXPECT_DOUBLE_EQ(metric.value(), (1 + 0.5 + 0.5) / 3);
}

TEST(Metrics, HaveNoAreaOfOneClassOrOfOutputsThatAreNoNumbers) {
  const std::vector<std::int64_t> classes{1, 1};
  const std::vector<float> outputs{1, 2, 3, 4};
  Auc one;
  one.add({outputs, 2, classes});
  EXPECT_TRUE(std::isnan(one.value()));
  const std::vector<float> broken{kNan, 2, 3, 4};
  const std::vector<std::int64_t> both{0, 1};
  Auc none;
  none.add({broken, 2, both});
  EXPECT_TRUE(std::isnan(none.value()));
}

std::string name_error(const std::string& name, bool classes) {
  return dodona::support::error_of(DODONA_E_INVALID, [&] { metric_named(name, classes); });
}

TEST(Metrics, AreFoundByName) {
  for (const char* name : {"accuracy", "top_5_accuracy", "auc"})
    EXPECT_EQ(metric_named(name, true).name, name);
  for (const char* name : {"mean_squared_error", "mean_absolute_error"})
    EXPECT_NE(metric_named(name, false).make(), nullptr);
  EXPECT_EQ(name_error("mean_squared_error", true),
            "option \"metrics\": \"mean_squared_error\" is no metric of classes; those are "
            "accuracy, top_K_accuracy with a number for K, and auc");
  EXPECT_EQ(name_error("accuracy", false),
            "option \"metrics\": \"accuracy\" is no metric of numbers; those are "
            "mean_squared_error and mean_absolute_error");
  for (const char* name : {"top_0_accuracy", "top__accuracy", "top_x_accuracy", ""})
    EXPECT_NE(name_error(name, true), "nothing was thrown") << name;
}

}  // namespace
