// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/hyper_xception/xception.hpp"

#include <algorithm>
#include <cmath>

namespace dodona::xception {
namespace {

using train::Activation;
using train::Network;
using train::Padding;
using train::Pool;
using train::Start;
using Id = Network::Id;

class Builder {
 public:
  Builder(const train::Shape& input, const Config& config)
      : net_(input),
        config_(config),
        selu_(config.activation == Activation::kSelu),
        start_(selu_ ? Start::kLecunNormal : Start::kGlorotUniform) {}

  Network build() {
    Id x = active(net_.conv(Network::input(), {.filters = scaled(config_.first_filters),
                                               .kernel = config_.kernel,
                                               .stride = config_.stride,
                                               .bias = selu_,
                                               .start = start_}));
    const std::int64_t filters = scaled(config_.filters);
    for (std::int64_t i = 0; i < config_.blocks; ++i) x = residual(x, filters);
    x = last_residual(x, 2 * filters);
    x = pooled(x);
    for (std::int64_t i = 0; i < config_.dense_layers; ++i) x = dense(x);
    net_.dense(x, {.units = config_.outputs});
    return net_;
  }

 private:
  std::int64_t scaled(std::int64_t filters) const {
    return std::max<std::int64_t>(std::llround(static_cast<double>(filters) * config_.width), 1);
  }

  // The activation after a convolution. There is no batch normalisation before selu, which
  // normalises by itself.
  Id active(Id x) { return net_.activation(selu_ ? x : net_.batch_norm(x), config_.activation); }

  Id separable(Id x, std::int64_t filters) {
    return active(
        net_.separable_conv(x, {.filters = filters, .kernel = 3, .bias = selu_, .start = start_}));
  }

  Id residual(Id x, std::int64_t filters) {
    const Id around = net_.shape(x).channels == filters ? x : net_.conv(x, {.filters = filters});
    return net_.add(separable(separable(x, filters), filters), around);
  }

  Id last_residual(Id x, std::int64_t filters) {
    const Id around = net_.conv(x, {.filters = filters, .stride = 2});
    x = separable(separable(x, filters), filters);
    return net_.add(net_.pool(x, Pool::kMax, 3, 2, Padding::kSame), around);
  }

  Id pooled(Id x) {
    if (config_.pooling == Pooling::kFlatten) return net_.flatten(x);
    return net_.global_pool(x, config_.pooling == Pooling::kMax ? Pool::kMax : Pool::kAverage);
  }

  Id dense(Id x) {
    x = net_.activation(net_.dense(x, {.units = config_.outputs, .start = start_}),
                        config_.activation);
    if (selu_) return net_.alpha_dropout(x, config_.dropout_rate);
    if (config_.dense_norm) x = net_.batch_norm(x);
    return net_.dropout(x, config_.dropout_rate);
  }

  Network net_;
  const Config& config_;
  bool selu_;
  Start start_;
};

}  // namespace

train::Network build(const train::Shape& input, const Config& config) {
  return Builder(input, config).build();
}

}  // namespace dodona::xception
