// SPDX-License-Identifier: Apache-2.0
#include "common/train/module.hpp"

#include "common/train/model_card.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace dodona::train {
namespace {

// The standard deviation of a standard normal number that is cut at two, and the share of numbers
// within the cut.
constexpr double kCutStddev = 0.87962566103423978;
constexpr double kCutPart = 0.95449973610364158;

// Dropout for selu sets dropped elements to this: the limit of selu at minus infinity (Klambauer
// et al. (2017), "Self-normalizing neural networks", section "new dropout technique").
constexpr double kSeluLimit = -1.6732632423543772 * 1.0507009873554805;

// Draws the first weights. `inputs` and `outputs` are those of one point, times the points of a
// kernel.
void start_weight(at::Tensor& weight, Start start, double inputs, double outputs,
                  at::Generator& generator) {
  if (start == Start::kGlorotUniform || start == Start::kUniformOut) {
    const double bound = start == Start::kGlorotUniform ? std::sqrt(6.0 / (inputs + outputs))
                                                        : std::sqrt(1 / outputs);
    weight.uniform_(-bound, bound, generator);
  } else {
    const double variance = start == Start::kLecunNormal ? 1.0 / inputs : 2.0 / outputs;
    const double stddev = std::sqrt(variance) / kCutStddev;
    weight.uniform_(-kCutPart, kCutPart, generator).erfinv_().mul_(std::sqrt(2.0) * stddev);
  }
}

// A mask: ones for kept elements, zeros for dropped ones.
at::Tensor kept(const at::Tensor& like, double rate, at::Generator& generator) {
  return at::empty(like.sizes(), at::kFloat).bernoulli_(1 - rate, generator);
}

// Zeroes a part of x and scales the rest, so that the expectation stays.
at::Tensor drop(const at::Tensor& x, double rate, at::Generator& generator) {
  return x * kept(x, rate, generator).div_(1 - rate).to(x.device());
}

// Sets a part of x to the limit of selu, so that mean and variance stay.
at::Tensor drop_alpha(const at::Tensor& x, double rate, at::Generator& generator) {
  const at::Tensor mask = kept(x, rate, generator).to(x.device());
  const double scale = 1 / std::sqrt((1 - rate) * (1 + rate * kSeluLimit * kSeluLimit));
  return (x * mask + (1 - mask) * kSeluLimit) * scale - scale * rate * kSeluLimit;
}

at::Tensor padded(const at::Tensor& x, const Margin& margin, double value) {
  return at::constant_pad_nd(x, {margin.left, margin.right, margin.top, margin.bottom}, value);
}

at::Tensor pool(const Layer& layer, const at::Tensor& x) {
  const std::int64_t kernel = layer.conv.kernel;
  const std::int64_t stride = layer.conv.stride;
  const std::array margin{layer.margin.top, layer.margin.left};
  if (layer.pool == Pool::kAverage)
    return at::avg_pool2d(x, kernel, stride, margin, false, /*count_include_pad=*/false);
  if (layer.margin.even()) return at::max_pool2d(x, kernel, stride, margin);
  return at::max_pool2d(padded(x, layer.margin, -std::numeric_limits<double>::infinity()), kernel,
                        stride);
}

// Zeroes whole samples and scales the others, so that the expectation stays.
at::Tensor drop_samples(const at::Tensor& x, double rate, at::Generator& generator) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.dim()), 1);
  sizes[0] = x.size(0);
  const at::Tensor mask = at::empty(sizes, at::kFloat).bernoulli_(1 - rate, generator);
  return x * mask.div(1 - rate).to(x.device());
}

at::Tensor activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::kTanh:
      return x.tanh();
    case Activation::kSelu:
      return at::selu(x);
    case Activation::kSwish:
      return at::silu(x);
    case Activation::kSigmoid:
      return x.sigmoid();
    case Activation::kRelu:
      break;
  }
  return x.relu();
}

}  // namespace

at::Tensor Module::loss(const at::Tensor&, const at::Tensor&) {
  return {};
}

NetworkModule::NetworkModule(const Network& network, at::Generator& generator, at::Device device)
    : network_(network), names_(network.names()), places_(names_.size()) {
  const std::vector<Layer>& layers = network_.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    places_[i] = {weights_.size(), buffers_.size(), i};
    places_[layer.input].last_use = i;
    if (layer.pair()) places_[layer.other].last_use = i;
    begin(layer, layers[layer.input].shape, generator, device);
  }
}

