// SPDX-License-Identifier: Apache-2.0
#include "common/data/class_weights.hpp"
#include "common/train/blas.hpp"
#include "common/train/dataset.hpp"
#include "common/train/samples.hpp"

#include <dodona/train/hypermodel.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace dodona::train {
namespace {

AugmentOptions augment_options(const Options& options) {
  using Mode = AugmentOptions::Mode;
  AugmentOptions out;
  const auto mode = options.get<std::string>("augment");
  if (mode != "none") out.mode = mode == "all" ? Mode::kAll : Mode::kRandom;
  out.layers = options.get<std::int64_t>("augment_layers");
  out.rotate = options.get<double>("augment_rotate");
  out.translate_x = options.get<double>("augment_translate_x");
  out.translate_y = options.get<double>("augment_translate_y");
  out.contrast = options.get<double>("augment_contrast");
  return out;
}

std::vector<NamedMetric> chosen_metrics(const Options& options, bool classes) {
  std::vector<NamedMetric> out;
  const std::uint64_t count = options.size("metrics");
  for (std::uint64_t i = 0; i < count; ++i)
    out.push_back(
        metric_named(options.get<std::string>("metrics[" + std::to_string(i) + "]"), classes));
  if (out.empty())
    out.push_back(metric_named(classes ? "accuracy" : "mean_absolute_error", classes));
  return out;
}

NumberLoss number_loss(const std::string& name, bool classes) {
  if (classes && name != "auto")
    throw Error(DODONA_E_INVALID, "option \"loss\": \"" + name +
                                      "\" is a loss of numbers; classes have the cross entropy, "
                                      "for which the option is auto");
  if (name == "mean_absolute_error") return NumberLoss::kAbsolute;
  return name == "huber" ? NumberLoss::kHuber : NumberLoss::kSquared;
}

double label_smoothing(double share, bool classes) {
  if (!classes && share > 0)
    throw Error(DODONA_E_INVALID,
                "option \"label_smoothing\": numbers have no classes to spread a target over; it "
                "must be 0");
  return share;
}

DataOptions data_options(const Options& options, const Traits& traits) {
  DataOptions data{.data = options.get<std::string>("data"),
                   .split = {.validation_split = options.get<double>("validation_split"),
                             .train_samples = options.get<std::int64_t>("train_samples"),
                             .stratify = options.get<bool>("stratify")}};
  if (!traits.images) {
    data.label = options.get<std::string>("label");
    data.ignore = common::read_names(options, "ignore");
    data.categories = common::read_names(options, "categories");
    data.group = options.get<std::string>("group");
    data.classes = options.get<std::string>("task") == "classification";
  }
  return data;
}

std::vector<double> class_weights(const common::ClassWeights& weights, const Dataset& data) {
  if (!weights.any()) return {};
  std::vector<std::uint64_t> counts(data.class_names.size());
  for (const std::int64_t sample : data.training) {
    if (!data.labels.empty())
      ++counts[static_cast<std::size_t>(data.labels[static_cast<std::size_t>(sample)])];
  }
  return common::weights_of(weights, data.class_names, counts);
}

// A table with a row for each class, and one with the predictions for the samples of each class.
void tell_confusion(const Confusion& confusion, const std::vector<std::string>& names,
                    Evaluation& out) {
  Rows figures = out.table("classes");
  figures.columns({"class", "samples", "precision", "recall", "f1"});
  for (std::size_t k = 0; k < confusion.classes(); ++k)
    figures.row({names[k], static_cast<std::int64_t>(confusion.samples_of(k)),
                 confusion.precision(k), confusion.recall(k), confusion.f1(k)});
  Rows counts = out.table("confusion");
  std::vector<std::string> columns{"class"};
  for (const std::string& name : names) columns.push_back("as " + name);
  counts.columns(columns);
  for (std::size_t wanted = 0; wanted < confusion.classes(); ++wanted) {
    std::vector<std::optional<Value>> cells{names[wanted]};
    for (std::size_t predicted = 0; predicted < confusion.classes(); ++predicted)
      cells.emplace_back(static_cast<std::int64_t>(confusion.count(wanted, predicted)));
    counts.row(cells);
  }
}

}  // namespace

struct NetworkModel::Data {
  DataOptions options;
  common::ClassWeights class_weights;
};

