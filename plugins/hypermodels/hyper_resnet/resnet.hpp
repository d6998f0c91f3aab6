// SPDX-License-Identifier: Apache-2.0
//
// Residual networks of bottleneck blocks: ResNet, ResNet V2 (activations before convolutions) and
// ResNeXt (grouped convolutions).
//
// Source: He, Zhang, Ren & Sun (2015), arXiv:1512.03385; (2016), arXiv:1603.05027; Xie, Girshick,
//         Dollar, Tu & He (2016), arXiv:1611.05431; with the biases and constants of Keras'
//         applications.
#pragma once

#include <dodona/train/network.hpp>

#include <cstdint>
#include <vector>

namespace dodona::resnet {

enum class Version { kV1 = 1, kV2 = 2, kNext = 3 };

struct Stack {
  std::int64_t filters = 0;  // of the narrow layers of a block
  std::int64_t blocks = 0;
  std::int64_t stride = 1;  // of the first block, or with kV2 of the last block
};

// ResNet-50 is {.stacks = {{64, 3, 1}, {128, 4, 2}, {256, 6, 2}, {512, 3, 2}}}.
struct Config {
  Version version = Version::kV2;
  std::vector<Stack> stacks{};
  // A network for smaller images begins with a convolution of 3 x 3 at each point. For others it
  // begins with a convolution of 7 x 7 at every second point, and a pooling of 3 x 3 at every
  // second point of that.
  std::int64_t large_side = 64;
  double width = 1;  // factor for all filters; groups become fewer and stay as wide
  train::Pool pooling = train::Pool::kAverage;
  std::int64_t outputs = 0;
};

train::Network build(const train::Shape& input, const Config& config);

}  // namespace dodona::resnet
