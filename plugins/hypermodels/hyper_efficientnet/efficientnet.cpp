// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/hyper_efficientnet/efficientnet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace dodona::efficientnet {
namespace {

using train::Activation;
using train::Network;
using train::Start;
using Id = Network::Id;

constexpr std::int64_t kStemFilters = 32;
constexpr std::int64_t kHeadFilters = 1280;
constexpr std::int64_t kDivisor = 8;      // of every number of filters
constexpr std::int64_t kSqueeze = 4;      // a block's inputs, over the units of its squeeze
constexpr double kDropConnectRate = 0.2;  // of the last block; 0 of the first, in equal steps

struct Stage {
  std::int64_t kernel, blocks, filters, expand, stride;
};
constexpr std::array<Stage, 7> kStages{{{3, 1, 16, 1, 1},
                                        {3, 2, 24, 6, 2},
                                        {5, 2, 40, 6, 2},
                                        {3, 3, 80, 6, 2},
                                        {5, 3, 112, 6, 1},
                                        {5, 4, 192, 6, 2},
                                        {3, 1, 320, 6, 1}}};

class Builder {
 public:
  Builder(const train::Shape& input, const Config& config) : net_(input), config_(config) {}

  Network build() {
    const train::Shape& image = net_.shape(Network::input());
    const bool large = std::min(image.rows, image.columns) >= config_.large_side;
    Id x = swish(norm(conv(Network::input(), scaled(kStemFilters), 3, large ? 2 : 1)));
    double all = 0;
    for (const Stage& stage : kStages) all += static_cast<double>(deep(stage.blocks));
    double before = 0;
    for (const Stage& stage : kStages) {
      for (std::int64_t i = 0; i < deep(stage.blocks); ++i)
        x = block(x, stage, i == 0 ? stage.stride : 1, kDropConnectRate * before++ / all);
    }
    x = swish(norm(conv(x, scaled(kHeadFilters), 1, 1)));
    x = net_.dropout(net_.global_pool(x, config_.pooling), config_.dropout_rate);
    net_.dense(x, {.units = config_.outputs, .start = Start::kUniformOut});
    return net_;
  }

 private:
  // The nearest multiple of the divisor, but no less than nine tenths.
  std::int64_t scaled(std::int64_t filters) const {
    const double wanted = static_cast<double>(filters) * config_.widths * config_.width;
    auto near = static_cast<std::int64_t>(wanted + static_cast<double>(kDivisor) / 2);
    near = std::max(near / kDivisor * kDivisor, kDivisor);
    return static_cast<double>(near) < 0.9 * wanted ? near + kDivisor : near;
  }
  std::int64_t deep(std::int64_t blocks) const {
    return static_cast<std::int64_t>(std::ceil(config_.depths * static_cast<double>(blocks)));
  }

  Id norm(Id x) { return net_.batch_norm(x); }
  Id swish(Id x) { return net_.activation(x, Activation::kSwish); }
  Id conv(Id x, std::int64_t filters, std::int64_t kernel, std::int64_t stride,
          std::int64_t groups = 1) {
    return net_.conv(x, {.filters = filters,
                         .kernel = kernel,
                         .stride = stride,
                         .bias = false,
                         .groups = groups,
                         .start = Start::kHeNormalOut});
  }

  Id block(Id input, const Stage& stage, std::int64_t stride, double drop_rate) {
    const std::int64_t channels = net_.shape(input).channels;
    const std::int64_t wide = channels * stage.expand;
    const std::int64_t filters = scaled(stage.filters);
    Id x = input;
    if (stage.expand > 1) x = swish(norm(conv(x, wide, 1, 1)));
    x = swish(norm(conv(x, wide, stage.kernel, stride, wide)));
    Id factors = net_.global_pool(x, train::Pool::kAverage);
    factors = swish(net_.dense(factors, {.units = std::max<std::int64_t>(channels / kSqueeze, 1),
                                         .start = Start::kHeNormalOut}));
    factors = net_.dense(factors, {.units = wide, .start = Start::kHeNormalOut});
    x = net_.scale(x, net_.activation(factors, Activation::kSigmoid));
    x = norm(conv(x, filters, 1, 1));
    if (stride > 1 || filters != channels) return x;
    return net_.add(net_.drop_path(x, drop_rate), input);
  }

  Network net_;
  const Config& config_;
};

}  // namespace

train::Network build(const train::Shape& input, const Config& config) {
  return Builder(input, config).build();
}

}  // namespace dodona::efficientnet
