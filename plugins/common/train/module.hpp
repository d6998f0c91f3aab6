// SPDX-License-Identifier: Apache-2.0
//
// A network with weights, and the augmentation of its inputs, in LibTorch's tensors.
//
// A described network uses none of LibTorch's modules: their initialisers and dropout take no
// generator. The functional form is used instead. Random numbers are drawn on the CPU whatever the device, so that the same
// seed gives the same numbers.
//
// Shapes:  images [batch][channels][rows][columns], tables [batch][columns].
// Errors:  c10::Error.
// Threads: one call at a time per object.
#pragma once

#include "common/train/named_tensors.hpp"

#include <dodona/model_output.hpp>
#include <dodona/train/network.hpp>
#include <dodona/train/training_settings.hpp>

#include <ATen/ATen.h>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dodona::train {

class ModuleMaker;

enum class Mode : std::uint8_t { kTraining = 1, kEvaluation };

class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // [batch][...] -> [batch][outputs]
  virtual at::Tensor forward(const at::Tensor& input, Mode mode, at::Generator& generator) = 0;
  // The mean loss of a batch, where the module has one of its own; else an undefined tensor.
  virtual at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets);

  const std::vector<at::Tensor>& weights() const { return weights_; }  // training changes them
  const std::vector<at::Tensor>& buffers() const { return buffers_; }  // moving averages
  // All of them, by the name of the layer and the name that PyTorch's modules have for them:
  // conv_1.weight, conv_1.bias, batch_norm_1.running_mean.
  virtual NamedTensors named_tensors() const = 0;
  // In the order of the layers, for people.
  virtual std::vector<dodona::Layer> layers() const = 0;

 protected:
  std::vector<at::Tensor> weights_;
  std::vector<at::Tensor> buffers_;
};

// A network that is described. Its weights are drawn from the generator.
class NetworkModule final : public Module {
 public:
  NetworkModule(const Network& network, at::Generator& generator, at::Device device);

  at::Tensor forward(const at::Tensor& input, Mode mode, at::Generator& generator) override;
  NamedTensors named_tensors() const override;
  std::vector<dodona::Layer> layers() const override;

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

  Network network_;
  std::vector<std::string> names_;
  std::vector<Place> places_;
};

// A module of one's own, with `outputs` numbers for each sample.
//
// LibTorch's modules draw first weights and dropout from one generator of the process. So while the
// module is made, and in each forward pass of a training, that generator is taken by a lock and gets
// its seed from the trainer's: the same seed gives the same bits whatever other trainers do. A second
// trainer of the process waits for so long.
std::unique_ptr<Module> own_module(const ModuleMaker& maker, std::int64_t outputs,
                                   at::Generator& generator, at::Device device);

// The images with every random change of `augmentation`.
at::Tensor augmented(at::Tensor images, const Augmentation& augmentation, at::Generator& generator);

}  // namespace dodona::train
