// SPDX-License-Identifier: Apache-2.0
//
// Drives the built plugin through its C table, with a fake kernel and small images.
#include "support/network_plugin.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using dodona::support::Answer;
using dodona::support::build_error;
using dodona::support::highest;
using dodona::support::NetworkPlugin;
using dodona::support::Reports;
using dodona::support::run_trial;
using dodona::support::TemporaryDirectory;
using dodona::support::with_step_constants;
using dodona::testing::FakeHp;
using dodona::testing::Values;

// A network with everything that draws random numbers.
Values net() {
  return {{"crop", std::int64_t{7}},       {"kernel_size", std::int64_t{3}},
          {"blocks", std::int64_t{2}},     {"filters_0", std::int64_t{16}},
          {"filters_1", std::int64_t{16}}, {"pooling_1", std::string("avg")},
          {"dropout_rate", 0.1},           {"learning_rate", 1e-2},
          {"batch_size", std::int64_t{32}}};
}

Values augmented(Values values) {
  values["augment_layers"] = std::int64_t{2};
  values["factor_rotate"] = 0.02;
  values["factor_translate_x"] = 0.1;
  values["factor_translate_y"] = 0.1;
  values["factor_contrast"] = 0.3;
  return values;
}

class TorchCnnTest : public ::testing::Test {
 protected:
  void SetUp() override { dodona::support::write_toy_images(directory_.path().string(), 300); }
  Values options(const std::string& augment = "none") const {
    return {{"data", directory_.path().string()}, {"augment", augment}};
  }
  TemporaryDirectory directory_;
};

TEST_F(TorchCnnTest, DeclaresOnlyWhatIsActive) {
  const NetworkPlugin plugin("torch_cnn", options("random"));
  FakeHp shallow({{"blocks", std::int64_t{1}}});
  EXPECT_EQ(
      plugin.names_asked(shallow),
      with_step_constants({"normalize", "crop", "augment_layers", "kernel_size", "batch_norm",
                           "blocks", "filters_0", "pooling_0", "dense_units", "dropout_rate",
                           "optimizer", "learning_rate", "schedule", "batch_size", "shuffle"}));
  FakeHp deep({{"blocks", std::int64_t{4}}});
  const std::vector<std::string> names = plugin.names_asked(deep);
  EXPECT_EQ(names.size(), 21U + 6U);
  EXPECT_EQ(deep.definition("filters_3").conditions[0].any_of,
            (std::vector<dodona::Value>{std::int64_t{4}}));
}

// Chance is a quarter.
TEST_F(TorchCnnTest, Learns) {
  const NetworkPlugin plugin("torch_cnn", options());
  Values values = net();
  values["batch_size"] = std::int64_t{16};  // moving averages need their steps
  const Reports reports = run_trial(plugin, values, 1, 10);
  ASSERT_EQ(reports.size(), 10U);
  EXPECT_GT(highest(reports, "val_accuracy"), 0.6);  // worst: 1
  EXPECT_LT(reports.back().metrics.at("val_loss"), reports.front().metrics.at("val_loss"));
}

TEST_F(TorchCnnTest, LearnsFromAugmentedImages) {
  const NetworkPlugin plugin("torch_cnn", options("random"));
  const Reports reports = run_trial(plugin, augmented(net()), 1, 12);
  EXPECT_GT(highest(reports, "val_accuracy"), 0.6);  // worst: 1
}

TEST_F(TorchCnnTest, EveryValueMattersToTheResult) {
  Values few = options("random");
  few["train_samples"] = std::int64_t{64};
  const NetworkPlugin random("torch_cnn", few);
  const Values base = augmented(net());
  const Reports reference = run_trial(random, base, 1, 2);
  const Values others{{"normalize", false},
                      {"crop", std::int64_t{8}},
                      {"kernel_size", std::int64_t{5}},
                      {"batch_norm", false},
                      {"pooling_1", std::string("max")},
                      {"dense_units", std::int64_t{60}},
                      {"dropout_rate", 0.2},
                      {"schedule", std::string("exponential")},
                      {"warmup_epochs", std::int64_t{2}},
                      {"shuffle", false},
                      {"augment_layers", std::int64_t{1}},
                      {"factor_rotate", 0.1},
                      {"factor_translate_x", 0.2},
                      {"factor_translate_y", 0.0},
                      {"factor_contrast", 0.1}};
  for (const auto& [name, value] : others) {
    Values values = base;
    values[name] = value;
    EXPECT_NE(run_trial(random, values, 1, 2), reference) << name;
  }
  few["augment"] = std::string("all");
  const NetworkPlugin all("torch_cnn", few);
  EXPECT_NE(run_trial(all, base, 1, 2), reference);
}