void NetworkModule::begin(const Layer& layer, const Shape& input, at::Generator& generator,
                          at::Device device) {
  const auto add = [&](at::Tensor weight) {
    weights_.push_back(weight.to(device).requires_grad_());
  };
  const Conv& conv = layer.conv;
  if (layer.op == Op::kConv || layer.op == Op::kDense) {
    const bool dense = layer.op == Op::kDense;
    const std::int64_t inputs = dense ? input.size() : input.channels / conv.groups;
    const std::int64_t window = conv.kernel * conv.kernel;
    at::Tensor weight =
        dense ? at::empty({conv.filters, inputs}, at::kFloat)
              : at::empty({conv.filters, inputs, conv.kernel, conv.kernel}, at::kFloat);
    start_weight(weight, conv.start, static_cast<double>(inputs * window),
                 static_cast<double>(conv.filters / conv.groups * window), generator);
    add(weight);
    if (conv.bias) add(at::zeros({conv.filters}, at::kFloat));
  }
  if (layer.op == Op::kBatchNorm) {
    add(at::ones({input.channels}, at::kFloat));
    add(at::zeros({input.channels}, at::kFloat));
    buffers_.push_back(at::zeros({input.channels}, at::kFloat).to(device));
    buffers_.push_back(at::ones({input.channels}, at::kFloat).to(device));
  }
}

NamedTensors NetworkModule::named_tensors() const {
  NamedTensors out;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const Layer& layer = network_.layers()[i];
    const auto [weight, buffer, last_use] = places_[i];
    const auto add = [&](const char* name, const at::Tensor& tensor) {
      out.emplace_back(names_[i] + "." + name, tensor);
    };
    const bool norm = layer.op == Op::kBatchNorm;
    const bool product = layer.op == Op::kConv || layer.op == Op::kDense;
    if (norm || product) add("weight", weights_[weight]);
    if (norm || (product && layer.conv.bias)) add("bias", weights_[weight + 1]);
    if (norm) add("running_mean", buffers_[buffer]);
    if (norm) add("running_var", buffers_[buffer + 1]);
  }
  return out;
}

std::vector<dodona::Layer> NetworkModule::layers() const {
  return layers_of(network_);
}

at::Tensor NetworkModule::convolve(const Layer& layer, std::size_t weight,
                                   const at::Tensor& x) const {
  const at::Tensor bias = layer.conv.bias ? weights_[weight + 1] : at::Tensor();
  const Margin& margin = layer.margin;
  const bool even = margin.even();
  const std::array stride{layer.conv.stride, layer.conv.stride};
  const std::array around{even ? margin.top : 0, even ? margin.left : 0};
  const std::array<std::int64_t, 2> dilation{1, 1};
  return at::conv2d(even ? x : padded(x, margin, 0), weights_[weight], bias,
                    at::IntArrayRef(stride), at::IntArrayRef(around), at::IntArrayRef(dilation),
                    layer.conv.groups);
}

at::Tensor NetworkModule::run(std::size_t at, const at::Tensor& x, const at::Tensor& other,
                              Mode mode, at::Generator& generator) const {
  const Layer& layer = network_.layers()[at];
  const auto [weight, buffer, last_use] = places_[at];
  switch (layer.op) {
    case Op::kConv:
      return convolve(layer, weight, x);
    case Op::kBatchNorm:
      return at::batch_norm(x, weights_[weight], weights_[weight + 1], buffers_[buffer],
                            buffers_[buffer + 1], mode == Mode::kTraining, 1 - layer.norm.momentum,
                            layer.norm.epsilon, true);
    case Op::kActivation:
      return activate(layer.activation, x);
    case Op::kPad:
      return padded(x, layer.margin, 0);
    case Op::kPool:
      return pool(layer, x);
    case Op::kGlobalPool:
      return layer.pool == Pool::kMax ? x.amax({2, 3}) : x.mean({2, 3});
    case Op::kFlatten:
      return x.flatten(1);
    case Op::kDense:
      return at::linear(x.flatten(1), weights_[weight], weights_[weight + 1]);
    case Op::kDropout:
      return mode == Mode::kTraining ? drop(x, layer.rate, generator) : x;
    case Op::kAlphaDropout:
      return mode == Mode::kTraining ? drop_alpha(x, layer.rate, generator) : x;
    case Op::kDropPath:
      return mode == Mode::kTraining ? drop_samples(x, layer.rate, generator) : x;
    case Op::kAdd:
      return x + other;
    case Op::kScale:
      return x * other.view({other.size(0), -1, 1, 1});
    case Op::kInput:
      break;
  }
  return x;
}

at::Tensor NetworkModule::forward(const at::Tensor& input, Mode mode, at::Generator& generator) {
  const std::vector<Layer>& layers = network_.layers();
  std::vector<at::Tensor> outputs(layers.size());
  outputs[0] = input;
  for (std::size_t i = 1; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    outputs[i] = run(i, outputs[layer.input], outputs[layer.other], mode, generator);
    for (const std::size_t used : {layer.input, layer.other}) {
      if (places_[used].last_use == i) outputs[used] = at::Tensor();
    }
  }
  return outputs.back();
}

}  // namespace dodona::train
