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
using dodona::Param;
using dodona::Value;
using dodona::support::highest;
using dodona::support::NetworkPlugin;
using dodona::support::run_trial;
using dodona::support::TemporaryDirectory;
using dodona::support::with_step_constants;
using dodona::testing::FakeHp;
using dodona::testing::Values;

// The dense layers are as wide as there are classes, here four: without dropout they can learn.
Values net(const std::string& activation) {
  return {{"activation", activation},
          {"num_residual_blocks", std::int64_t{2}},
          {"dropout_rate", 0.0},
          {"learning_rate", 1e-2},
          {"batch_size", std::int64_t{16}}};
}

class HyperXceptionTest : public ::testing::Test {
 protected:
  void SetUp() override { dodona::support::write_toy_images(directory_.path().string(), 200); }
  Values options() const { return {{"data", directory_.path().string()}, {"width", 0.0625}}; }
  TemporaryDirectory directory_;
};

// The table of KerasTuner's HyperXception, and constants. The default of a choice is its index.
TEST_F(HyperXceptionTest, DeclaresTheSpaceOfKerasTuner) {
  const NetworkPlugin plugin("hyper_xception", options());
  FakeHp hp;
  EXPECT_EQ(
      plugin.names_asked(hp),
      with_step_constants({"crop", "activation", "conv2d_num_filters", "kernel_size",
                           "initial_strides", "sep_num_filters", "num_residual_blocks", "pooling",
                           "num_dense_layers", "dropout_rate", "dense_use_bn", "learning_rate",
                           "optimizer", "batch_size", "normalize", "shuffle", "schedule"}));
  const auto definition = [&hp](const char* name) { return hp.definition(name); };
  EXPECT_EQ(definition("activation").choices, (std::vector<Value>{"relu", "selu"}));
  EXPECT_EQ(definition("conv2d_num_filters").choices,
            (std::vector<Value>{std::int64_t{32}, std::int64_t{64}, std::int64_t{128}}));
  EXPECT_EQ(definition("conv2d_num_filters").initial, Cell::whole(1));
  EXPECT_EQ(definition("kernel_size").choices,
            (std::vector<Value>{std::int64_t{3}, std::int64_t{5}}));
  EXPECT_EQ(definition("initial_strides").choices, (std::vector<Value>{std::int64_t{2}}));
  const Param filters = definition("sep_num_filters");
  EXPECT_EQ(filters.low, Cell::whole(128));
  EXPECT_EQ(filters.high, Cell::whole(768));
  EXPECT_EQ(filters.step, Cell::whole(128));
  EXPECT_EQ(filters.initial, Cell::whole(256));
  EXPECT_EQ(definition("num_residual_blocks").initial, Cell::whole(4));
  EXPECT_EQ(definition("pooling").choices, (std::vector<Value>{"avg", "flatten", "max"}));
  EXPECT_EQ(definition("dropout_rate").initial, Cell::real(0.5));
  EXPECT_EQ(definition("dense_use_bn").choices, (std::vector<Value>{true, false}));
  EXPECT_EQ(definition("learning_rate").choices, (std::vector<Value>{1e-3, 1e-4, 1e-5}));
}

TEST_F(HyperXceptionTest, Learns) {
  const NetworkPlugin plugin("hyper_xception", options());
  for (const char* activation : {"relu", "selu"}) {
    const auto reports = run_trial(plugin, net(activation), 1, 8);
    EXPECT_GT(highest(reports, "accuracy"), 0.5) << activation;  // chance: 0.25, worst: 0.68
  }
}

TEST_F(HyperXceptionTest, RefusesCountsThatNoNetworkHas) {
  const NetworkPlugin plugin("hyper_xception", options());
  for (const char* name :
       {"num_residual_blocks", "num_dense_layers", "sep_num_filters", "conv2d_num_filters"}) {
    Values values = net("relu");
    values[name] = std::int64_t{-1};
    EXPECT_EQ(dodona::support::build_error(plugin, values)
                  .text.find("hyperparameter \"" + std::string(name) + "\": -1 is not in "),
              0U)
        << name;
  }
}

TEST_F(HyperXceptionTest, GivesTheSameBitsBesideAnotherTrial) {
  const NetworkPlugin plugin("hyper_xception", options());
  Values dropping = net("selu");
  dropping["dropout_rate"] = 0.5;
  dodona::support::expect_same_bits_side_by_side(plugin, net("relu"), dropping, 2);
}

TEST_F(HyperXceptionTest, GoesOnFromACheckpointWithTheSameBits) {
  const NetworkPlugin plugin("hyper_xception", options());
  for (const char* activation : {"relu", "selu"}) {
    SCOPED_TRACE(activation);
    Values values = net(activation);
    values["dropout_rate"] = 0.3;
    dodona::support::expect_same_bits_from_checkpoint(plugin, values, 1, 3);
  }
}

}  // namespace
