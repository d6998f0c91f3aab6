// SPDX-License-Identifier: Apache-2.0
//
// The only file that sees LibTorch. Its functional form is used rather than its modules, whose
// initialisers and dropout take no generator.
#include "hypermodels/torch_mlp/trainer.hpp"

#include "hypermodels/torch_mlp/blas.hpp"

#include <dodona/error.hpp>

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace dodona::torch_mlp {
namespace {

constexpr const char* kFileName = "torch_mlp.pt";

// Large enough for speed; 3 MB of floats for images of 28 x 28.
constexpr std::int64_t kValidationBatch = 1000;

// A fully connected layer, y = x W' + b.
struct Layer {
  torch::Tensor weight;
  torch::Tensor bias;
};

// Weights after Glorot & Bengio (2010), eq. 16, biases zero.
Layer make_layer(std::int64_t inputs, std::int64_t outputs, const at::Generator& generator) {
  const double bound = std::sqrt(6.0 / static_cast<double>(inputs + outputs));
  Layer layer{torch::empty({outputs, inputs}), torch::zeros({outputs})};
  layer.weight.uniform_(-bound, bound, generator);
  layer.weight.requires_grad_();
  layer.bias.requires_grad_();
  return layer;
}

// All but the hyperparameters stays at LibTorch's defaults.
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const Settings& settings,
                                                        const std::vector<torch::Tensor>& weights) {
  namespace optim = torch::optim;
  switch (settings.optimizer) {
    case Optimizer::kSgd:
      return std::make_unique<optim::SGD>(
          weights, optim::SGDOptions(settings.learning_rate).momentum(settings.momentum));
    case Optimizer::kRmsprop:
      return std::make_unique<optim::RMSprop>(weights,
                                              optim::RMSpropOptions(settings.learning_rate));
    case Optimizer::kAdam:
      break;
  }
  return std::make_unique<optim::Adam>(weights, optim::AdamOptions(settings.learning_rate));
}

// A view of bytes that somebody else keeps alive and nobody writes.
torch::Tensor view_of(const std::vector<std::uint8_t>& bytes, at::IntArrayRef sizes) {
  return torch::from_blob(const_cast<std::uint8_t*>(bytes.data()), sizes, torch::kByte);
}

torch::Tensor view_of(const std::vector<std::int64_t>& numbers) {
  return torch::from_blob(const_cast<std::int64_t*>(numbers.data()),
                          {static_cast<std::int64_t>(numbers.size())}, torch::kLong);
}

// Sums over samples, to be divided by their number.
struct Sums {
  double loss = 0;
  std::int64_t correct = 0;

  void add(const torch::Tensor& mean_loss, const torch::Tensor& logits,
           const torch::Tensor& labels) {
    loss += mean_loss.item<double>() * static_cast<double>(labels.size(0));
    correct += logits.argmax(1).eq(labels).sum().item<std::int64_t>();
  }
};

// Runs `body` and leaves out the backtrace that LibTorch appends to its messages.
template <class Body>
auto in_torch(Body&& body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    throw Error(DODONA_E_FAILED, error.what_without_backtrace());
  }
}

}  // namespace

struct Trainer::State {
  State(std::shared_ptr<const Dataset> dataset, const Settings& chosen, std::uint64_t seed,
        int thread_count)
      : data(std::move(dataset)),
        settings(chosen),
        threads(std::max(1, thread_count)),
        generator(at::detail::createCPUGenerator(seed)) {
    const auto& images = *data->images;
    const std::int64_t pixels_each = std::int64_t{images.rows} * images.columns;
    pixels = view_of(images.pixels, {images.count, pixels_each});
    labels = view_of(images.labels, {images.count});
    std::int64_t inputs = pixels_each;
    for (const std::int64_t units : settings.units) {
      layers.push_back(make_layer(inputs, units, generator));
      inputs = units;
    }
    layers.push_back(make_layer(inputs, images.classes, generator));
    optimizer = make_optimizer(settings, weights());
  }

  std::vector<torch::Tensor> weights() const {
    std::vector<torch::Tensor> all;
    for (const Layer& layer : layers) all.insert(all.end(), {layer.weight, layer.bias});
    return all;
  }

  // Bytes become floats batch by batch: that takes no longer than collecting the rows from a copy
  // of all images as floats, which would need four times the memory.
  torch::Tensor inputs_at(const torch::Tensor& indices) const {
    return pixels.index_select(0, indices).to(torch::kFloat).sub_(data->mean).div_(data->stddev);
  }

  torch::Tensor labels_at(const torch::Tensor& indices) const {
    return labels.index_select(0, indices).to(torch::kLong);
  }

  torch::Tensor activate(const torch::Tensor& x) const {
    return settings.activation == Activation::kTanh ? x.tanh() : x.relu();
  }

  // Zeroes a part of x and scales the rest, so that the expectation stays.
  torch::Tensor drop(const torch::Tensor& x) {
    if (settings.dropout_rate <= 0) return x;
    const double kept = 1 - settings.dropout_rate;
    return x * torch::empty_like(x, x.options().requires_grad(false))
                   .bernoulli_(kept, generator)
                   .div_(kept);
  }

