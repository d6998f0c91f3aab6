// SPDX-License-Identifier: Apache-2.0
#include "common/train/module.hpp"

#include <dodona/train/own_module.hpp>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <mutex>
#include <string>
#include <utility>

namespace dodona::train {
namespace {

// Held while LibTorch's own generator is seeded and drawn from.
std::mutex& drawing() {
  static std::mutex mutex;
  return mutex;
}

// Seeds LibTorch's generators with a number of the trainer's.
void seed_torch(at::Generator& generator, at::Device device) {
  const auto seed =
      static_cast<std::uint64_t>(at::empty({1}, at::kLong).random_(generator).item<std::int64_t>());
  const auto give = [seed](at::Generator to) {
    const std::lock_guard lock(to.mutex());
    to.set_current_seed(seed);
  };
  give(at::detail::getDefaultCPUGenerator());
  if (!device.is_cpu()) give(at::globalContext().defaultGenerator(device));
}

// The class of a module without its namespaces, and without the Impl of LibTorch's names.
std::string kind_of(const torch::nn::Module& module) {
  std::string name = module.name();
  if (const auto colon = name.rfind(':'); colon != std::string::npos) name.erase(0, colon + 1);
  if (name.ends_with("Impl")) name.resize(name.size() - 4);
  return name;
}

class Owned final : public Module {
 public:
  Owned(const ModuleMaker& maker, std::int64_t outputs, at::Generator& generator, at::Device device)
      : outputs_(outputs), device_(device) {
    const std::lock_guard lock(drawing());
    seed_torch(generator, device);
    own_ = maker.make();
    own_->module().to(device);
    for (const at::Tensor& weight : own_->module().parameters()) {
      if (weight.requires_grad()) weights_.push_back(weight);
    }
    buffers_ = own_->module().buffers();
  }

  at::Tensor forward(const at::Tensor& input, Mode mode, at::Generator& generator) override {
    const bool training = mode == Mode::kTraining;
    own_->module().train(training);
    std::unique_lock lock(drawing(), std::defer_lock);
    if (training) {
      lock.lock();
      seed_torch(generator, device_);
    }
    at::Tensor out = own_->forward(input);
    TORCH_CHECK(out.dim() == 2 && out.size(0) == input.size(0) && out.size(1) == outputs_,
                "forward() returned the sizes ", out.sizes(), ", where [", input.size(0), ", ",
                outputs_, "] are wanted");
    return out;
  }

  at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets) override {
    return own_->loss(outputs, targets);
  }

  NamedTensors named_tensors() const override {
    NamedTensors out;
    for (const auto& entry : own_->module().named_parameters())
      out.emplace_back(entry.key(), entry.value());
    for (const auto& entry : own_->module().named_buffers())
      out.emplace_back(entry.key(), entry.value());
    return out;
  }

  // The modules that hold numbers themselves, and the innermost ones.
  std::vector<dodona::Layer> layers() const override {
    std::vector<dodona::Layer> out;
    for (const auto& entry : own_->module().named_modules(std::string(), false))
      add_layer(out, entry.key(), *entry.value());
    add_layer(out, kind_of(own_->module()), own_->module());
    return out;
  }

 private:
  static void add_layer(std::vector<dodona::Layer>& out, const std::string& name,
                        const torch::nn::Module& module) {
    dodona::Layer layer{.name = name, .kind = kind_of(module)};
    const auto weights = module.parameters(/*recurse=*/false);
    const auto buffers = module.buffers(/*recurse=*/false);
    if (weights.empty() && buffers.empty() && !module.children().empty()) return;
    for (const at::Tensor& weight : weights) {
      const auto numbers = static_cast<std::uint64_t>(weight.numel());
      layer.parameters += numbers;
      if (weight.requires_grad()) layer.trainable += numbers;
    }
    for (const at::Tensor& buffer : buffers)
      layer.parameters += static_cast<std::uint64_t>(buffer.numel());
    out.push_back(std::move(layer));
  }

  std::int64_t outputs_;
  at::Device device_;
  std::unique_ptr<OwnModule> own_;
};

}  // namespace

std::unique_ptr<Module> own_module(const ModuleMaker& maker, std::int64_t outputs,
                                   at::Generator& generator, at::Device device) {
  return std::make_unique<Owned>(maker, outputs, generator, device);
}

}  // namespace dodona::train
