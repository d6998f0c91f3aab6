// SPDX-License-Identifier: Apache-2.0
//
// A network with weights, and the augmentation of its inputs, in LibTorch's tensors.
//
// LibTorch's modules are not used: their initialisers and dropout take no generator. The functional
// form is used instead. Random numbers are drawn on the CPU whatever the device, so that the same
// seed gives the same numbers.
//
// Shapes:  images [batch][channels][rows][columns], tables [batch][columns].
// Errors:  c10::Error.
// Threads: one call at a time per object.
#pragma once

#include "common/train/named_tensors.hpp"
#include "common/train/network.hpp"
#include "common/train/training_settings.hpp"

#include <ATen/ATen.h>
#include <cstdint>
#include <string>
#include <vector>

namespace dodona::train {

enum class Mode : std::uint8_t { kTraining = 1, kEvaluation };

class Module {
 public:
  Module(const Network& network, at::Generator& generator, at::Device device);

  // [batch][...] -> [batch][units of the last layer]
  at::Tensor forward(const at::Tensor& input, Mode mode, at::Generator& generator);

  const std::vector<at::Tensor>& weights() const { return weights_; }  // training changes them
  const std::vector<at::Tensor>& buffers() const { return buffers_; }  // moving averages
  // All of them, in the order of the layers, by the name of the layer and the name that PyTorch's
  // modules have for them: conv_1.weight, conv_1.bias, batch_norm_1.running_mean.
  NamedTensors named_tensors() const;

 private:
  // Positions of the first weight and buffer of a layer.
  struct Place {
    std::size_t weight = 0;
    std::size_t buffer = 0;
    std::size_t last_use = 0;  // the last layer that needs its output
  };

  void begin(const Layer& layer, const Shape& input, at::Generator& generator, at::Device device);
  at::Tensor run(std::size_t at, const at::Tensor& x, const at::Tensor& other, Mode mode,
                 at::Generator& generator) const;
  at::Tensor convolve(const Layer& layer, std::size_t weight, const at::Tensor& x) const;

  std::vector<Layer> layers_;
  std::vector<std::string> names_;
  std::vector<Place> places_;
  std::vector<at::Tensor> weights_;
  std::vector<at::Tensor> buffers_;
};

// The images with every random change of `augmentation`.
at::Tensor augmented(at::Tensor images, const Augmentation& augmentation, at::Generator& generator);

}  // namespace dodona::train
