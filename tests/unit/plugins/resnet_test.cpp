// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/hyper_resnet/resnet.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace {

using dodona::resnet::build;
using dodona::resnet::Config;
using dodona::resnet::Stack;
using dodona::resnet::Version;
using dodona::train::Network;
using dodona::train::Op;
using dodona::train::Shape;

Network standard(Version version, const std::vector<Stack>& stacks) {
  return build({3, 224, 224}, {.version = version, .stacks = stacks, .outputs = 1000});
}

// Keras' applications have these counts of all parameters, and of those that are trained.
TEST(Resnet, CountsWhatKerasCounts) {
  const Network v1 = standard(Version::kV1, {{64, 3, 1}, {128, 4, 2}, {256, 6, 2}, {512, 3, 2}});
  EXPECT_EQ(v1.parameters(), 25'636'712);  // ResNet50
  EXPECT_EQ(v1.trainable_parameters(), 25'583'592);
  const Network v2 = standard(Version::kV2, {{64, 3, 2}, {128, 4, 2}, {256, 6, 2}, {512, 3, 1}});
  EXPECT_EQ(v2.parameters(), 25'613'800);  // ResNet50V2
  EXPECT_EQ(v2.trainable_parameters(), 25'568'360);
  const Network next =
      standard(Version::kNext, {{128, 3, 1}, {256, 4, 2}, {512, 6, 2}, {1024, 3, 2}});
  EXPECT_EQ(next.parameters(), 25'097'128);  // ResNeXt50
  EXPECT_EQ(next.trainable_parameters(), 25'028'904);
  const Network deep = standard(Version::kV1, {{64, 3, 1}, {128, 4, 2}, {256, 23, 2}, {512, 3, 2}});
  EXPECT_EQ(deep.parameters(), 44'707'176);  // ResNet101
}

TEST(Resnet, HalvesTheSidesFiveTimes) {
  for (const Version version : {Version::kV1, Version::kV2, Version::kNext}) {
    const Network net = standard(version, {{64, 3, 1}, {128, 4, 2}, {256, 6, 2}, {512, 3, 2}});
    for (const auto& layer : net.layers()) {
      if (layer.op == Op::kGlobalPool) {
        EXPECT_EQ(net.shape(layer.input).rows, 7);
        EXPECT_EQ(net.shape(layer.input).columns, 7);
      }
    }
  }
}

TEST(Resnet, KeepsTheSidesOfSmallImagesUpToTheFirstBlock) {
  const Config config{.stacks = {{64, 1, 1}}, .outputs = 10};
  const Network small = build({1, 28, 63}, config);
  EXPECT_EQ(small.layers()[2].conv.kernel, 3);
  EXPECT_EQ(small.shape(2), (Shape{64, 28, 63}));
  const Network large = build({1, 64, 64}, config);
  EXPECT_EQ(large.layers()[2].conv.kernel, 7);
  EXPECT_EQ(large.shape(4), (Shape{64, 16, 16}));  // after the pooling
}

TEST(Resnet, ScalesItsWidth) {
  Config config{.version = Version::kNext,
                .stacks = {{64, 3, 2}, {256, 4, 2}},
                .width = 0.125,
                .outputs = 10};
  const Network narrow = build({3, 32, 32}, config);
  for (const auto& layer : narrow.layers()) {
    if (layer.op == Op::kConv && layer.conv.groups > 1) {
      EXPECT_EQ(layer.conv.groups, 4);
      EXPECT_TRUE(layer.conv.filters == 8 || layer.conv.filters == 32) << layer.conv.filters;
    }
  }
  config.width = 0.01;
  EXPECT_GT(build({3, 32, 32}, config).parameters(), 0);
}

}  // namespace
