// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `own_net`: a network of one's own, with a loss and a metric of its own. Data, training,
// checkpoints, augmentation, early stopping, export and the commands summary, evaluate and predict
// come with the SDK's torch kit.
#include <dodona/torch.hpp>

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

// The largest output: how far the network dares to go.
double boldness(std::span<const float> outputs, double) {
  return std::ranges::max(outputs);
}

struct OwnNet : NetworkModel {
  explicit OwnNet(const dodona::StudyContext& context)
      : NetworkModel(
            context,
            {.name = "own_net", .images = true, .metrics = {mean_metric("boldness", boldness)}}) {}

  TrainingPlan plan(dodona::HyperParameters& hp, const Problem& problem) const override {
    const std::int64_t filters = hp.integer("filters", {.min = 8, .max = 32});
    const double dropout = hp.real("dropout", {.min = 0, .max = 0.5});
    return ask_training(hp, problem,
                        module_of<Net>(problem.shape.channels, filters, dropout, problem.outputs));
  }
};

DODONA_PLUGIN(image_network_plugin<OwnNet>(
    {.id = "org.example.own_net", .name = "own_net", .description = "A network of one's own"}))
