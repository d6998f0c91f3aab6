// SPDX-License-Identifier: Apache-2.0
//
// The network of KerasTuner's HyperXception: a convolution, residual blocks of two separable
// convolutions each, and dense layers with a unit for each class. It is simpler than the network of
// the paper that gave it its name.
//
// Source: Chollet (2016), "Xception: deep learning with depthwise separable convolutions",
//         arXiv:1610.02357.
#pragma once

#include <dodona/train/network.hpp>

#include <cstdint>

namespace dodona::xception {

enum class Pooling { kAverage = 1, kFlatten = 2, kMax = 3 };

struct Config {
  train::Activation activation = train::Activation::kRelu;  // or selu, which needs no norms
  std::int64_t first_filters = 64;
  std::int64_t kernel = 3;  // of the first convolution
  std::int64_t stride = 2;
  std::int64_t filters =
      256;  // of the blocks; a last one, which halves the sides, has twice as many
  std::int64_t blocks = 4;
  double width = 1;  // factor for all filters
  Pooling pooling = Pooling::kAverage;
  std::int64_t dense_layers = 1;
  double dropout_rate = 0.5;
  bool dense_norm = true;
  std::int64_t outputs = 0;
};

train::Network build(const train::Shape& input, const Config& config);

}  // namespace dodona::xception
