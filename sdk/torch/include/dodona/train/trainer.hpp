// SPDX-License-Identifier: Apache-2.0
//
// Trains one network, epoch by epoch.
//
// This header needs nothing of LibTorch, whose headers cost 20 s in each translation unit. Of the
// public headers only own_module.hpp needs them.
//
// Every random number (first weights, order of the samples, crops, augmentation, dropout) comes
// from a generator of the trainer's own, never from LibTorch's process-wide one. So on one thread
// the same seed gives the same bits, whatever other trainers do at the same time. A trainer that
// goes on from a checkpoint gives the same bits too.
//
// Threads: one call at a time per trainer, from any thread; trainers run concurrently.
// Errors:  dodona::Error.
#pragma once

#include <dodona/model_output.hpp>
#include <dodona/train/metrics.hpp>
#include <dodona/train/network.hpp>
#include <dodona/train/training_settings.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dodona::common {
struct ColumnEncoding;
}

namespace dodona::train {

class ModuleMaker;  // own_module.hpp
struct Dataset;     // the samples of a study

// A network and its training. `module`, if it is set, is trained instead of `network`.
struct TrainingPlan {
  Network network = Network({.channels = 1});
  TrainingSettings settings{};
  std::shared_ptr<const ModuleMaker> module{};
};

// The loss of numbers to predict, in units of their deviation. Huber (1964), Ann. Math. Stat.
// 35:73-101: half the square up to a difference of 1, beyond it the difference less a half.
enum class NumberLoss : std::uint8_t { kSquared = 1, kAbsolute, kHuber };

// The common context of all trainers of a study.
struct TrainerContext {
  std::shared_ptr<const Dataset> data;
  std::vector<NamedMetric> metrics{};
  std::string plugin{};  // its short name, and its version
  std::string version{};
  NumberLoss number_loss = NumberLoss::kSquared;
  // Share of the target that is spread over all classes: Szegedy et al. (2015), arXiv:1512.00567.
  double label_smoothing = 0;
  std::vector<double> class_weights{};  // of each class, in training; empty: all 1
  std::uint64_t epochs = 1;             // length of a schedule
  std::uint64_t patience = 0;           // training ends after so many epochs without gain; 0: never
  std::int64_t parameters_max = 0;      // of trainable parameters of a network; 0: no bound
};

// The device and the threads of a trainer.
struct Resources {
  std::string device = "cpu";  // or "cuda", "cuda:1"
  std::uint32_t threads = 1;   // at most; a small network trains on fewer, where that is faster
  // True: each batch is loaded and augmented on one more thread, while the network learns from the
  // one before; it holds a second batch in memory. The bits are the same.
  bool load_beside = false;
};

// Returns if LibTorch can compute on the device.
//
// Errors: Error{DODONA_E_INVALID} with the name of the option if it cannot.
void check_device(const std::string& device);

// Returns if a training can have these settings.
//
// Errors: Error{DODONA_E_INVALID} with the hyperparameter and the bound if it cannot.
void check_settings(const TrainingSettings& settings);

// Loss and metrics of the training part by name, and those of the validation part with val_ before
// the name. The training part is measured during training, with dropout and changing weights, as
// Keras does. A loss is the mean cross entropy of classes, or what NumberLoss says. Weights of classes
// count in the training part alone, where the mean is one by weights.
using EpochMetrics = std::vector<std::pair<std::string, double>>;

// A network in training: its weights, its optimizer, its epochs.
class Trainer {
 public:
  using Values = std::vector<std::pair<std::string, Value>>;

  // The network takes samples of the data, cropped by the settings. It has an output for each
  // class, or one number. `values` are told beside the saved weights.
  //
  // Errors: Error{DODONA_E_INVALID} for a network of more than parameters_max, and for settings that
  //         no training has: a retry would make the same ones.
  Trainer(std::shared_ptr<const TrainerContext> context, const TrainingPlan& plan,
          const Resources& resources, std::uint64_t seed, Values values = {});
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // The count of numbers that training changes, and the size of all numbers of the network in units
  // of 10^6 bytes, 4 bytes each: what a model that is put to use needs at least.
  std::int64_t parameters() const { return parameters_; }
  double megabytes() const { return megabytes_; }

  std::uint64_t epochs_done() const;
  bool out_of_patience() const;

  // Trains one more epoch and validates. `stop` is called before each batch. Once it returns true,
  // the result is nothing, and the trainer may only be destroyed, as it stands within an epoch.
  std::optional<EpochMetrics> run_epoch(const std::function<bool()>& stop);

  // The way from the columns of a table to inputs: that of the data, or of a model that was loaded.
  const std::vector<common::ColumnEncoding>& encoding() const;
  // The layers of the network, for people.
  std::vector<dodona::Layer> summary() const;
  // Loss and metrics of the validation part of some samples, under the names of an epoch. Of the
  // trainer's own data they are what run_epoch() gave, bit for bit. Nothing once `stop` is true.
  std::optional<EpochMetrics> evaluate(const Dataset& samples, const std::function<bool()>& stop);
  // Of the last evaluate() of classes.
  const Confusion& confusion() const;
  // Calls `each` with the probabilities of the classes, or with the number, of each sample of the
  // validation part. False once `stop` is true.
  using EachRow = std::function<void(std::span<const float> row)>;
  bool predict(const Dataset& samples, const std::function<bool()>& stop, const EachRow& each);

  // Writes three files: weights.pt has weights and moving averages, as torch.load of Python reads
  // them, model.json describes the network (model_card.hpp), and training.pt has the optimizer's
  // state, the generator, the number of epochs, their last metrics and the patience.
  void save(const std::string& directory) const;
  // Reads these files, or the one file of version 0.1, which has the plugin's name. They come from
  // a trainer of the same network, settings and shape of data. The scaling of the inputs is the one
  // that the saved network had, if it was saved.
  void load(const std::string& directory);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::int64_t parameters_ = 0;
  double megabytes_ = 0;
};

}  // namespace dodona::train
