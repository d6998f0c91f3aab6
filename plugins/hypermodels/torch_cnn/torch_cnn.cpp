// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `torch_cnn`: blocks of convolutions on images. Preprocessing and training are tuned
// too.
#include <dodona/plugin.hpp>
#include <dodona/train/hypermodel.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dodona::train {
namespace {

constexpr std::int64_t kBlocksMax = 4;

// Two convolutions, and a pooling that halves the sides unless they are one point already.
Network::Id block(Network& net, Network::Id x, std::int64_t filters, std::int64_t kernel,
                  bool batch_norm, Pool pooling) {
  for (int i = 0; i < 2; ++i) {
    x = net.conv(x, {.filters = filters, .kernel = kernel, .bias = !batch_norm});
    if (batch_norm) x = net.batch_norm(x);
    x = net.activation(x, Activation::kRelu);
  }
  const bool large = std::min(net.shape(x).rows, net.shape(x).columns) >= 2;
  return large ? net.pool(x, pooling, 2, 2, Padding::kValid) : x;
}

// Asks for filters_i and pooling_i of each block.
Network::Id blocks(HyperParameters& hp, Network& net) {
  const std::int64_t kernel = hp.choice("kernel_size", {3, 5});
  const bool batch_norm = hp.boolean("batch_norm", {.initial = true});
  checked_count("blocks", hp.integer("blocks", {.min = 1, .max = kBlocksMax, .initial = 2}), 1,
                kBlocksMax);
  std::vector<std::int64_t> enough;
  for (std::int64_t count = 1; count <= kBlocksMax; ++count) enough.push_back(count);
  Network::Id x = Network::input();
  for (std::int64_t i = 0; i < kBlocksMax; ++i) {
    const auto deep = hp.when(
        "blocks", std::span<const std::int64_t>(enough).subspan(static_cast<std::size_t>(i)));
    if (!deep) continue;
    const std::string number = std::to_string(i);
    const std::int64_t filters =
        hp.integer("filters_" + number, {.min = 16, .max = 128, .step = 16, .initial = 32});
    const Pool pooling = pool_named(hp.choice("pooling_" + number, {"max", "avg"}));
    x = block(net, x, filters, kernel, batch_norm, pooling);
  }
  return x;
}

}  // namespace

class TorchCnn : public NetworkModel {
 public:
  explicit TorchCnn(const StudyContext& context)
      : NetworkModel(context, {.name = "torch_cnn", .images = true}) {}

 private:
  TrainingPlan plan(HyperParameters& hp, const Problem& problem) const override {
    TrainingSettings settings;
    settings.normalize = hp.boolean("normalize", {.initial = true});
    const std::int64_t side = std::min(problem.shape.rows, problem.shape.columns);
    hp.integer("crop", {.min = side - side / 4, .max = side, .initial = side});
    settings.augmentation = ask_augmentation(hp, problem.augment);

    settings.crop = hp.get<std::int64_t>("crop");
    Network net(cropped(problem.shape, settings.crop));
    Network::Id x = net.global_pool(blocks(hp, net), Pool::kAverage);
    x = net.dense(x, {.units = hp.integer("dense_units",
                                          {.min = 30, .max = 100, .step = 10, .initial = 50})});
    x = net.activation(x, Activation::kRelu);
    x = net.dropout(x, hp.real("dropout_rate", {.min = 0, .max = 0.5, .step = 0.1}));
    net.dense(x, {.units = problem.outputs});

    settings.optimizer = optimizer_named(hp.choice("optimizer", {"adam", "sgd", "rmsprop"}));
    if (auto sgd = hp.when("optimizer", "sgd"))
      settings.momentum = hp.real("momentum", {.min = 0, .max = 0.95});
    settings.learning_rate = hp.real(
        "learning_rate", {.min = 1e-4, .max = 1e-1, .sampling = Sampling::kLog, .initial = 1e-3});
    settings.schedule =
        schedule_named(hp.choice("schedule", {"constant", "exponential", "cosine"}));
    settings.batch_size = hp.choice("batch_size", {32, 64, 128});
    settings.shuffle = hp.boolean("shuffle", {.initial = true});
    ask_step_constants(hp, settings);
    return {net, settings};
  }
};

}  // namespace dodona::train

DODONA_PLUGIN(dodona::train::image_network_plugin<dodona::train::TorchCnn>(
    {.id = "org.dodona.torch_cnn",
     .name = "torch_cnn",
     .description = "A convolutional network of LibTorch on images, with cropping, normalisation, "
                    "shuffling and schedule among its hyperparameters"}))
