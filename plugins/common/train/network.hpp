// SPDX-License-Identifier: Apache-2.0
//
// Describes a neural network: a list of layers, each of which takes the output of earlier ones.
//
//   Network net({.channels = 3, .rows = 32, .columns = 32});
//   auto x = net.conv(net.input(), {.filters = 16, .kernel = 3});
//   x = net.activation(net.batch_norm(x), Activation::kRelu);
//   net.dense(net.global_pool(x, Pool::kAverage), {.units = 10});
//
// Only a description: shapes and parameter counts are known before any memory is taken. Layers that
// are named as in Keras do what they do there, padding included; the last one made is the output.
//
// Errors:  Error{kInvalid} that names the layer, the value and the bound.
// Threads: one at a time; a finished network is a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dodona::train {

enum class Activation { kRelu = 1, kTanh = 2, kSelu = 3 };
enum class Pool { kMax = 1, kAverage = 2 };
enum class Padding { kSame = 1, kValid = 2 };
// How weights begin: Glorot & Bengio (2010), eq. 16; or normal with variance 1 / inputs, cut at two
// standard deviations, for selu.
enum class Start { kGlorotUniform = 1, kLecunNormal = 2 };

// One sample between two layers; tables and flattened images have one row and one column.
struct Shape {
  std::int64_t channels = 0;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t size() const { return channels * rows * columns; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

struct Conv {
  std::int64_t filters = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  Padding padding = Padding::kSame;
  bool bias = true;
  std::int64_t groups = 1;
  Start start = Start::kGlorotUniform;
};

struct BatchNorm {
  double epsilon = 1e-3;
  double momentum = 0.99;  // part of the old moving mean and variance that each batch keeps
};

struct Dense {
  std::int64_t units = 0;
  Start start = Start::kGlorotUniform;
};

enum class Op {
  kInput = 1,
  kConv,
  kBatchNorm,
  kActivation,
  kPad,
  kPool,
  kGlobalPool,
  kFlatten,
  kDense,
  kDropout,
  kAlphaDropout,
  kAdd
};

// Zeros (for a maximum: the smallest numbers) around rows and columns.
struct Margin {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
  bool even() const { return top == bottom && left == right; }
};

// A layer as it is carried out; fields that its op does not need keep their defaults.
struct Layer {
  Op op = Op::kInput;
  std::size_t input = 0;
  std::size_t other = 0;  // second input of kAdd
  Shape shape{};          // of the output
  Conv conv{};            // with filters, kernel, stride, groups, bias and start
  Margin margin{};        // of kConv, kPad and kPool
  BatchNorm norm{};
  Activation activation = Activation::kRelu;
  Pool pool = Pool::kMax;
  double rate = 0;  // of both kinds of dropout
};

class Network {
 public:
  using Id = std::size_t;

  explicit Network(const Shape& input);
  static constexpr Id input() { return 0; }

  Id conv(Id x, Conv conv);
  // Each channel by itself, then all of them at each point: Keras' SeparableConv2D, whose bias, if
  // any, belongs to the second part.
  Id separable_conv(Id x, const Conv& conv);
  Id batch_norm(Id x, const BatchNorm& norm = {});
  Id activation(Id x, Activation activation);
  Id pad(Id x, std::int64_t margin);
  Id pool(Id x, Pool pool, std::int64_t kernel, std::int64_t stride, Padding padding);
  Id global_pool(Id x, Pool pool);
  Id flatten(Id x);
  Id dense(Id x, const Dense& dense);
  Id dropout(Id x, double rate);
  Id alpha_dropout(Id x, double rate);
  Id add(Id x, Id other);

  const std::vector<Layer>& layers() const { return layers_; }
  const Shape& shape(Id x) const { return layers_[x].shape; }

  // Numbers that training changes, and with those that are kept beside them (moving means and
  // variances).
  std::int64_t trainable_parameters() const;
  std::int64_t parameters() const;

 private:
  Id push(Layer layer);
  std::vector<Layer> layers_;
};

}  // namespace dodona::train
