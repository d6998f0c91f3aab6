// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/hyper_resnet/resnet.hpp"

#include <algorithm>
#include <cmath>

namespace dodona::resnet {
namespace {

using train::Activation;
using train::Network;
using train::Padding;
using train::Pool;
using Id = Network::Id;

constexpr std::int64_t kStemFilters = 64;
constexpr std::int64_t kGroups = 32;
constexpr train::BatchNorm kNorm{.epsilon = 1.001e-5};

class Builder {
 public:
  Builder(const train::Shape& input, const Config& config) : net_(input), config_(config) {
    if (config.version == Version::kNext) groups_ = scaled(kGroups);
  }

  Network build() {
    Id x = stem();
    for (const Stack& stack : config_.stacks) {
      Stack narrow = stack;
      narrow.filters = groups_ * std::max<std::int64_t>(scaled(stack.filters) / groups_, 1);
      for (std::int64_t i = 0; i < stack.blocks; ++i) x = block(x, narrow, i);
    }
    if (config_.version == Version::kV2) x = norm_relu(x);
    x = net_.global_pool(x, config_.pooling);
    net_.dense(x, {.units = config_.outputs});
    return net_;
  }

 private:
  std::int64_t scaled(std::int64_t filters) const {
    return std::max<std::int64_t>(std::llround(static_cast<double>(filters) * config_.width), 1);
  }

  Id norm_relu(Id x) { return net_.activation(net_.batch_norm(x, kNorm), Activation::kRelu); }

  enum class Bias : std::uint8_t { kNo = 1, kYes };

  Id conv(Id x, std::int64_t filters, Bias bias, std::int64_t stride = 1) {
    return net_.conv(x, {.filters = filters, .stride = stride, .bias = bias == Bias::kYes});
  }

  // The middle convolution of a block. Its margin is one, as in the papers; Keras' `same` would put
  // the margin of a stride of two at one side.
  Id spatial_conv(Id x, std::int64_t filters, Bias bias, std::int64_t stride) {
    return net_.conv(net_.pad(x, 1), {.filters = filters,
                                      .kernel = 3,
                                      .stride = stride,
                                      .padding = Padding::kValid,
                                      .bias = bias == Bias::kYes,
                                      .groups = groups_});
  }

  Id stem() {
    const bool bias = config_.version != Version::kNext;
    const train::Shape& image = net_.shape(Network::input());
    const bool large = std::min(image.rows, image.columns) >= config_.large_side;
    const std::int64_t kernel = large ? 7 : 3;
    Id x = net_.conv(net_.pad(Network::input(), kernel / 2), {.filters = scaled(kStemFilters),
                                                              .kernel = kernel,
                                                              .stride = large ? 2 : 1,
                                                              .padding = Padding::kValid,
                                                              .bias = bias});
    if (config_.version != Version::kV2) x = norm_relu(x);
    return large ? net_.pool(net_.pad(x, 1), Pool::kMax, 3, 2, Padding::kValid) : x;
  }

  Id block(Id x, const Stack& stack, std::int64_t number) {
    if (config_.version == Version::kV2) return block_v2(x, stack, number);
    return config_.version == Version::kV1 ? block_v1(x, stack, number)
                                           : block_next(x, stack, number);
  }

  Id block_v1(Id x, const Stack& stack, std::int64_t number) {
    const std::int64_t stride = number == 0 ? stack.stride : 1;
    const std::int64_t wide = 4 * stack.filters;
    const Id around = number > 0 ? x : net_.batch_norm(conv(x, wide, Bias::kYes, stride), kNorm);
    x = norm_relu(conv(x, stack.filters, Bias::kYes, stride));
    x = norm_relu(spatial_conv(x, stack.filters, Bias::kYes, 1));
    x = net_.batch_norm(conv(x, wide, Bias::kYes), kNorm);
    return net_.activation(net_.add(around, x), Activation::kRelu);
  }

  Id block_v2(Id x, const Stack& stack, std::int64_t number) {
    const std::int64_t stride = number + 1 == stack.blocks ? stack.stride : 1;
    const std::int64_t wide = 4 * stack.filters;
    const Id active = norm_relu(x);
    Id around = x;
    if (number == 0) {
      around = conv(active, wide, Bias::kYes, stride);
    } else if (stride > 1) {
      around = net_.pool(x, Pool::kMax, 1, stride, Padding::kValid);
    }
    x = norm_relu(conv(active, stack.filters, Bias::kNo));
    x = norm_relu(spatial_conv(x, stack.filters, Bias::kNo, stride));
    return net_.add(around, conv(x, wide, Bias::kYes));
  }

  Id block_next(Id x, const Stack& stack, std::int64_t number) {
    const std::int64_t stride = number == 0 ? stack.stride : 1;
    const std::int64_t wide = 2 * stack.filters;
    const Id around = number > 0 ? x : net_.batch_norm(conv(x, wide, Bias::kNo, stride), kNorm);
    x = norm_relu(conv(x, stack.filters, Bias::kNo));
    x = norm_relu(spatial_conv(x, stack.filters, Bias::kNo, stride));
    x = net_.batch_norm(conv(x, wide, Bias::kNo), kNorm);
    return net_.activation(net_.add(around, x), Activation::kRelu);
  }

  Network net_;
  const Config& config_;
  std::int64_t groups_ = 1;
};

}  // namespace

train::Network build(const train::Shape& input, const Config& config) {
  return Builder(input, config).build();
}

}  // namespace dodona::resnet
