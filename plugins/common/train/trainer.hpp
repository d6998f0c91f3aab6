// SPDX-License-Identifier: Apache-2.0
//
// Trains one network, epoch by epoch.
//
// Nothing of LibTorch shows here: its headers cost 20 s a translation unit, so they stay in
// trainer.cpp, module.cpp and augment.cpp.
//
// Every random number (initial weights, order of the samples, crops, augmentation, dropout) comes
// from one generator that belongs to the trainer, never from LibTorch's process-wide one. On one
// thread the same seed therefore gives the same bits, whatever other trainers do in the process
// meanwhile, and so does going on from a checkpoint.
//
// Threads: one call at a time per trainer, from any thread; trainers run concurrently.
// Errors:  dodona::Error.
#pragma once

#include "common/train/dataset.hpp"
#include "common/train/metrics.hpp"
#include "common/train/network.hpp"
#include "common/train/training_settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::train {

// What all trainers of a study share.
struct TrainerContext {
  std::shared_ptr<const Dataset> data;
  std::vector<NamedMetric> metrics{};
  std::string file;            // name of the checkpoint within its directory
  std::uint64_t epochs = 1;    // length of a schedule
  std::uint64_t patience = 0;  // epochs without a better val_loss until it is enough; 0: never
};

// Where a trainer computes.
struct Resources {
  std::string device = "cpu";  // or "cuda", "cuda:1"
  std::uint32_t threads = 1;
};

// Whether LibTorch can compute on the device.
//
// Errors: Error{kInvalid} that names the option.
void check_device(const std::string& device);

// By name: loss and the metrics, and the same of the validation part with val_ before it. Those of
// the training part are taken on the way, with dropout and moving weights, as Keras does. A loss is
// the mean cross entropy of classes, or the mean squared error of numbers in units of their
// variance.
using EpochMetrics = std::vector<std::pair<std::string, double>>;

class Trainer {
 public:
  // The network takes samples of the data, cropped as the settings say, and answers one output a
  // class, or one number.
  Trainer(std::shared_ptr<const TrainerContext> context, const Network& network,
          const Settings& settings, const Resources& resources, std::uint64_t seed);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  std::uint64_t epochs_done() const;
  bool out_of_patience() const;

  // Trains one epoch more and validates. `stop` is asked before each batch; once it says true, the
  // answer is nothing and the trainer, left within an epoch, is only good for destruction.
  std::optional<EpochMetrics> run_epoch(const std::function<bool()>& stop);

  // Weights, moving averages, optimizer state, generator, number of epochs and patience, in one
  // file of the directory.
  void save(const std::string& directory) const;
  // The file must come from a trainer of the same network, settings and shape of data.
  void load(const std::string& directory);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dodona::train
