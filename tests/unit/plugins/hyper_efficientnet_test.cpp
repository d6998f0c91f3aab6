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
using dodona::support::NetworkPlugin;
using dodona::support::run_trial;
using dodona::support::TemporaryDirectory;
using dodona::support::with_step_constants;
using dodona::testing::FakeHp;
using dodona::testing::Values;

class HyperEfficientnetTest : public ::testing::Test {
 protected:
  void SetUp() override { dodona::support::write_toy_images(directory_.path().string(), 200); }
  Values options() const { return {{"data", directory_.path().string()}, {"width", 0.125}}; }
  TemporaryDirectory directory_;
};

// The table of KerasTuner's HyperEfficientNet, and constants. The default of a choice is its index.
TEST_F(HyperEfficientnetTest, DeclaresTheSpaceOfKerasTuner) {
  const NetworkPlugin plugin("hyper_efficientnet", options());
  FakeHp hp;
  EXPECT_EQ(plugin.names_asked(hp),
            with_step_constants({"crop", "version", "pooling", "top_dropout_rate", "learning_rate",
                                 "optimizer", "momentum", "batch_size", "normalize", "shuffle",
                                 "schedule"}));
  EXPECT_EQ(hp.definition("version").choices,
            (std::vector<Value>{"B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7"}));
  EXPECT_EQ(hp.definition("pooling").choices, (std::vector<Value>{"avg", "max"}));
  EXPECT_EQ(hp.definition("top_dropout_rate").low, Cell::real(0.2));
  EXPECT_EQ(hp.definition("top_dropout_rate").high, Cell::real(0.8));
  EXPECT_EQ(hp.definition("top_dropout_rate").step, Cell::real(0.2));
  EXPECT_EQ(hp.definition("top_dropout_rate").initial, Cell::real(0.2));
  EXPECT_EQ(hp.definition("learning_rate").choices, (std::vector<Value>{0.1, 0.01, 0.001}));
  EXPECT_EQ(hp.definition("learning_rate").initial, Cell::whole(1));
}

// The loss of the training part falls; a network whose optimizer does nothing stays where it was.
TEST_F(HyperEfficientnetTest, Learns) {
  const NetworkPlugin plugin("hyper_efficientnet", options());
  const auto reports = run_trial(plugin,
                                 {{"learning_rate", 0.01},
                                  {"optimizer", std::string("adam")},
                                  {"batch_size", std::int64_t{16}}},
                                 1, 5);
  EXPECT_LT(reports.back().metrics.at("loss"), reports.front().metrics.at("loss"));
}

TEST_F(HyperEfficientnetTest, GoesOnFromACheckpointWithTheSameBits) {
  const NetworkPlugin plugin("hyper_efficientnet", options());
  dodona::support::expect_same_bits_from_checkpoint(plugin, {{"version", std::string("B1")}}, 1, 2);
}

TEST_F(HyperEfficientnetTest, RefusesAVersionThatIsNone) {
  const NetworkPlugin plugin("hyper_efficientnet", options());
  EXPECT_EQ(dodona::support::build_error(plugin, {{"version", std::string("B8")}}).text,
            "hyperparameter \"version\": \"B8\" is none of B0, B1, B2, B3, B4, B5, B6, B7");
}

}  // namespace
