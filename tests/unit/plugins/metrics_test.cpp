// SPDX-License-Identifier: Apache-2.0
#include "support/error_of.hpp"

#include <dodona/random.hpp>
#include <dodona/train/metrics.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace {

using dodona::train::Auc;
using dodona::train::mean_metric;
using dodona::train::MeanError;
using dodona::train::metric_named;
using dodona::train::Scored;
using dodona::train::TopKAccuracy;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Metrics, AreMeansOfAFigureOfEachSample) {
  const auto metric = mean_metric("gap", [](std::span<const float> outputs, double target) {
    return double{outputs.front()} - target;
  });
  EXPECT_EQ(metric.name, "gap");
  EXPECT_TRUE(metric.more);
  const auto gap = metric.make();
  const std::vector<float> outputs{1, 3, /**/ 5, 0};
  const std::vector<std::int64_t> classes{1, 0};
  gap->add({outputs, 2, classes});
  EXPECT_EQ(gap->value(), 2.5);
  const std::vector<float> numbers{0.5, 1};
  gap->add({std::span(outputs).first(2), 1, {}, numbers});
  EXPECT_EQ(gap->value(), (0 + 5 + 0.5 + 2) / 4);
  gap->reset();
  EXPECT_TRUE(std::isnan(gap->value()));
  EXPECT_FALSE(mean_metric("error", {}, false).more);
}

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

// The value of a metric after two batches, which is that of one.
double value_of(const std::string& name, const std::vector<float>& outputs, std::size_t width,
                const std::vector<std::int64_t>& classes, const std::vector<float>& numbers = {}) {
  const auto metric = metric_named(name, !classes.empty()).make();
  const std::span all(outputs);
  const std::span labels(classes);
  const std::span right(numbers);
  const std::size_t first = 1;
  metric->add({all.first(first * width), width, labels.first(std::min(first, labels.size())),
               right.first(std::min(first, right.size()))});
  metric->add({all.subspan(first * width), width, labels.subspan(std::min(first, labels.size())),
               right.subspan(std::min(first, right.size()))});
  return metric->value();
}

// Predicted 0 1 1 2 2 for 0 0 1 1 2; the fourth class neither occurs nor is predicted.
TEST(Metrics, AverageTheFiguresOfClasses) {
  const std::vector<float> outputs{9,      0, 0, 0, /**/ 0, 9, 0, 0, /**/ 0, 9, 0, 0,
                                   /**/ 0, 0, 9, 0, /**/ 0, 0, 9, 0};
  const std::vector<std::int64_t> classes{0, 0, 1, 1, 2};
  EXPECT_DOUBLE_EQ(value_of("precision", outputs, 4, classes), (1 + 0.5 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(value_of("recall", outputs, 4, classes), (0.5 + 0.5 + 1) / 3);
  EXPECT_DOUBLE_EQ(value_of("f1", outputs, 4, classes), (2.0 / 3 + 0.5 + 2.0 / 3) / 3);
  dodona::train::Confusion confusion(4);
  confusion.add({outputs, 4, classes});
  EXPECT_EQ(confusion.count(0, 1), 1U);
  EXPECT_EQ(confusion.samples_of(1), 2U);
  EXPECT_EQ(confusion.predictions_of(2), 2U);
  EXPECT_EQ(confusion.precision(3), 0);
}

// Of two classes the second is the one that is looked for: found 1 of 3, and 1 of 2 is right.
TEST(Metrics, TakeTheSecondOfTwoClasses) {
  const std::vector<float> outputs{1, 0, 0, 1, 0, 1, 1, 0, 1, 0};
  const std::vector<std::int64_t> classes{0, 0, 1, 1, 1};
  EXPECT_DOUBLE_EQ(value_of("precision", outputs, 2, classes), 0.5);
  EXPECT_DOUBLE_EQ(value_of("recall", outputs, 2, classes), 1.0 / 3);
  EXPECT_DOUBLE_EQ(value_of("f1", outputs, 2, classes), 0.4);
  EXPECT_EQ(value_of("recall", {1, 0, 1, 0}, 2, {0, 0}), 0);
}

TEST(Metrics, MeasureTheLogLoss) {
  const float third = std::log(3.0F);
  EXPECT_NEAR(value_of("log_loss", {third, 0, 0, third}, 2, {0, 0}),
              (std::log(4.0 / 3) + std::log(4.0)) / 2, 1e-6);
  // Outputs beyond the range of exp.
  EXPECT_NEAR(value_of("log_loss", {1000, 0, 0, 1000}, 2, {0, 0}), 500, 1e-9);
}

TEST(Metrics, TellWhatIsExplainedOfNumbers) {
  EXPECT_DOUBLE_EQ(value_of("r2", {1, 2, 4}, 1, {}, {1, 2, 3}), 1 - 1.0 / 2);
  EXPECT_DOUBLE_EQ(value_of("r2", {2, 2, 2}, 1, {}, {1, 2, 3}), 0);
  EXPECT_NEAR(value_of("r2", {10000001, 10000002, 10000003}, 1, {}, {10000001, 10000002, 10000003}),
              1, 1e-12);
  EXPECT_TRUE(std::isnan(value_of("r2", {1, 2}, 1, {}, {5, 5})));
  EXPECT_DOUBLE_EQ(value_of("mean_absolute_percentage_error", {1, 6}, 1, {}, {2, -4}),
                   (50.0 + 250) / 2);
}

TEST(Metrics, KnowTheirDirections) {
  for (const char* name : {"accuracy", "top_3_accuracy", "precision", "recall", "f1", "auc"})
    EXPECT_TRUE(metric_named(name, true).more) << name;
  EXPECT_FALSE(metric_named("log_loss", true).more);
  EXPECT_TRUE(metric_named("r2", false).more);
  for (const char* name :
       {"mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error"})
    EXPECT_FALSE(metric_named(name, false).more) << name;
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
  EXPECT_EQ(
      name_error("mean_squared_error", true),
      "option \"metrics\": \"mean_squared_error\" is no metric of classes; those are "
      "accuracy, top_K_accuracy with a number for K, precision, recall, f1, auc and log_loss");
  EXPECT_EQ(name_error("accuracy", false),
            "option \"metrics\": \"accuracy\" is no metric of numbers; those are "
            "mean_squared_error, mean_absolute_error, mean_absolute_percentage_error and r2");
  for (const char* name : {"top_0_accuracy", "top__accuracy", "top_x_accuracy", ""})
    EXPECT_NE(name_error(name, true), "nothing was thrown") << name;
}

}  // namespace
