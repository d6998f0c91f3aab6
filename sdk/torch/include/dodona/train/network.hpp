// SPDX-License-Identifier: Apache-2.0
//
// Describes a neural network: a list of layers, each of which takes the output of earlier ones.
//
//   Network net({.channels = 3, .rows = 32, .columns = 32});
//   auto x = net.conv(net.input(), {.filters = 16, .kernel = 3});
//   x = net.activation(net.batch_norm(x), Activation::kRelu);
//   net.dense(net.global_pool(x, Pool::kAverage), {.units = 10});
//
// It is a description only: shapes and parameter counts are known before any memory is taken. A
// layer with a name of Keras does the same as there, padding included. The last layer is the
// output.
//
// Errors:  Error{DODONA_E_INVALID} with the layer, the value and the bound.
// Threads: one at a time; a finished network is a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dodona::train {

// kSwish: x times the sigmoid of x. Ramachandran, Zoph & Le (2017), arXiv:1710.05941.
enum class Activation { kRelu = 1, kTanh = 2, kSelu = 3, kSwish = 4, kSigmoid = 5 };
enum class Pool { kMax = 1, kAverage = 2 };
enum class Padding { kSame = 1, kValid = 2 };
// The first weights: Glorot & Bengio (2010), eq. 16; or normal, cut at two standard deviations, with
// variance 1 / inputs, for selu, or 2 / outputs; or uniform with variance 1 / (3 outputs).
enum class Start { kGlorotUniform = 1, kLecunNormal = 2, kHeNormalOut = 3, kUniformOut = 4 };

// The shape of a sample between two layers. A table and a flattened image have one row and one
// column.
struct Shape {
  std::int64_t channels = 0;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t size() const { return channels * rows * columns; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

// A convolution.
struct Conv {
  std::int64_t filters = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  Padding padding = Padding::kSame;
  bool bias = true;
  std::int64_t groups = 1;
  Start start = Start::kGlorotUniform;
};

// A normalisation of each channel over the batch.
struct BatchNorm {
  double epsilon = 1e-3;
  double momentum = 0.99;  // share of the old moving mean and variance after each batch
};

// A layer in which each unit takes all inputs.
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
  kAdd,
  kScale,
  kDropPath
};

// The number of zeros (for a maximum: of smallest numbers) around rows and columns.
struct Margin {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
  bool even() const { return top == bottom && left == right; }
};

// A layer for execution. Members that its op does not need keep their defaults.
struct Layer {
  Op op = Op::kInput;
  std::size_t input = 0;
  std::size_t other = 0;  // second input of kAdd and kScale
  Shape shape{};          // of the output
  Conv conv{};            // with filters, kernel, stride, groups, bias and start
  Margin margin{};        // of kConv, kPad and kPool
  BatchNorm norm{};
  Activation activation = Activation::kRelu;
  Pool pool = Pool::kMax;
  double rate = 0;  // for all kinds of dropout
  bool pair() const { return op == Op::kAdd || op == Op::kScale; }
};

// The kind of a layer in one word, such as conv or batch_norm.
const char* kind_of(Op op);

// A description that grows layer by layer. Each member adds a layer and answers its number.
class Network {
 public:
  using Id = std::size_t;

  explicit Network(const Shape& input);
  static constexpr Id input() { return 0; }

  Id conv(Id x, Conv conv);
  // A convolution of each channel by itself, then of all channels at each point: Keras'
  // SeparableConv2D. The bias, if any, belongs to the second part.
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
  // Drops a whole sample, so that a sum with another path has that path alone. Huang et al. (2016),
  // arXiv:1603.09382.
  Id drop_path(Id x, double rate);
  Id add(Id x, Id other);
  // Each channel of x times a number: `factors` is a point with as many channels.
  Id scale(Id x, Id factors);

  const std::vector<Layer>& layers() const { return layers_; }
  const Shape& shape(Id x) const { return layers_[x].shape; }

  // The count of numbers that training changes, and the count of all numbers: those, moving means
  // and moving variances.
  std::int64_t trainable_parameters() const;
  std::int64_t parameters() const;
  // The same of one layer.
  std::int64_t trainable_parameters(Id x) const;
  std::int64_t parameters(Id x) const;
  // Multiplications of numbers with weights in one forward pass of one sample.
  std::int64_t products() const;

  // A name for each layer: its kind, and its number among those of the kind, such as conv_2.
  std::vector<std::string> names() const;

 private:
  Id push(Layer layer);
  std::vector<Layer> layers_;
};

}  // namespace dodona::train
