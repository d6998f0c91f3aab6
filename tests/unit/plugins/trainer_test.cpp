// SPDX-License-Identifier: Apache-2.0
#include "common/train/dataset.hpp"
#include "support/error_of.hpp"

#include <dodona/random.hpp>
#include <dodona/testing/fake_trial.hpp>
#include <dodona/train/hypermodel.hpp>
#include <dodona/train/trainer.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using dodona::common::LabelledImages;
using dodona::train::Activation;
using dodona::train::Network;
using dodona::train::Padding;
using dodona::train::Pool;
using dodona::train::RunningMetric;
using dodona::train::Scored;
using dodona::train::Trainer;
using dodona::train::TrainerContext;
using dodona::train::TrainingSettings;

// A metric of one's own: how many samples of class 1 were seen.
class OnesSeen final : public RunningMetric {
 public:
  void reset() override { seen_ = 0; }
  void add(const Scored& batch) override {
    for (const std::int64_t label : batch.classes) seen_ += label == 1 ? 1 : 0;
  }
  double value() const override { return seen_; }

 private:
  double seen_ = 0;
};

constexpr std::uint32_t kSide = 7;

// Noise in two classes, every third of class 1.
std::shared_ptr<TrainerContext> context(std::uint32_t count) {
  LabelledImages images{count, kSide, kSide, 2, {}, {}, 3};
  dodona::RandomStream random(1, 0, dodona::Purpose::kTrialSeed);
  for (std::uint32_t i = 0; i < count; ++i) {
    images.labels.push_back(i % 3 == 0 ? 1 : 0);
    for (std::uint32_t at = 0; at < 3 * kSide * kSide; ++at)
      images.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  auto out = std::make_shared<TrainerContext>();
  out->data = std::make_shared<const dodona::train::Dataset>(
      dodona::train::split_dataset(std::make_shared<const LabelledImages>(std::move(images)), {}));
  out->metrics = {{"ones", [] { return std::make_unique<OnesSeen>(); }}};
  out->plugin = "net";
  return out;
}

std::map<std::string, double> epoch(const Network& net) {
  TrainingSettings settings;
  settings.learning_rate = 1e-3;
  settings.batch_size = 8;
  Trainer trainer(context(30), {net, settings}, {}, 1);
  std::map<std::string, double> out;
  const auto metrics = trainer.run_epoch([] { return false; });
  for (const auto& [name, value] : metrics.value()) out[name] = value;
  return out;
}

TEST(Trainer, TakesMetricsOfOnesOwn) {
  Network net({3, kSide, kSide});
  net.dense(Network::input(), {.units = 2});
  const auto metrics = epoch(net);
  EXPECT_EQ(metrics.size(), 4U);
  EXPECT_EQ(metrics.at("ones") + metrics.at("val_ones"), 10);
}

// Each kind of layer, so that what is described is what runs: a wrong shape would not.
// Of a network that stays as it is, and one batch: a mean by weights, in training alone.
TEST(Trainer, WeighsClassesInTraining) {
  Network net({3, kSide, kSide});
  net.dense(Network::input(), {.units = 2});
  TrainingSettings settings;
  settings.learning_rate = 1e-30;
  settings.batch_size = 64;
  const auto losses = [&](std::vector<double> weights) {
    const auto shared = context(30);
    shared->class_weights = std::move(weights);
    Trainer trainer(shared, {net, settings}, {}, 1);
    const auto metrics = trainer.run_epoch([] { return false; }).value();
    double ones = 0;
    for (const auto& [name, value] : metrics) ones = name == "ones" ? value : ones;
    EXPECT_EQ(metrics.at(2).first, "val_loss");
    return std::tuple(metrics.at(0).second, metrics.at(2).second, ones);
  };
  const auto [mean, val_mean, ones] = losses({});
  const auto [zeros_alone, val_zeros, same] = losses({1, 1e-12});
  const auto [heavy, val_heavy, again] = losses({1, 3});
  EXPECT_EQ(val_zeros, val_mean);
  EXPECT_EQ(val_heavy, val_mean);
  const double zeros = 27 - ones;
  const double ones_alone = (mean * 27 - zeros_alone * zeros) / ones;
  EXPECT_NEAR(heavy, (zeros_alone * zeros + 3 * ones_alone * ones) / (zeros + 3 * ones), 1e-5);
  EXPECT_GT(std::abs(heavy - mean), 1e-3);
}

// Loading draws crops and augmentation, and the network draws what it drops, from one generator.
TEST(Trainer, LoadsBesideTheTrainingWithTheSameBits) {
  constexpr std::int64_t side = 6;
  Network net({3, side, side});
  auto x = net.batch_norm(net.flatten(net.conv(Network::input(), {.filters = 4, .kernel = 3})));
  net.dense(net.dropout(x, 0.4), {.units = 2});
  TrainingSettings settings;
  settings.learning_rate = 1e-2;
  settings.batch_size = 8;  // of 25, so that the last batch has one more
  settings.crop = side;
  settings.augmentation = {.steps = {{dodona::train::Transform::kRotate, 0.3},
                                     {dodona::train::Transform::kContrast, 0.5}},
                           .layers = 2,
                           .random = true};
  const auto metrics = [&](bool beside) {
    Trainer trainer(context(28), {net, settings}, {.load_beside = beside}, 1);
    std::vector<dodona::train::EpochMetrics> out;
    for (int epoch = 0; epoch < 3; ++epoch)
      out.push_back(trainer.run_epoch([] { return false; }).value());
    return out;
  };
  EXPECT_EQ(metrics(true), metrics(false));
}

// A batch that is loaded when the trainer goes away is dropped.
TEST(Trainer, StopsWhileABatchIsLoaded) {
  Network net({3, kSide, kSide});
  net.dense(Network::input(), {.units = 2});
  TrainingSettings settings;
  settings.batch_size = 2;
  Trainer trainer(context(30), {net, settings}, {.load_beside = true}, 1);
  int asked = 0;
  EXPECT_FALSE(trainer.run_epoch([&] { return ++asked == 5; }).has_value());
}

TEST(Trainer, CarriesOutEveryLayer) {
  Network net({3, kSide, kSide});
  auto x = net.conv(Network::input(), {.filters = 6, .kernel = 4, .stride = 2, .groups = 3});
  x = net.activation(net.batch_norm(x), Activation::kTanh);
  x = net.separable_conv(net.pad(x, 1), {.filters = 6, .kernel = 3});
  const auto left = net.pool(x, Pool::kMax, 3, 2, Padding::kSame);
  const auto right = net.pool(x, Pool::kAverage, 2, 2, Padding::kValid);
  x = net.activation(net.add(left, right), Activation::kSelu);
  x = net.alpha_dropout(net.flatten(x), 0.2);
  x = net.dense(x, {.units = 8, .start = dodona::train::Start::kLecunNormal});
  x = net.dropout(net.activation(x, Activation::kRelu), 0.2);
  net.dense(x, {.units = 2});
  EXPECT_TRUE(std::isfinite(epoch(net).at("val_loss")));
  Network pooled({3, kSide, kSide});
  x = pooled.conv(Network::input(), {.filters = 4, .kernel = 2});
  pooled.dense(pooled.global_pool(x, Pool::kMax), {.units = 2});
  EXPECT_TRUE(std::isfinite(epoch(pooled).at("val_loss")));
}

TEST(Plan, OfAModuleTunesTheRateAndLeavesTheRestToTheStudyFile) {
  dodona::testing::FakeHp fake({{"learning_rate", 0.02}, {"optimizer", std::string("sgd")}});
  dodona::HyperParameters hp(fake.get());
  const dodona::train::TrainingPlan plan = dodona::train::ask_training(hp, {}, nullptr);
  EXPECT_EQ(plan.module, nullptr);
  EXPECT_EQ(plan.settings.learning_rate, 0.02);
  EXPECT_EQ(plan.settings.batch_size, 32);
  EXPECT_EQ(plan.settings.optimizer, dodona::train::Optimizer::kSgd);
  for (const dodona::Param& param : fake.asked()) {
    EXPECT_EQ(param.type == dodona::ParamType::kFixed, param.name != "learning_rate") << param.name;
  }
}

TEST(Trainer, NamesADeviceThatIsNotThere) {
  EXPECT_EQ(dodona::support::error_of(DODONA_E_INVALID, [] { dodona::train::check_device("tpu"); })
                .find("option \"device\": \"tpu\" is no device of this LibTorch; "),
            0U);
  dodona::train::check_device("cpu");
}

}  // namespace