  torch::Tensor forward(torch::Tensor x, bool training) {
    for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
      x = activate(torch::linear(x, layers[i].weight, layers[i].bias));
      if (training) x = drop(x);
    }
    return torch::linear(x, layers.back().weight, layers.back().bias);
  }

  // One pass over the training part in a fresh order; the last batch may be smaller.
  std::optional<Sums> train(const std::function<bool()>& stop) {
    Sums sums;
    const auto order =
        view_of(data->training)
            .index_select(0, torch::randperm(static_cast<std::int64_t>(data->training.size()),
                                             generator, torch::kLong));
    for (const auto& batch : order.split(settings.batch_size)) {
      if (stop()) return std::nullopt;
      const auto targets = labels_at(batch);
      const auto logits = forward(inputs_at(batch), true);
      const auto loss = torch::cross_entropy_loss(logits, targets);
      optimizer->zero_grad();
      loss.backward();
      optimizer->step();
      sums.add(loss.detach(), logits.detach(), targets);
    }
    return sums;
  }

  std::optional<Sums> validate(const std::function<bool()>& stop) {
    const torch::NoGradGuard no_gradients;
    Sums sums;
    for (const auto& batch : view_of(data->validation).split(kValidationBatch)) {
      if (stop()) return std::nullopt;
      const auto targets = labels_at(batch);
      const auto logits = forward(inputs_at(batch), false);
      sums.add(torch::cross_entropy_loss(logits, targets), logits, targets);
    }
    return sums;
  }

  std::optional<EpochMetrics> run_epoch(const std::function<bool()>& stop) {
    // Both numbers may have been changed, and LibTorch's belongs to the calling thread.
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
    set_blas_threads(threads);
    const auto trained = train(stop);
    if (!trained) return std::nullopt;
    const auto validated = validate(stop);
    if (!validated) return std::nullopt;
    ++epochs;
    const auto training = static_cast<double>(data->training.size());
    const auto validation = static_cast<double>(data->validation.size());
    return EpochMetrics{trained->loss / training, static_cast<double>(trained->correct) / training,
                        validated->loss / validation,
                        static_cast<double>(validated->correct) / validation};
  }

  // Everything that an epoch reads and changes. LibTorch's archive is a zip of tensors.
  std::string to_bytes() const {
    torch::serialize::OutputArchive archive;
    const auto all = weights();
    for (std::size_t i = 0; i < all.size(); ++i) archive.write(weight_key(i), all[i].detach());
    torch::serialize::OutputArchive moments;
    optimizer->save(moments);
    archive.write("optimizer", moments);
    archive.write("generator", generator.get_state());
    archive.write("epochs", torch::IValue(static_cast<std::int64_t>(epochs)));
    std::string bytes;
    archive.save_to([&bytes](const void* piece, std::size_t size) {
      bytes.append(static_cast<const char*>(piece), size);
      return size;
    });
    return bytes;
  }

  // Reads into the tensors that the optimizer knows, so they are copied into and not replaced.
  void from_bytes(const std::string& bytes) {
    const torch::NoGradGuard no_gradients;
    torch::serialize::InputArchive archive;
    archive.load_from(bytes.data(), bytes.size());
    const auto all = weights();
    for (std::size_t i = 0; i < all.size(); ++i) {
      torch::Tensor weight;
      archive.read(weight_key(i), weight);
      TORCH_CHECK(weight.sizes() == all[i].sizes(), "weight ", i, " has the sizes ", weight.sizes(),
                  ", not ", all[i].sizes());
      all[i].copy_(weight);
    }
    torch::serialize::InputArchive moments;
    archive.read("optimizer", moments);
    optimizer->load(moments);
    torch::Tensor random;
    archive.read("generator", random);
    generator.set_state(random);
    torch::IValue done;
    archive.read("epochs", done);
    epochs = static_cast<std::uint64_t>(done.toInt());
  }

  static std::string weight_key(std::size_t i) { return "weight_" + std::to_string(i); }

  std::shared_ptr<const Dataset> data;
  Settings settings;
  int threads;
  at::Generator generator;
  torch::Tensor pixels;  // [count][rows * columns]
  torch::Tensor labels;  // [count]
  std::vector<Layer> layers;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  std::uint64_t epochs = 0;
};

Trainer::Trainer(std::shared_ptr<const Dataset> data, const Settings& settings, std::uint64_t seed,
                 std::uint32_t threads) {
  in_torch([&] {
    state_ = std::make_unique<State>(std::move(data), settings, seed, static_cast<int>(threads));
  });
}

Trainer::~Trainer() = default;

std::uint64_t Trainer::epochs_done() const {
  return state_->epochs;
}

std::optional<EpochMetrics> Trainer::run_epoch(const std::function<bool()>& stop) {
  return in_torch([&] { return state_->run_epoch(stop); });
}

void Trainer::save(const std::string& directory) const {
  const std::string bytes = in_torch([&] { return state_->to_bytes(); });
  const auto path = std::filesystem::path(directory) / kFileName;
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw Error(DODONA_E_IO, "checkpoint \"" + path.string() + "\" cannot be written");
}

void Trainer::load(const std::string& directory) {
  const auto path = std::filesystem::path(directory) / kFileName;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(DODONA_E_IO, "checkpoint \"" + path.string() + "\" cannot be opened");
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  try {
    in_torch([&] { state_->from_bytes(bytes); });
  } catch (const std::exception& error) {
    throw Error(DODONA_E_INVALID, "checkpoint \"" + path.string() +
                                      "\" is damaged or of another model: " + error.what());
  }
}

}  // namespace dodona::torch_mlp
