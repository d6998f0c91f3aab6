// SPDX-License-Identifier: Apache-2.0
//
// Drives the built plugin through its C table, with a fake kernel and small images.
#include "support/network_plugin.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using dodona::Cell;
using dodona::Value;
using dodona::support::highest;
using dodona::support::NetworkPlugin;
using dodona::support::Reports;
using dodona::support::run_trial;
using dodona::support::TemporaryDirectory;
using dodona::support::with_step_constants;
using dodona::testing::FakeHp;
using dodona::testing::Values;

Values net(const std::string& version) {
  return {{"version", version}, {"learning_rate", 0.01}, {"batch_size", std::int64_t{16}}};
}

class HyperResnetTest : public ::testing::Test {
 protected:
  void SetUp() override { dodona::support::write_toy_images(directory_.path().string(), 200); }
  Values options() const { return {{"data", directory_.path().string()}, {"width", 0.125}}; }
  TemporaryDirectory directory_;
};

// The table of KerasTuner's HyperResNet, and constants. The default of a choice is its index.
TEST_F(HyperResnetTest, DeclaresTheSpaceOfKerasTuner) {
  const NetworkPlugin plugin("hyper_resnet", options());
  FakeHp hp;
  EXPECT_EQ(
      plugin.names_asked(hp),
      with_step_constants({"crop", "version", "conv3_depth", "conv4_depth", "pooling", "optimizer",
                           "learning_rate", "batch_size", "normalize", "shuffle", "schedule"}));
  const auto values = [&hp](const char* name) { return hp.definition(name).choices; };
  EXPECT_EQ(values("version"), (std::vector<Value>{"v1", "v2", "next"}));
  EXPECT_EQ(hp.definition("version").initial, Cell::whole(1));
  EXPECT_EQ(values("conv3_depth"), (std::vector<Value>{std::int64_t{4}, std::int64_t{8}}));
  EXPECT_EQ(values("conv4_depth"),
            (std::vector<Value>{std::int64_t{6}, std::int64_t{23}, std::int64_t{36}}));
  EXPECT_EQ(values("pooling"), (std::vector<Value>{"avg", "max"}));
  EXPECT_EQ(values("optimizer"), (std::vector<Value>{"adam", "rmsprop", "sgd"}));
  EXPECT_EQ(values("learning_rate"), (std::vector<Value>{0.1, 0.01, 0.001}));
  EXPECT_EQ(hp.definition("learning_rate").initial, Cell::whole(1));
}

// Chance is a quarter. The validation part says little: after so few steps the moving averages are
// far from what they will be.
TEST_F(HyperResnetTest, Learns) {
  const NetworkPlugin plugin("hyper_resnet", options());
  for (const char* version : {"v1", "v2", "next"}) {
    const Reports reports = run_trial(plugin, net(version), 1, 8);
    EXPECT_GT(highest(reports, "accuracy"), 0.5) << version;  // worst: 0.74 of next, 0.95 of v1
    EXPECT_LT(reports.back().metrics.at("loss"), reports.front().metrics.at("loss")) << version;
  }
}

TEST_F(HyperResnetTest, GivesTheSameBitsBesideAnotherTrial) {
  const NetworkPlugin plugin("hyper_resnet", options());
  dodona::support::expect_same_bits_side_by_side(plugin, net("v1"), net("next"), 1);
}

TEST_F(HyperResnetTest, GoesOnFromACheckpointWithTheSameBits) {
  const NetworkPlugin plugin("hyper_resnet", options());
  for (const char* version : {"v1", "v2", "next"}) {
    SCOPED_TRACE(version);
    dodona::support::expect_same_bits_from_checkpoint(plugin, net(version), 1, 2);
  }
}

TEST_F(HyperResnetTest, RefusesAVersionThatIsNone) {
  const NetworkPlugin plugin("hyper_resnet", options());
  EXPECT_EQ(dodona::support::build_error(plugin, net("v3")).text,
            "hyperparameter \"version\": \"v3\" is none of v1, v2, next");
}

TEST_F(HyperResnetTest, RefusesADepthThatIsNone) {
  const NetworkPlugin plugin("hyper_resnet", options());
  for (const char* name : {"conv3_depth", "conv4_depth"}) {
    Values values = net("v1");
    values[name] = std::int64_t{-4};
    EXPECT_EQ(dodona::support::build_error(plugin, values).text,
              "hyperparameter \"" + std::string(name) +
                  "\": -4 is not in 1 to 1000, whatever the study file allows");
  }
}

TEST_F(HyperResnetTest, RefusesATable) {
  const std::string file = directory_ / "t.csv";
  dodona::support::write_file(file, {'a', ',', 'y', '\n', '1', ',', '2', '\n'});
  const NetworkPlugin plugin("hyper_resnet", {{"data", file}});
  EXPECT_EQ(plugin.created.status, DODONA_E_INVALID);
  EXPECT_EQ(
      plugin.created.text,
      "\"" + file + "\" is a file; a model of images takes a directory of IDX or CIFAR-10 files");
}

}  // namespace
