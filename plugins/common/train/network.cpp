// SPDX-License-Identifier: Apache-2.0
#include <dodona/error.hpp>
#include <dodona/train/network.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace dodona::train {
namespace {

// No layer of this size fits into memory, and products of four such numbers do not overflow.
constexpr std::int64_t kSizeMax = std::int64_t{1} << 24;

[[noreturn]] void fail(const std::string& what) {
  throw Error(DODONA_E_INVALID, what);
}

void check(std::string_view name, std::int64_t value) {
  if (value < 1 || value > kSizeMax)
    fail(std::string(name) + " " + std::to_string(value) + " of a layer is not in 1 to " +
         std::to_string(kSizeMax));
}

std::string text_of(const Shape& shape) {
  return std::to_string(shape.rows) + " x " + std::to_string(shape.columns);
}

// The numbers of zeros before and after `size` points with which a window at each stride-th point
// fits. An odd number has the larger half after them.
void same_margin(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t& before,
                 std::int64_t& after) {
  const std::int64_t windows = (size + stride - 1) / stride;
  const std::int64_t all = std::max<std::int64_t>((windows - 1) * stride + kernel - size, 0);
  before = all / 2;
  after = all - before;
}

Margin margin_of(const Shape& x, std::int64_t kernel, std::int64_t stride, Padding padding) {
  check("kernel", kernel);
  check("stride", stride);
  Margin out;
  if (padding == Padding::kValid) return out;
  same_margin(x.rows, kernel, stride, out.top, out.bottom);
  same_margin(x.columns, kernel, stride, out.left, out.right);
  return out;
}

Shape slide(std::string_view name, const Shape& x, std::int64_t channels, std::int64_t kernel,
            std::int64_t stride, const Margin& margin) {
  const std::int64_t rows = x.rows + margin.top + margin.bottom;
  const std::int64_t columns = x.columns + margin.left + margin.right;
  if (kernel > rows || kernel > columns)
    fail(std::string(name) + " of " + std::to_string(kernel) + " x " + std::to_string(kernel) +
         " does not fit the " + text_of(x) + " points that reach it");
  return {channels, (rows - kernel) / stride + 1, (columns - kernel) / stride + 1};
}

}  // namespace

Network::Network(const Shape& input) {
  check("channels", input.channels);
  check("rows", input.rows);
  check("columns", input.columns);
  push({.op = Op::kInput, .shape = input});
}

Network::Id Network::push(Layer layer) {
  layers_.push_back(layer);
  return layers_.size() - 1;
}

Network::Id Network::conv(Id x, Conv conv) {
  check("filters", conv.filters);
  check("groups", conv.groups);
  const Shape& in = shape(x);
  if (in.channels % conv.groups != 0 || conv.filters % conv.groups != 0)
    fail("groups " + std::to_string(conv.groups) + " of a convolution does not divide its " +
         std::to_string(in.channels) + " channels and " + std::to_string(conv.filters) +
         " filters");
  const Margin margin = margin_of(in, conv.kernel, conv.stride, conv.padding);
  const Shape out = slide("a kernel", in, conv.filters, conv.kernel, conv.stride, margin);
  return push({.op = Op::kConv, .input = x, .shape = out, .conv = conv, .margin = margin});
}

Network::Id Network::separable_conv(Id x, const Conv& conv) {
  Conv each = conv;
  each.filters = each.groups = shape(x).channels;
  each.bias = false;
  return this->conv(this->conv(x, each),
                    {.filters = conv.filters, .bias = conv.bias, .start = conv.start});
}

Network::Id Network::batch_norm(Id x, const BatchNorm& norm) {
  return push({.op = Op::kBatchNorm, .input = x, .shape = shape(x), .norm = norm});
}

Network::Id Network::activation(Id x, Activation activation) {
  return push({.op = Op::kActivation, .input = x, .shape = shape(x), .activation = activation});
}

Network::Id Network::pad(Id x, std::int64_t margin) {
  Shape out = shape(x);
  out.rows += 2 * margin;
  out.columns += 2 * margin;
  return push({.op = Op::kPad,
               .input = x,
               .shape = out,
               .margin = {.top = margin, .bottom = margin, .left = margin, .right = margin}});
}

Network::Id Network::pool(Id x, Pool pool, std::int64_t kernel, std::int64_t stride,
                          Padding padding) {
  const Shape& in = shape(x);
  const Margin margin = margin_of(in, kernel, stride, padding);
  if (pool == Pool::kAverage && !margin.even())
    fail("an average over a window of " + std::to_string(kernel) + " at every " +
         std::to_string(stride) + ". of " + text_of(in) + " points has uneven margins");
  const Shape out = slide("a pooling window", in, in.channels, kernel, stride, margin);
  return push({.op = Op::kPool,
               .input = x,
               .shape = out,
               .conv = {.kernel = kernel, .stride = stride},
               .margin = margin,
               .pool = pool});
}

