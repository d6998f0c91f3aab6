// SPDX-License-Identifier: Apache-2.0
//
// EfficientNet: inverted bottlenecks with squeeze and excitation, made wider and deeper together.
//
// Source: Tan & Le (2019), arXiv:1905.11946, with the constants of Keras' applications.
#pragma once

#include <dodona/train/network.hpp>

#include <cstdint>

namespace dodona::efficientnet {

// B0 to B7 differ in the factors alone: B0 is {1, 1}, B7 {2, 3.1}.
struct Config {
  double widths = 1;  // factor for the filters
  double depths = 1;  // factor for the number of blocks
  double width = 1;   // another factor for the filters, of one's own
  // A network for smaller images begins at each point, not at every second.
  std::int64_t large_side = 64;
  train::Pool pooling = train::Pool::kAverage;
  double dropout_rate = 0.2;  // before the last layer
  std::int64_t outputs = 0;
};

train::Network build(const train::Shape& input, const Config& config);

}  // namespace dodona::efficientnet
