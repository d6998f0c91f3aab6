// SPDX-License-Identifier: Apache-2.0
//
// A network trained by LibTorch alone, as one would write it without Dodona: what torch_overhead.py
// compares the plugin torch_mlp with.
//
//   torch_loop DIRECTORY EPOCHS SEED
//
// Two hidden layers of 256, adam, batches of 128, on 54,000 images of Fashion-MNIST and one thread.
// Each epoch shuffles, and takes the loss and the accuracy on the way and the accuracy on the other
// 6,000 afterwards. It does less than the plugin, which also takes the loss on those 6,000, writes
// the best epoch's checkpoint and makes floats of the bytes batch by batch: here all images are
// made floats and normalised once, and nothing is saved. Prints the seconds of loading, then of the
// last epoch the loss, the accuracy and that on the other images.
#include "common/data/idx.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr std::int64_t kTraining = 54'000;
constexpr std::int64_t kBatch = 128;

struct Net : torch::nn::Module {
  explicit Net(std::int64_t inputs)
      : first(register_module("first", torch::nn::Linear(inputs, 256))),
        second(register_module("second", torch::nn::Linear(256, 256))),
        last(register_module("last", torch::nn::Linear(256, 10))) {}
  torch::Tensor forward(const torch::Tensor& x) {
    return last->forward(second->forward(first->forward(x).relu()).relu());
  }
  torch::nn::Linear first;
  torch::nn::Linear second;
  torch::nn::Linear last;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  at::set_num_threads(1);
  torch::manual_seed(std::strtoull(argv[3], nullptr, 10));
  const auto start = std::chrono::steady_clock::now();
  auto images = dodona::common::load_images(argv[1], "train");
  const std::chrono::duration<double> loading = std::chrono::steady_clock::now() - start;
  const auto pixels = std::int64_t{images.rows} * images.columns;
  auto inputs = torch::from_blob(images.pixels.data(), {images.count, pixels}, torch::kByte)
                    .to(torch::kFloat);
  inputs.sub_(inputs.mean()).div_(inputs.std());
  const auto targets =
      torch::from_blob(images.labels.data(), {images.count}, torch::kByte).to(torch::kLong);
  const std::int64_t training = std::min<std::int64_t>(kTraining, images.count * 9 / 10);

  Net net(pixels);
  torch::optim::Adam optimizer(net.parameters(), torch::optim::AdamOptions(1e-3));
  double loss_sum = 0;
  std::int64_t trained = 0;
  std::int64_t validated = 0;
  for (int epoch = 0; epoch < std::atoi(argv[2]); ++epoch) {
    loss_sum = 0;
    trained = validated = 0;
    for (const auto& batch : torch::randperm(training).split(kBatch)) {
      const auto wanted = targets.index_select(0, batch);
      const auto outputs = net.forward(inputs.index_select(0, batch));
      const auto loss = torch::cross_entropy_loss(outputs, wanted);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      loss_sum += loss.item<double>() * static_cast<double>(wanted.size(0));
      trained += outputs.argmax(1).eq(wanted).sum().item<std::int64_t>();
    }
    const torch::NoGradGuard no_gradients;
    for (const auto& batch : torch::arange(training, std::int64_t{images.count}).split(1000)) {
      const auto outputs = net.forward(inputs.index_select(0, batch));
      validated += outputs.argmax(1).eq(targets.index_select(0, batch)).sum().item<std::int64_t>();
    }
  }
  std::printf("%.3f %.4f %.4f %.4f\n", loading.count(), loss_sum / static_cast<double>(training),
              static_cast<double>(trained) / static_cast<double>(training),
              static_cast<double>(validated) / static_cast<double>(images.count - training));
}
