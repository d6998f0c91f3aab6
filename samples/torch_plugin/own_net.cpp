// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `own_net`: a network of one's own, with a loss and a metric of its own. Data, training,
// checkpoints, augmentation, early stopping, export and the commands summary, evaluate and predict
// come with the SDK's torch kit.
#include <dodona/plugin.hpp>
#include <dodona/train/hypermodel.hpp>
#include <dodona/train/own_module.hpp>

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <memory>

using namespace dodona::train;

struct Net : torch::nn::Module {
  Net(std::int64_t channels, std::int64_t filters, double dropout, std::int64_t classes)
      : first(register_module("first", torch::nn::Conv2d(channels, filters, 3))),
        drop(register_module("drop", torch::nn::Dropout(dropout))),
        last(register_module("last", torch::nn::Linear(filters, classes))) {}

  torch::Tensor forward(const torch::Tensor& images) {
    return last(drop(first(images).relu().amax({2, 3})));
  }

  // The focal loss (Lin et al. (2017), arXiv:1708.02002): what is right already counts little.
  torch::Tensor loss(const torch::Tensor& outputs, const torch::Tensor& classes) {
    const auto right = outputs.log_softmax(1).gather(1, classes.unsqueeze(1));
    return -((1 - right.exp()).square() * right).mean();
  }

  torch::nn::Conv2d first;
  torch::nn::Dropout drop;
  torch::nn::Linear last;
};

// The mean of the largest output: how far the network dares to go.
struct Boldness : RunningMetric {
  void reset() override { sum = count = 0; }
  void add(const Scored& batch) override {
    for (std::size_t i = 0; i < batch.samples(); ++i, ++count)
      sum += std::ranges::max(batch.row(i));
  }
  double value() const override { return sum / count; }
  double sum = 0, count = 0;
};

struct OwnNet : NetworkModel {
  explicit OwnNet(const dodona::StudyContext& context)
      : NetworkModel(context,
                     {.name = "own_net",
                      .images = true,
                      .metrics = {{"boldness", [] { return std::make_unique<Boldness>(); }}}}) {}

  TrainingPlan plan(dodona::HyperParameters& hp, const Problem& problem) const override {
    const std::int64_t filters = hp.integer("filters", {.min = 8, .max = 32});
    const double dropout = hp.real("dropout", {.min = 0, .max = 0.5});
    TrainingPlan out;
    out.module = module_of<Net>(problem.shape.channels, filters, dropout, problem.outputs);
    out.settings.augmentation = ask_augmentation(hp, problem.augment);
    out.settings.learning_rate =
        hp.real("learning_rate", {.min = 1e-4, .max = 1e-1, .sampling = dodona::Sampling::kLog});
    out.settings.batch_size = hp.fixed("batch_size", 32);
    ask_constants(hp, out.settings);
    return out;
  }
};

DODONA_PLUGIN(image_network_plugin<OwnNet>(
    {.id = "org.example.own_net", .name = "own_net", .description = "A network of one's own"}))
