// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `torch_mlp`: a multi-layer perceptron on labelled images in the IDX format.
//
// Reports loss, accuracy, val_loss and val_accuracy once an epoch; a step is an epoch.
#include "common/idx.hpp"
#include "hypermodels/torch_mlp/blas.hpp"
#include "hypermodels/torch_mlp/dataset.hpp"
#include "hypermodels/torch_mlp/settings.hpp"
#include "hypermodels/torch_mlp/trainer.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace dodona::torch_mlp {

class TorchMlp {
 public:
  using Model = Trainer;

  // Reads the data here, so that a wrong directory is known before the first trial.
  explicit TorchMlp(const HyperModelContext& context)
      : data_(std::make_shared<const Dataset>(
            split_dataset(common::shared_images(context.options.get<std::string>("data"), "train"),
                          context.options.get<double>("validation_split"),
                          context.options.get<std::int64_t>("train_samples")))),
        epochs_(static_cast<std::uint64_t>(context.options.get<std::int64_t>("epochs"))) {
    const Blas blas = find_blas();
    context.host.log(DODONA_INFO, "torch_mlp: matrix products by " + blas.text);
    if (!blas.fast)
      context.host.log(DODONA_WARN,
                       "torch_mlp: this does not look like OpenBLAS, training may be ten times "
                       "slower; install libopenblas0-openmp");
  }

  void declare(HyperParameters& hp) { ask_settings(hp); }

  Model build(HyperParameters& hp, Trial& trial) {
    return Trainer(data_, ask_settings(hp), trial.seed(), trial.threads());
  }

  // A budget is the step at which to end, not a number of steps: a model that went on from a
  // checkpoint has done some already.
  void fit(Model& model, Trial& trial) {
    if (model.epochs_done() != trial.start_step())
      throw Error(DODONA_E_STATE, "the trial goes on from epoch " +
                                      std::to_string(trial.start_step()) + ", its model has done " +
                                      std::to_string(model.epochs_done()));
    const std::uint64_t last = trial.budget() != 0 ? trial.budget() : epochs_;
    const auto stop = [&trial] { return trial.cancelled(); };
    while (model.epochs_done() < last) {
      const auto metrics = model.run_epoch(stop);
      if (!metrics) throw Cancelled();
      trial.report(model.epochs_done(), {{"loss", metrics->loss},
                                         {"accuracy", metrics->accuracy},
                                         {"val_loss", metrics->val_loss},
                                         {"val_accuracy", metrics->val_accuracy}});
    }
  }

  void save(const Model& model, std::string_view directory) { model.save(std::string(directory)); }
  void load(Model& model, std::string_view directory) { model.load(std::string(directory)); }

 private:
  std::shared_ptr<const Dataset> data_;
  std::uint64_t epochs_;
};

}  // namespace dodona::torch_mlp

DODONA_PLUGIN(dodona::hypermodel<dodona::torch_mlp::TorchMlp>(
    {.id = "org.dodona.torch_mlp",
     .name = "torch_mlp",
     .description = "A multi-layer perceptron of LibTorch on labelled images in the IDX format"},
    dodona::option("data", "/usr/share/datasets/fashion-mnist",
                   "directory of train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or "
                   ".gz; the default is where Debian's dataset-fashion-mnist puts them"),
    dodona::option("validation_split", 0.1,
                   "part of the images that is held out to validate; more makes val_accuracy less "
                   "noisy and leaves less to learn from",
                   {.low = 0.001, .high = 0.9}),
    dodona::option("epochs", 5,
                   "passes over the training part where neither max_steps nor the oracle says how "
                   "many; the cost of a trial is proportional",
                   {.low = 1}),
    dodona::option("train_samples", 0,
                   "train on so many images, the same ones in each trial, and 0 on all; fewer make "
                   "a quick look at the cost of accuracy",
                   {.low = 0})))
