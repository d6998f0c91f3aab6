// SPDX-License-Identifier: Apache-2.0
//
// Trains one multi-layer perceptron on labelled images, epoch by epoch.
//
// Nothing of LibTorch shows here: its headers cost 20 s a translation unit, so they stay in
// trainer.cpp.
//
// Every random number (initial weights, order of the samples, dropout) comes from one generator
// that belongs to the trainer, never from LibTorch's process-wide one. On one thread the same
// seed therefore gives the same bits, whatever other trainers do in the process meanwhile, and so
// does going on from a checkpoint.
//
// Threads: one call at a time per trainer, from any thread; trainers run concurrently.
// Errors:  dodona::Error.
#pragma once

#include "hypermodels/torch_mlp/dataset.hpp"
#include "hypermodels/torch_mlp/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dodona::torch_mlp {

// Means over the samples of one epoch; those of the training part are taken on the way, with
// dropout and moving weights, as Keras does.
struct EpochMetrics {
  double loss = 0;
  double accuracy = 0;
  double val_loss = 0;
  double val_accuracy = 0;
};

class Trainer {
 public:
  Trainer(std::shared_ptr<const Dataset> data, const Settings& settings, std::uint64_t seed,
          std::uint32_t threads);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  std::uint64_t epochs_done() const;

  // Trains one epoch more and validates. `stop` is asked before each batch; once it says true, the
  // answer is nothing and the trainer, left within an epoch, is only good for destruction.
  std::optional<EpochMetrics> run_epoch(const std::function<bool()>& stop);

  // Weights, optimizer state, generator and number of epochs, in one file of the directory.
  void save(const std::string& directory) const;
  // The file must come from a trainer of the same settings and shape of data.
  void load(const std::string& directory);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dodona::torch_mlp
