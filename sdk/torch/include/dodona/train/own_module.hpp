// SPDX-License-Identifier: Apache-2.0
//
// A torch::nn::Module of one's own in the ready trainer.
//
//   struct Net : torch::nn::Module {
//     Net(std::int64_t inputs, std::int64_t units, std::int64_t outputs);
//     torch::Tensor forward(const torch::Tensor& x);
//     // optional:
//     torch::Tensor loss(const torch::Tensor& outputs, const torch::Tensor& targets);
//   };
//   ...
//   TrainingPlan plan(HyperParameters& hp, const Problem& problem) const override {
//     const std::int64_t units = hp.integer("units", {.min = 8, .max = 64});
//     return ask_training(hp, problem,
//                         module_of<Net>(problem.shape.size(), units, problem.outputs));
//   }
//
// `forward` takes a batch and returns [batch][outputs]: the numbers of the classes before softmax, or
// one number. Without `loss` the trainer takes the cross entropy, or what its options say. With it
// `loss` and `val_loss` are what it returns: the mean over the batch, as a tensor of one number.
//
// Shapes:  images [batch][channels][rows][columns], tables [batch][columns]; targets[batch] are the
//          indices of the classes, or numbers in units of their deviation from their mean.
// Errors:  c10::Error and others that the module throws end the trial with their text.
// Threads: one call at a time per module. Modules of other trials run meanwhile.
// Random numbers: the module may use LibTorch's initialisers and torch::nn::Dropout. Their numbers
//          follow from the trial's seed. For that, one trial of a process at a time is in `forward`
//          while it trains; runners (`"runner"` of the study file) have a process each. A module that
//          draws in `loss`, or while it does not train, gives other numbers each time.
// model.json says name, kind and size of each layer. Only this plugin can load the weights; the
//          names in weights.pt are those of named_parameters() and named_buffers().
#pragma once

#include <torch/nn/module.h>

#include <concepts>
#include <memory>
#include <tuple>
#include <utility>

namespace dodona::train {

// A module of one's own without its type; module_of() makes it.
class OwnModule {
 public:
  OwnModule() = default;
  virtual ~OwnModule() = default;
  OwnModule(const OwnModule&) = delete;
  OwnModule& operator=(const OwnModule&) = delete;

  virtual torch::nn::Module& module() = 0;
  virtual at::Tensor forward(const at::Tensor& x) = 0;
  // An undefined tensor where the module has none.
  virtual at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets) = 0;
};

// Makes the module of a trial, when the trial is built. A plan is also asked for where there is no
// trial, so that a module costs no memory then.
class ModuleMaker {
 public:
  ModuleMaker() = default;
  virtual ~ModuleMaker() = default;
  ModuleMaker(const ModuleMaker&) = delete;
  ModuleMaker& operator=(const ModuleMaker&) = delete;

  virtual std::unique_ptr<OwnModule> make() const = 0;
};

template <class Net>
concept HasLoss = requires(Net& net, const at::Tensor& tensor) {
  { net.loss(tensor, tensor) } -> std::convertible_to<at::Tensor>;
};

// Makes a Net of these arguments, which are copied.
template <std::derived_from<torch::nn::Module> Net, class... Argument>
std::shared_ptr<const ModuleMaker> module_of(Argument... arguments) {
  class Own final : public OwnModule {
   public:
    explicit Own(std::shared_ptr<Net> net) : net_(std::move(net)) {}
    torch::nn::Module& module() override { return *net_; }
    at::Tensor forward(const at::Tensor& x) override { return net_->forward(x); }
    at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets) override {
      if constexpr (HasLoss<Net>) return net_->loss(outputs, targets);
      return {};
    }

   private:
    std::shared_ptr<Net> net_;
  };
  class Maker final : public ModuleMaker {
   public:
    explicit Maker(Argument... given) : arguments_(std::move(given)...) {}
    std::unique_ptr<OwnModule> make() const override {
      return std::apply(
          [](const Argument&... given) {
            return std::make_unique<Own>(std::make_shared<Net>(given...));
          },
          arguments_);
    }

   private:
    std::tuple<Argument...> arguments_;
  };
  return std::make_shared<const Maker>(std::move(arguments)...);
}

}  // namespace dodona::train