Network::Id Network::global_pool(Id x, Pool pool) {
  return push(
      {.op = Op::kGlobalPool, .input = x, .shape = {.channels = shape(x).channels}, .pool = pool});
}

Network::Id Network::flatten(Id x) {
  return push({.op = Op::kFlatten, .input = x, .shape = {.channels = shape(x).size()}});
}

Network::Id Network::dense(Id x, const Dense& dense) {
  check("units", dense.units);
  return push({.op = Op::kDense,
               .input = x,
               .shape = {.channels = dense.units},
               .conv = {.filters = dense.units, .start = dense.start}});
}

Network::Id Network::dropout(Id x, double rate) {
  if (!(rate >= 0 && rate < 1))
    fail("dropout rate " + std::to_string(rate) + " is not in 0 to 1, 1 excluded");
  if (rate == 0) return x;
  return push({.op = Op::kDropout, .input = x, .shape = shape(x), .rate = rate});
}

Network::Id Network::alpha_dropout(Id x, double rate) {
  x = dropout(x, rate);
  if (layers_[x].op == Op::kDropout && rate > 0) layers_[x].op = Op::kAlphaDropout;
  return x;
}

Network::Id Network::add(Id x, Id other) {
  if (shape(x) != shape(other))
    fail("a sum of " + std::to_string(shape(x).channels) + " x " + text_of(shape(x)) + " and " +
         std::to_string(shape(other).channels) + " x " + text_of(shape(other)) + " points");
  return push({.op = Op::kAdd, .input = x, .other = other, .shape = shape(x)});
}

Network::Id Network::drop_path(Id x, double rate) {
  x = dropout(x, rate);
  if (layers_[x].op == Op::kDropout && rate > 0) layers_[x].op = Op::kDropPath;
  return x;
}

Network::Id Network::scale(Id x, Id factors) {
  if (shape(factors) != Shape{.channels = shape(x).channels})
    fail("factors of " + std::to_string(shape(factors).channels) + " x " + text_of(shape(factors)) +
         " points for " + std::to_string(shape(x).channels) + " channels");
  return push({.op = Op::kScale, .input = x, .other = factors, .shape = shape(x)});
}

std::int64_t Network::trainable_parameters(Id x) const {
  const Layer& layer = layers_[x];
  const Conv& conv = layer.conv;
  const Shape& input = layers_[layer.input].shape;
  const std::int64_t bias = conv.bias ? 1 : 0;
  if (layer.op == Op::kConv)
    return conv.filters * (input.channels / conv.groups * conv.kernel * conv.kernel + bias);
  if (layer.op == Op::kDense) return conv.filters * (input.size() + bias);
  return layer.op == Op::kBatchNorm ? 2 * input.channels : 0;
}

std::int64_t Network::parameters(Id x) const {
  const bool averages = layers_[x].op == Op::kBatchNorm;
  return trainable_parameters(x) + (averages ? 2 * layers_[x].shape.channels : 0);
}

std::int64_t Network::trainable_parameters() const {
  std::int64_t sum = 0;
  for (Id x = 0; x < layers_.size(); ++x) sum += trainable_parameters(x);
  return sum;
}

std::int64_t Network::parameters() const {
  std::int64_t sum = 0;
  for (Id x = 0; x < layers_.size(); ++x) sum += parameters(x);
  return sum;
}

std::int64_t Network::products() const {
  std::int64_t sum = 0;
  for (const Layer& layer : layers_) {
    const Conv& conv = layer.conv;
    const Shape& input = layers_[layer.input].shape;
    if (layer.op == Op::kConv)
      sum += layer.shape.size() * (input.channels / conv.groups * conv.kernel * conv.kernel);
    if (layer.op == Op::kDense) sum += conv.filters * input.size();
  }
  return sum;
}

const char* kind_of(Op op) {
  switch (op) {
    case Op::kInput:
      return "input";
    case Op::kConv:
      return "conv";
    case Op::kBatchNorm:
      return "batch_norm";
    case Op::kActivation:
      return "activation";
    case Op::kPad:
      return "pad";
    case Op::kPool:
      return "pool";
    case Op::kGlobalPool:
      return "global_pool";
    case Op::kFlatten:
      return "flatten";
    case Op::kDense:
      return "dense";
    case Op::kDropout:
      return "dropout";
    case Op::kAlphaDropout:
      return "alpha_dropout";
    case Op::kScale:
      return "scale";
    case Op::kDropPath:
      return "drop_path";
    case Op::kAdd:
      break;
  }
  return "add";
}

std::vector<std::string> Network::names() const {
  std::map<Op, int> count;
  std::vector<std::string> names;
  for (const Layer& layer : layers_) {
    std::string name = kind_of(layer.op);
    if (layer.op != Op::kInput) name += "_" + std::to_string(++count[layer.op]);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace dodona::train
