// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/hyper_xception/xception.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using dodona::train::Activation;
using dodona::train::Network;
using dodona::train::Op;
using dodona::xception::build;
using dodona::xception::Config;
using dodona::xception::Pooling;

constexpr std::int64_t kClasses = 1000;

// By hand, the network of the default values: norms keep four numbers a channel.
TEST(Xception, CountsItsParameters) {
  const auto separable = [](std::int64_t in, std::int64_t out) {
    return 9 * in + in * out + 4 * out;
  };
  const auto conv = [](std::int64_t in, std::int64_t out) { return in * out + out; };
  const std::int64_t first = 9 * 3 * 64 + 4 * 64;
  const std::int64_t blocks =
      conv(64, 256) + separable(64, 256) + separable(256, 256) + 3 * 2 * separable(256, 256);
  const std::int64_t last = conv(256, 512) + separable(256, 512) + separable(512, 512);
  const std::int64_t dense = conv(512, kClasses) + 4 * kClasses + conv(kClasses, kClasses);
  const Network net = build({3, 224, 224}, {.outputs = kClasses});
  EXPECT_EQ(net.parameters(), first + blocks + last + dense);
  EXPECT_EQ(net.parameters() - net.trainable_parameters(),
            2 * (64 + 4 * 2 * 256 + 2 * 512 + kClasses));
}

TEST(Xception, HasNeitherNormsNorPlainDropoutWithSelu) {
  const Network net =
      build({3, 32, 32}, {.activation = Activation::kSelu, .dense_layers = 2, .outputs = 10});
  int alpha = 0;
  for (const auto& layer : net.layers()) {
    EXPECT_NE(layer.op, Op::kBatchNorm);
    EXPECT_NE(layer.op, Op::kDropout);
    alpha += layer.op == Op::kAlphaDropout ? 1 : 0;
  }
  EXPECT_EQ(alpha, 2);
}

TEST(Xception, FlattensWhatIsLeft) {
  const auto width = [](Pooling pooling) {
    const Network net = build({1, 28, 28}, {.filters = 32, .pooling = pooling, .outputs = 10});
    for (const auto& layer : net.layers()) {
      if (layer.op == Op::kDense) return net.shape(layer.input).channels;
    }
    return std::int64_t{0};
  };
  EXPECT_EQ(width(Pooling::kAverage), 64);
  EXPECT_EQ(width(Pooling::kMax), 64);
  EXPECT_EQ(width(Pooling::kFlatten), 64 * 7 * 7);
}

TEST(Xception, ScalesItsWidth) {
  const Network whole = build({3, 32, 32}, {.outputs = 10});
  const Network half = build({3, 32, 32}, {.width = 0.5, .outputs = 10});
  EXPECT_NEAR(static_cast<double>(whole.parameters()) / static_cast<double>(half.parameters()), 4,
              0.3);
}

}  // namespace
