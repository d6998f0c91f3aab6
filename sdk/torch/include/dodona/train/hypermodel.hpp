// SPDX-License-Identifier: Apache-2.0
//
// The common part of the hypermodels of LibTorch: options, data, training, checkpoints. A plugin
// adds its network and its space:
//
//   class Net : public NetworkModel {
//    public:
//     explicit Net(const StudyContext& context) : NetworkModel(context, {.name = "net"}) {}
//    private:
//     TrainingPlan plan(HyperParameters& hp, const Problem& problem) const override;
//   };
//   DODONA_PLUGIN(table_network_plugin<Net>({.id = ..., .name = "net", .description = ...}))
//
// The network is described (network.hpp), or a torch::nn::Module of one's own (own_module.hpp).
//
// A step is an epoch. It reports the size of the network (`parameters`, trainable ones, and
// `model_mb`, 10^6 bytes), loss and the metrics of the training part, and those of the
// validation part with val_ before the name.
#pragma once

#include <dodona/data/table_options.hpp>
#include <dodona/plugin.hpp>
#include <dodona/train/trainer.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::train {

// Of all these plugins.
inline constexpr const char* kNetworksVersion = "0.1.0";

// The problem that a network solves.
struct Problem {
  Shape shape;               // of a sample
  std::int64_t outputs = 1;  // number of classes; 1 for a number to predict
  AugmentOptions augment{};
  double width = 1;  // factor for the filters of the standard network
};

// A plugin beside the common options.
struct Traits {
  const char* name;     // of the plugin
  bool images = false;  // true: images alone, with the options of augmentation
  bool widths = false;  // true: with the option width
  // Metrics of one's own. They are reported beside those that the option `metrics` names.
  std::vector<NamedMetric> metrics{};
};

// The base of a hypermodel of LibTorch. It asks, trains, saves and tells as hypermodel.hpp of the SDK
// describes it; a plugin adds plan(), and nothing else.
//
// Threads: as every hypermodel. plan() is called from several threads at once.
class NetworkModel {
 public:
  using Model = Trainer;

  virtual ~NetworkModel();
  NetworkModel(const NetworkModel&) = delete;
  NetworkModel& operator=(const NetworkModel&) = delete;

  // Throws Error{DODONA_E_INVALID} for a value that no network or training can have.
  void declare(HyperParameters& hp);
  // The metrics that a trial reports, as the data and the option `metrics` make them.
  std::vector<ReportedMetric> metrics() const;
  // Throws Error{DODONA_E_INVALID} for a network of more than max_model_parameters: a retry would
  // make the same one.
  Model build(HyperParameters& hp, Trial& trial);
  void fit(Model& model, Trial& trial);
  void save(const Model& model, std::string_view directory) { model.save(std::string(directory)); }
  void load(Model& model, std::string_view directory) { model.load(std::string(directory)); }
  std::vector<dodona::Layer> summary(Model& model) const { return model.summary(); }
  // On the validation part, or on what samples.hpp reads.
  void evaluate_on(Model& model, Trial& trial, std::string_view data, Evaluation& out) const;
  void predict(Model& model, Trial& trial, std::string_view input, Rows& out) const;

 protected:
  // Reads the data, so that a wrong directory is known before the first trial.
  NetworkModel(const StudyContext& context, const Traits& traits);

 private:
  // Asks for all hyperparameters. The questions define the space.
  virtual TrainingPlan plan(HyperParameters& hp, const Problem& problem) const = 0;

  // The context of trials that train on all the data, made for the first of them.
  std::shared_ptr<const TrainerContext> whole();

  struct Data;
  std::unique_ptr<const Data> data_;
  bool images_;
  std::shared_ptr<TrainerContext> shared_;
  std::mutex mutex_;  // guards whole_
  std::shared_ptr<const TrainerContext> whole_;
  Problem problem_;
  std::string device_;
};

// Asks for the side of the crop as a constant; 0: none. Returns the shape after the crop.
//
// Errors: Error{DODONA_E_INVALID} if the image is smaller.
Shape ask_crop(HyperParameters& hp, const Problem& problem, TrainingSettings& settings);
// The shape after a crop.
Shape cropped(const Shape& shape, std::int64_t side);

// A plan that trains a module of one's own. Asks for the augmentation that the options have on and
// for learning_rate, and as constants for optimizer, momentum, batch_size and those of
// ask_constants().
TrainingPlan ask_training(HyperParameters& hp, const Problem& problem,
                          std::shared_ptr<const ModuleMaker> module);