TEST_F(TorchCnnTest, GivesTheSameBitsBesideAnotherTrial) {
  const NetworkPlugin plugin("torch_cnn", options("random"));
  Values plain = net();
  plain["optimizer"] = std::string("sgd");
  dodona::support::expect_same_bits_side_by_side(plugin, augmented(net()), plain, 3, 2);
}

TEST_F(TorchCnnTest, UsesTheThreadsOfItsBudget) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not see the barriers of libgomp";
#endif
  const NetworkPlugin plugin("torch_cnn", options());
  Values wide = net();
  wide["blocks"] = std::int64_t{1};
  wide["filters_0"] = std::int64_t{128};  // 232 million products a batch
  EXPECT_EQ(dodona::support::threads_added(plugin, wide, 1), 0U);
  EXPECT_GE(dodona::support::threads_added(plugin, wide, 2), 1U);
}

TEST_F(TorchCnnTest, GoesOnFromACheckpointWithTheSameBits) {
  const NetworkPlugin plugin("torch_cnn", options("random"));
  dodona::support::expect_same_bits_from_checkpoint(plugin, augmented(net()), 2, 4);
}

TEST_F(TorchCnnTest, RefusesANetworkThatIsTooLarge) {
  Values bound = options();
  bound["max_model_parameters"] = std::int64_t{1000};
  const NetworkPlugin plugin("torch_cnn", bound);
  Values values = net();
  values["blocks"] = std::int64_t{1};
  const Answer answer = build_error(plugin, values);
  EXPECT_EQ(answer.status, DODONA_E_INVALID);
  // 9 + 9 * 16 times 16 filters and their norms; 50 dense units, 4 classes.
  const int parameters = 9 * 16 + 9 * 16 * 16 + 2 * 32 + 17 * 50 + 51 * 4;
  EXPECT_EQ(answer.text, "the network has " + std::to_string(parameters) +
                             " trainable parameters, above max_model_parameters 1000");
}

// A study file can replace the plugin's own definitions by such values.
TEST_F(TorchCnnTest, RefusesValuesThatCannotBe) {
  const NetworkPlugin plugin("torch_cnn", options());
  Values values = net();
  values["crop"] = std::int64_t{9};
  EXPECT_EQ(build_error(plugin, values).text,
            "hyperparameter \"crop\": 9 is not in 0 to 8, the smaller side of the images");
  values = net();
  values["batch_size"] = std::int64_t{0};
  EXPECT_EQ(build_error(plugin, values).text, "hyperparameter \"batch_size\": 0 is below 1");
  for (const std::int64_t blocks : {0, 5}) {  // it had no convolution
    values = net();
    values["blocks"] = blocks;
    EXPECT_EQ(build_error(plugin, values).text,
              "hyperparameter \"blocks\": " + std::to_string(blocks) +
                  " is not in 1 to 4, whatever the study file allows");
  }
  values = net();
  values["filters_0"] = std::int64_t{-1};
  EXPECT_EQ(build_error(plugin, values).text, "filters -1 of a layer is not in 1 to 16777216");
}

TEST_F(TorchCnnTest, RefusesADeviceThatIsNotThere) {
  Values options = this->options();
  options["device"] = std::string("gpu");
  const NetworkPlugin plugin("torch_cnn", options);
  EXPECT_EQ(plugin.created.status, DODONA_E_INVALID);
  EXPECT_EQ(plugin.created.text.find("option \"device\": \"gpu\" is no device of this LibTorch"),
            0U)
      << plugin.created.text;
}

// The last batch would be one image, which has no variance.
TEST_F(TorchCnnTest, TrainsWhereOneImageIsLeftOver) {
  Values options = this->options();
  options["train_samples"] = std::int64_t{65};
  const NetworkPlugin plugin("torch_cnn", options);
  Values values = net();
  values["crop"] = std::int64_t{8};
  values["blocks"] = std::int64_t{3};
  const Reports reports = run_trial(plugin, values, 1, 2);
  EXPECT_LT(reports.back().metrics.at("val_loss"), 100);
}

}  // namespace