NetworkModel::NetworkModel(const StudyContext& context, const Traits& traits)
    : data_(std::make_unique<const Data>(Data{data_options(context.options, traits),
                                              common::read_class_weights(context.options.json())})),
      images_(traits.images),
      shared_(std::make_shared<TrainerContext>()) {
  const Options& options = context.options;
  device_ = options.get<std::string>("device");
  check_device(device_);
  auto data = std::make_shared<const Dataset>(load_dataset(data_->options, images_));
  shared_->metrics = chosen_metrics(options, data->classes > 0);
  shared_->metrics.insert(shared_->metrics.end(), traits.metrics.begin(), traits.metrics.end());
  const bool classes = data->classes > 0;
  shared_->label_smoothing = label_smoothing(options.get<double>("label_smoothing"), classes);
  if (!traits.images) shared_->number_loss = number_loss(options.get<std::string>("loss"), classes);
  shared_->class_weights = class_weights(data_->class_weights, *data);
  shared_->plugin = traits.name;
  shared_->version = kNetworksVersion;
  shared_->epochs = static_cast<std::uint64_t>(options.get<std::int64_t>("epochs"));
  shared_->patience = static_cast<std::uint64_t>(options.get<std::int64_t>("patience"));
  shared_->parameters_max = options.get<std::int64_t>("max_model_parameters");
  problem_.shape = data->shape;
  problem_.outputs = std::max<std::int64_t>(data->classes, 1);
  if (traits.images) problem_.augment = augment_options(options);
  if (traits.widths) problem_.width = options.get<double>("width");
  shared_->data = std::move(data);

  const Blas blas = find_blas();
  const std::string name = traits.name;
  context.host.log(DODONA_INFO, name + ": matrix products by " + blas.text);
  if (!blas.fast)
    context.host.log(DODONA_WARN,
                     name +
                         ": this does not look like OpenBLAS, training may be ten times slower; "
                         "install libopenblas0-openmp");
}

NetworkModel::~NetworkModel() = default;

std::shared_ptr<const TrainerContext> NetworkModel::whole() {
  const std::lock_guard lock(mutex_);
  if (!whole_) {
    DataOptions all = data_->options;
    all.split = {.validation_split = 0};
    auto context = std::make_shared<TrainerContext>(*shared_);
    // With the encoding of the search, so that the network has the same inputs.
    auto data =
        std::make_shared<const Dataset>(load_dataset(all, images_, &shared_->data->encoding));
    context->class_weights = class_weights(data_->class_weights, *data);
    context->data = std::move(data);
    whole_ = std::move(context);
  }
  return whole_;
}

void NetworkModel::declare(HyperParameters& hp) {
  check_settings(plan(hp, problem_).settings);
}

std::vector<ReportedMetric> NetworkModel::metrics() const {
  std::vector<ReportedMetric> told;
  for (const std::string prefix : {"", "val_"}) {
    if (!prefix.empty() && shared_->data->validation.empty()) continue;
    told.push_back({prefix + "loss", Better::kLess});
    for (const NamedMetric& metric : shared_->metrics) {
      told.push_back({prefix + metric.name, metric.more ? Better::kMore : Better::kLess});
    }
  }
  told.push_back({"parameters", Better::kLess});
  told.push_back({"model_mb", Better::kLess});
  return told;
}

NetworkModel::Model NetworkModel::build(HyperParameters& hp, Trial& trial) {
  const TrainingPlan made = plan(hp, problem_);
  // A trial of one thread has no other to load beside it.
  Resources resources{device_, trial.threads(), trial.threads() > 1};
  constexpr std::string_view family = "cuda";
  if (device_ == family) {
    for (const std::string_view slot : trial.devices()) {
      if (slot.starts_with(family)) resources.device = slot;
    }
  }
  Trainer::Values values;
  hp.each([&](std::string_view name, const std::optional<Value>& value) {
    if (value) values.emplace_back(name, *value);
  });
  return Trainer(trial.all_data() ? whole() : shared_, made, resources, trial.seed(),
                 std::move(values));
}