// The descriptor of a hypermodel: the common options, then its own. A plugin takes one of the two
// functions below.
template <class T, class... Option>
auto network_plugin(About about, const Option&... more) {
  about.version = kNetworksVersion;
  return hypermodel<T>(
      about,
      option("data", "/usr/share/datasets/fashion-mnist",
             "a directory of train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz, or "
             "of data_batch_1.bin to data_batch_5.bin of CIFAR-10; or a CSV file, where the model "
             "takes tables. The default is where Debian's dataset-fashion-mnist puts its files"),
      option("validation_split", 0.1,
             "part of the samples that is held out to validate; more makes val_accuracy less noisy "
             "and leaves less to learn from, and with 0 all samples are trained on and no metric "
             "starts with val_",
             {.low = 0, .high = 0.9}),
      option("epochs", 5,
             "passes over the training part where neither max_steps nor the oracle says how many; "
             "the cost of a trial is proportional. Also the length of the schedules cosine and "
             "one_cycle: where an oracle says how many, give the most that it lets a trial train",
             {.low = 1}),
      option("train_samples", 0,
             "train on so many samples, the same ones in each trial, and 0 on all; fewer make a "
             "quick look at the cost of accuracy",
             {.low = 0}),
      option("stratify", false,
             "of classes: each part has its share of every class, which helps where a class has "
             "few samples"),
      common::balance_classes_option(), common::class_weights_option(),
      json_option("metrics", DODONA_LIST, "[]",
                  "what is reported beside the loss: accuracy, top_K_accuracy (top_5_accuracy), "
                  "precision, recall, f1, auc and log_loss of classes, mean_absolute_error, "
                  "mean_squared_error, mean_absolute_percentage_error and r2 of numbers; none "
                  "named: accuracy or mean_absolute_error"),
      option("label_smoothing", 0.0,
             "of classes: the share of each target that is spread over all classes, in loss and "
             "val_loss; more makes probabilities milder and often helps where labels are wrong",
             {.low = 0, .high = 0.9}),
      option("patience", 0,
             "end a trial once val_loss has not been better for so many epochs, and 0 never; saves "
             "time where models overfit",
             {.low = 0}),
      option("max_model_parameters", 0,
             "a network with more trainable parameters fails at once, before it takes memory; 0 is "
             "no bound",
             {.low = 0}),
      option("device", "cpu",
             "where to compute: cpu, or where LibTorch has CUDA cuda:1 or cuda, which is the slot "
             "of that name that a trial holds where the study file has `devices`, else the first"),
      more...);
}

// The same for models of tables, which take images as well.
template <class T, class... Option>
auto table_network_plugin(const About& about, const Option&... more) {
  return network_plugin<T>(
      about, option("label", "", "of a CSV file: the column that is to be predicted"),
      option("task", "classification",
             "of a CSV file: whether the label column holds classes, or with regression numbers",
             {.choices = choices("classification", "regression")}),
      common::ignore_option(), common::categories_option(), common::group_option(),
      option("loss", "auto",
             "of numbers to predict, in units of their deviation: auto is mean_squared_error, and "
             "mean_absolute_error and huber heed outliers less",
             {.choices = choices("auto", "mean_squared_error", "mean_absolute_error", "huber")}),
      more...);
}

// The same for models of images, with the options of augmentation.
template <class T, class... Option>
auto image_network_plugin(const About& about, const Option&... more) {
  const Bounds part{.low = 0, .high = 1};
  return network_plugin<T>(
      about,
      option("augment", "none",
             "random changes of the images that are trained on: random draws augment_layers of "
             "them for each image, all applies every one, and how strong they are is tuned; helps "
             "where images are few, and costs time",
             {.choices = choices("none", "random", "all")}),
      option("augment_layers", 3, "of random: the most layers, the number of which is tuned",
             {.low = 1, .high = 16}),
      option("augment_rotate", 0.5, "the most that is tried, in full turns either way; 0: off",
             part),
      option("augment_translate_x", 0.4, "the most that is tried, in widths; 0: off", part),
      option("augment_translate_y", 0.4, "the most that is tried, in heights; 0: off", part),
      option("augment_contrast", 0.3, "the most that is tried, as a part of the contrast; 0: off",
             part),
      more...);
}

}  // namespace dodona::train
