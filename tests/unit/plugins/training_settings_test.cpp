// SPDX-License-Identifier: Apache-2.0
#include "support/error_of.hpp"

#include <dodona/testing/fake_trial.hpp>
#include <dodona/train/training_settings.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using dodona::HyperParameters;
using dodona::Param;
using dodona::Value;
using dodona::testing::FakeHp;
using dodona::testing::Values;
using dodona::train::ask_augmentation;
using dodona::train::Augmentation;
using dodona::train::AugmentOptions;
using dodona::train::rate_factor;
using dodona::train::Schedule;
using dodona::train::Transform;
using Mode = AugmentOptions::Mode;

TEST(Schedule, DependsOnTheEpochAlone) {
  for (const double part : {0.1, 1.0}) {
    const auto factor = [&](Schedule schedule, std::uint64_t epoch) {
      return rate_factor(schedule, {epoch, part}, 10);
    };
    EXPECT_EQ(factor(Schedule::kConstant, 7), 1);
    EXPECT_EQ(factor(Schedule::kPlateau, 7), 1);
    EXPECT_EQ(factor(Schedule::kExponential, 0), 1);
    EXPECT_NEAR(factor(Schedule::kExponential, 24), 0.1, 0.005);
    EXPECT_EQ(factor(Schedule::kCosine, 0), 1);
    EXPECT_DOUBLE_EQ(factor(Schedule::kCosine, 5), 0.505);
    EXPECT_NEAR(factor(Schedule::kCosine, 10), 0.01, 1e-12);
    EXPECT_EQ(factor(Schedule::kCosine, 99), factor(Schedule::kCosine, 10));
  }
}

// The corners of PyTorch's OneCycleLR.
TEST(Schedule, RisesAndFallsOnceBatchByBatch) {
  const auto factor = [](std::uint64_t epoch, double part) {
    return rate_factor(Schedule::kOneCycle, {epoch, part}, 10);
  };
  EXPECT_NEAR(factor(0, 1e-9), 1.0 / 25, 1e-9);
  EXPECT_NEAR(factor(1, 0.5), (1 + 1.0 / 25) / 2, 1e-12);
  EXPECT_NEAR(factor(2, 1), 1, 1e-12);
  EXPECT_NEAR(factor(6, 0.5), (1 + 4e-6) / 2, 1e-12);
  EXPECT_NEAR(factor(9, 1), 4e-6, 1e-12);
  EXPECT_EQ(factor(99, 0.5), factor(9, 1));
  EXPECT_LT(factor(0, 0.5), factor(0, 0.6));
  EXPECT_GT(factor(4, 0.5), factor(4, 0.6));
}

TEST(Schedule, WarmsUpInAStraightLine) {
  using dodona::train::warmup_factor;
  EXPECT_EQ(warmup_factor({0, 0.5}, 0), 1);
  EXPECT_EQ(warmup_factor({0, 0.5}, 2), 0.25);
  EXPECT_EQ(warmup_factor({1, 0.5}, 2), 0.75);
  EXPECT_EQ(warmup_factor({1, 1}, 2), 1);
  EXPECT_EQ(warmup_factor({7, 0.5}, 2), 1);
}

const AugmentOptions kRandom{.mode = Mode::kRandom,
                             .rotate = 0.5,
                             .translate_x = 0.4,
                             .translate_y = 0,
                             .contrast = 0.3,
                             .layers = 3};

std::vector<std::string> names(const FakeHp& hp) {
  std::vector<std::string> out;
  for (const Param& param : hp.asked()) out.push_back(param.name);
  return out;
}

Augmentation ask(FakeHp& fake, const AugmentOptions& options) {
  HyperParameters hp(fake.get());
  return ask_augmentation(hp, options);
}

TEST(Augmentation, AsksNothingWhereItIsOff) {
  FakeHp hp;
  AugmentOptions off = kRandom;
  off.mode = Mode::kNone;
  EXPECT_TRUE(ask(hp, off).steps.empty());
  EXPECT_TRUE(hp.asked().empty());
}

TEST(Augmentation, AsksForFactorsWhereALayerUsesThem) {
  FakeHp none;
  EXPECT_TRUE(ask(none, kRandom).steps.empty());
  EXPECT_EQ(names(none), (std::vector<std::string>{"augment_layers"}));

  FakeHp some({{"augment_layers", std::int64_t{2}}, {"factor_rotate", 0.25}});
  const Augmentation two = ask(some, kRandom);
  EXPECT_EQ(names(some), (std::vector<std::string>{"augment_layers", "factor_rotate",
                                                   "factor_translate_x", "factor_contrast"}));
  EXPECT_TRUE(two.random);
  EXPECT_EQ(two.layers, 2);
  ASSERT_EQ(two.steps.size(), 3U);
  EXPECT_EQ(two.steps[0].factor, 0.25);
  EXPECT_EQ(two.steps[2].transform, Transform::kContrast);
  const Param& factor = some.definition("factor_contrast");
  EXPECT_EQ(factor.conditions[0].any_of,
            (std::vector<Value>{std::int64_t{1}, std::int64_t{2}, std::int64_t{3}}));
}

TEST(Augmentation, TakesAllInStepsOfATwentieth) {
  AugmentOptions all = kRandom;
  all.mode = Mode::kAll;
  FakeHp hp;
  const Augmentation out = ask(hp, all);
  EXPECT_FALSE(out.random);
  EXPECT_EQ(out.steps.size(), 3U);
  EXPECT_EQ(names(hp),
            (std::vector<std::string>{"factor_rotate", "factor_translate_x", "factor_contrast"}));
  EXPECT_EQ(hp.definition("factor_rotate").step, dodona::Cell::real(0.05));
}

TEST(TrainingSettings, NameTheWordsThatWouldBeRight) {
  EXPECT_EQ(
      dodona::support::error_of(DODONA_E_INVALID, [] { dodona::train::optimizer_named("lion"); }),
      "hyperparameter \"optimizer\": \"lion\" is none of adam, sgd, rmsprop, adamw");
}

}  // namespace