// A budget is the step at which to end, not a number of steps: a model that went on from a
// checkpoint has done some already. One whose patience ended before its budget has nothing more to
// do however often it is promoted, and reports nothing: the kernel keeps its parent's score.
void NetworkModel::fit(Model& model, Trial& trial) {
  const bool done = model.epochs_done() > 0 && model.out_of_patience() &&
                    model.epochs_done() < trial.start_step();
  if (done) return;
  if (model.epochs_done() != trial.start_step())
    throw Error(DODONA_E_STATE, "the trial goes on from epoch " +
                                    std::to_string(trial.start_step()) + ", its model has done " +
                                    std::to_string(model.epochs_done()));
  const std::uint64_t last = trial.budget() != 0 ? trial.budget() : shared_->epochs;
  const auto stop = [&trial] { return trial.cancelled(); };
  while (model.epochs_done() < last && !model.out_of_patience()) {
    const auto metrics = model.run_epoch(stop);
    if (!metrics) throw Cancelled();
    std::vector<dodona::Metric> reported;
    for (const auto& [name, value] : *metrics) reported.push_back({name, value});
    reported.push_back({"parameters", static_cast<double>(model.parameters())});
    reported.push_back({"model_mb", model.megabytes()});
    trial.report(model.epochs_done(), reported);
  }
}

void NetworkModel::evaluate_on(Model& model, Trial& trial, std::string_view data,
                               Evaluation& out) const {
  const auto stop = [&trial] { return trial.cancelled(); };
  const Dataset& known = *shared_->data;
  if (data.empty() && known.validation.empty())
    throw Error(DODONA_E_INVALID,
                "validation_split is 0, so no data were held out to evaluate on; name some");
  const auto metrics =
      data.empty()
          ? model.evaluate(known, stop)
          : model.evaluate(
                read_samples(known, model.encoding(), std::string(data), Targets::kRead).data,
                stop);
  if (!metrics) throw Cancelled();
  for (const auto& [name, value] : *metrics) out.metric(name, value);
  if (known.classes > 0) tell_confusion(model.confusion(), known.class_names, out);
}

void NetworkModel::predict(Model& model, Trial& trial, std::string_view input, Rows& out) const {
  const Samples samples =
      read_samples(*shared_->data, model.encoding(), std::string(input), Targets::kIgnored);
  const bool classes = samples.data.classes > 0;
  const std::vector<std::string>& names = samples.data.class_names;
  std::vector<std::string> columns;
  if (!samples.files.empty()) columns.emplace_back("file");
  columns.emplace_back(classes ? "class" : "value");
  if (classes) {
    for (const std::string& name : names) columns.push_back("p_" + name);
  }
  out.columns(columns);
  std::size_t sample = 0;
  std::vector<std::optional<Value>> cells;
  const auto each = [&](std::span<const float> row) {
    cells.clear();
    if (!samples.files.empty()) cells.emplace_back(samples.files[sample]);
    ++sample;
    if (classes) {
      const auto best = std::max_element(row.begin(), row.end()) - row.begin();
      cells.emplace_back(names[static_cast<std::size_t>(best)]);
    }
    for (const float number : row) cells.emplace_back(double{number});
    out.row(cells);
  };
  if (!model.predict(
          samples.data, [&trial] { return trial.cancelled(); }, each))
    throw Cancelled();
}

Shape cropped(const Shape& shape, std::int64_t side) {
  const std::int64_t most = std::min(shape.rows, shape.columns);
  if (side < 0 || side > most)
    throw Error(DODONA_E_INVALID, "hyperparameter \"crop\": " + std::to_string(side) +
                                      " is not in 0 to " + std::to_string(most) +
                                      ", the smaller side of the images");
  return side == 0 ? shape : Shape{shape.channels, side, side};
}

Shape ask_crop(HyperParameters& hp, const Problem& problem, TrainingSettings& settings) {
  settings.crop = hp.fixed("crop", 0);
  return cropped(problem.shape, settings.crop);
}

TrainingPlan ask_training(HyperParameters& hp, const Problem& problem,
                          std::shared_ptr<const ModuleMaker> module) {
  TrainingPlan plan;
  plan.module = std::move(module);
  TrainingSettings& settings = plan.settings;
  settings.augmentation = ask_augmentation(hp, problem.augment);
  settings.learning_rate = hp.real(
      "learning_rate", {.min = 1e-4, .max = 1e-1, .sampling = Sampling::kLog, .initial = 1e-3});
  settings.optimizer = optimizer_named(hp.fixed("optimizer", "adam"));
  settings.momentum = hp.fixed("momentum", 0.0);
  settings.batch_size = hp.fixed("batch_size", 32);
  ask_constants(hp, settings);
  return plan;
}

}  // namespace dodona::train
