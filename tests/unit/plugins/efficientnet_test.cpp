// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/hyper_efficientnet/efficientnet.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using dodona::efficientnet::build;
using dodona::efficientnet::Config;
using dodona::train::Network;
using dodona::train::Op;
using dodona::train::Shape;

// Keras' applications have these counts of all parameters; those that are trained are torchvision's,
// too. Of the first count 7 are of Keras' layer that normalises pixels: here they lie beside the
// network.
struct Published {
  double widths, depths;
  std::int64_t side, parameters, trainable;
};
constexpr Published kPublished[] = {
    {1.0, 1.0, 224, 5'330'571, 5'288'548},   {1.0, 1.1, 240, 7'856'239, 7'794'184},
    {1.1, 1.2, 260, 9'177'569, 9'109'994},   {1.2, 1.4, 300, 12'320'535, 12'233'232},
    {1.4, 1.8, 380, 19'466'823, 19'341'616}, {1.6, 2.2, 456, 30'562'527, 30'389'784},
    {1.8, 2.6, 528, 43'265'143, 43'040'704}, {2.0, 3.1, 600, 66'658'687, 66'347'960}};

TEST(Efficientnet, CountsWhatIsPublished) {
  for (const auto& [widths, depths, side, parameters, trainable] : kPublished) {
    const Network net =
        build({3, side, side}, {.widths = widths, .depths = depths, .outputs = 1000});
    EXPECT_EQ(net.parameters(), parameters - 7) << side;
    EXPECT_EQ(net.trainable_parameters(), trainable) << side;
  }
}

Shape before_the_end(const Network& net) {
  for (std::size_t i = net.layers().size(); i-- > 0;) {
    if (net.layers()[i].op == Op::kGlobalPool) return net.shape(net.layers()[i].input);
  }
  return {};
}

TEST(Efficientnet, HalvesTheSidesOfLargeImagesOnceMore) {
  EXPECT_EQ(before_the_end(build({3, 224, 224}, {.outputs = 10})), (Shape{1280, 7, 7}));
  EXPECT_EQ(before_the_end(build({1, 28, 28}, {.outputs = 10})), (Shape{1280, 2, 2}));
}

// From 0 of the first block to nearly a fifth of the last, and none where there is no sum.
TEST(Efficientnet, DropsPathsMoreAndMore) {
  double last = 0;
  int paths = 0;
  int sums = 0;
  const Network net = build({3, 32, 32}, {.outputs = 10});
  for (const auto& layer : net.layers()) {
    sums += layer.op == Op::kAdd ? 1 : 0;
    if (layer.op != Op::kDropPath) continue;
    ++paths;
    EXPECT_GT(layer.rate, last);
    last = layer.rate;
  }
  EXPECT_EQ(paths, 9);
  EXPECT_EQ(sums, 9);
  EXPECT_LT(last, 0.2);
}

TEST(Efficientnet, ScalesItsWidth) {
  const Network narrow = build({3, 32, 32}, {.width = 0.25, .outputs = 10});
  for (const auto& layer : narrow.layers()) {
    if (layer.op == Op::kConv) {
      EXPECT_EQ(layer.conv.filters % 8, 0);
    }
  }
  EXPECT_LT(narrow.parameters(), build({3, 32, 32}, {.outputs = 10}).parameters() / 10);
}

}  // namespace
