// SPDX-License-Identifier: Apache-2.0
#include "common/train/ahead.hpp"
#include "common/train/blas.hpp"
#include "common/train/dataset.hpp"
#include "common/train/model_card.hpp"
#include "common/train/module.hpp"
#include "common/train/named_tensors.hpp"

#include <dodona/error.hpp>
#include <dodona/train/trainer.hpp>

#include <torch/optim.h>
#include <torch/serialize.h>

#include <ATen/Parallel.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace dodona::train {
namespace {

// Large enough for speed; 3 MB of floats for images of 28 x 28.
constexpr std::int64_t kValidationBatch = 1000;
// A batch of larger samples is made smaller: so many numbers that enter the network at once.
constexpr std::int64_t kValidationNumbers = std::int64_t{1} << 20;

constexpr const char* kCard = "model.json";
constexpr const char* kWeights = "weights.pt";
constexpr const char* kTraining = "training.pt";

// The first steps of adam are ten times as long, and must fit a float.
constexpr double kRateMax = 1e37;
// Of a decay, and of a bound of gradients.
constexpr double kNumberMax = 1e6;

// All but the hyperparameters stays at LibTorch's defaults, but for the decay of adamw, which is 0.01
// there.
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const TrainingSettings& settings,
                                                        const std::vector<at::Tensor>& weights) {
  namespace optim = torch::optim;
  const double rate = settings.learning_rate;
  const double decay = settings.weight_decay;
  switch (settings.optimizer) {
    case Optimizer::kSgd:
      return std::make_unique<optim::SGD>(
          weights, optim::SGDOptions(rate).momentum(settings.momentum).weight_decay(decay));
    case Optimizer::kRmsprop:
      return std::make_unique<optim::RMSprop>(weights,
                                              optim::RMSpropOptions(rate).weight_decay(decay));
    case Optimizer::kAdamw:
      return std::make_unique<optim::AdamW>(weights, optim::AdamWOptions(rate).weight_decay(decay));
    case Optimizer::kAdam:
      break;
  }
  return std::make_unique<optim::Adam>(weights, optim::AdamOptions(rate).weight_decay(decay));
}

// Does as PyTorch's clip_grad_norm_ and clip_grad_value_ do.
void clip_gradients(const std::vector<at::Tensor>& weights, const TrainingSettings& settings) {
  constexpr double tiny = 1e-6;  // as there
  if (settings.clip_norm == 0 && settings.clip_value == 0) return;
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> gradients;
  std::vector<at::Tensor> norms;
  for (const at::Tensor& weight : weights) {
    if (!weight.grad().defined()) continue;
    gradients.push_back(weight.grad());
    norms.push_back(weight.grad().norm());
  }
  if (settings.clip_norm > 0 && !norms.empty()) {
    const at::Tensor norm = at::stack(norms).norm();
    const at::Tensor share = (settings.clip_norm / (norm + tiny)).clamp_max(1);
    for (at::Tensor& gradient : gradients) gradient.mul_(share);
  }
  if (settings.clip_value == 0) return;
  for (at::Tensor& gradient : gradients) gradient.clamp_(-settings.clip_value, settings.clip_value);
}

// A view of numbers that somebody else keeps alive and nobody writes.
template <class Number>
at::Tensor view_of(const std::vector<Number>& numbers, at::IntArrayRef sizes) {
  return at::from_blob(const_cast<Number*>(numbers.data()), sizes,
                       at::TensorOptions(c10::CppTypeToScalarType<Number>()));
}

template <class Number>
at::Tensor view_of(const std::vector<Number>& numbers) {
  return view_of(numbers, {static_cast<std::int64_t>(numbers.size())});
}

std::string text_of(double number) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

// Runs `body` and leaves out the backtrace that LibTorch appends to its messages.
template <class Body>
auto in_torch(Body&& body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    throw Error(DODONA_E_FAILED, error.what_without_backtrace());
  }
}

at::Device device_named(const std::string& name) {
  try {
    const at::Device device(name);
    if (device.is_cpu() || (device.is_cuda() && at::hasCUDA())) return device;
  } catch (const c10::Error&) {  // told below
  }
  throw Error(DODONA_E_INVALID, "option \"device\": \"" + name +
                                    "\" is no device of this LibTorch; " +
                                    (at::hasCUDA() ? "those are cpu, cuda and cuda:0 onward"
                                                   : "that is cpu alone, it has no CUDA"));
}

// The measures over a part of the data.
class Measures {
 public:
  Measures(const TrainerContext& context, const Scaling& scaling, const std::string& prefix)
      : classes_(context.data->classes > 0), scaling_(scaling) {
    names_.push_back(prefix + "loss");
    for (const NamedMetric& metric : context.metrics) {
      names_.push_back(prefix + metric.name);
      metrics_.push_back(metric.make());
    }
  }

  void reset() {
    loss_ = 0;
    samples_ = 0;
    for (const auto& metric : metrics_) metric->reset();
  }

  // The outputs of numbers are in units of their deviation.
  void add(double mean_loss, const at::Tensor& outputs, const at::Tensor& targets) {
    loss_ += mean_loss * static_cast<double>(targets.size(0));
    samples_ += targets.size(0);
    if (metrics_.empty()) return;
    at::Tensor there = outputs;
    at::Tensor right = targets;
    if (!classes_) {
      there = outputs * scaling_.number_stddev + scaling_.number_mean;
      right = targets * scaling_.number_stddev + scaling_.number_mean;
    }
    there = there.cpu().contiguous();
    right = right.cpu().contiguous();
    Scored scored{{there.data_ptr<float>(), static_cast<std::size_t>(there.numel())}, 1};
    const auto count = static_cast<std::size_t>(right.numel());
    if (classes_) {
      scored.width = static_cast<std::size_t>(there.size(1));
      scored.classes = {right.data_ptr<std::int64_t>(), count};
    } else {
      scored.numbers = {right.data_ptr<float>(), count};
    }
    for (const auto& metric : metrics_) metric->add(scored);
    if (confusion_ != nullptr) confusion_->add(scored);
  }
  // Counts, from now on, the predictions of classes into it.
  void count_into(Confusion* confusion) { confusion_ = confusion; }

  double loss() const { return loss_ / static_cast<double>(samples_); }

  void append(EpochMetrics& out) const {
    out.emplace_back(names_[0], loss());
    for (std::size_t i = 0; i < metrics_.size(); ++i)
      out.emplace_back(names_[i + 1], metrics_[i]->value());
  }

 private:
  bool classes_;
  const Scaling& scaling_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<RunningMetric>> metrics_;
  Confusion* confusion_ = nullptr;
  double loss_ = 0;
  std::int64_t samples_ = 0;
};

// The schedule plateau: the share of the learning rate, and the epochs since the best loss or the
// last cut.
struct Plateau {
  void wait(double loss, const TrainingSettings& settings) {
    const bool better = loss < best;
    if (better) best = loss;
    waited = better ? 0 : waited + 1;
    if (waited < static_cast<std::uint64_t>(settings.plateau_epochs)) return;
    factor *= settings.plateau_factor;
    waited = 0;
  }

  double factor = 1;
  std::uint64_t waited = 0;
  double best = std::numeric_limits<double>::infinity();
};

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw Error(DODONA_E_IO, "checkpoint \"" + path.string() + "\" cannot be written");
}

// Calls `use` with the bytes of a file. An error of `use` names the file.
template <class Use>
void read_file(const std::filesystem::path& path, Use&& use) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(DODONA_E_IO, "checkpoint \"" + path.string() + "\" cannot be opened");
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  try {
    in_torch([&] { use(bytes); });
  } catch (const std::exception& error) {
    throw Error(DODONA_E_INVALID, "checkpoint \"" + path.string() +
                                      "\" is damaged or of another model: " + error.what());
  }
}

[[noreturn]] void refuse_setting(const char* name, const std::string& problem) {
  throw Error(DODONA_E_INVALID, std::string("hyperparameter \"") + name + "\": " + problem);
}

}  // namespace

void check_device(const std::string& device) {
  static_cast<void>(device_named(device));
}

void check_settings(const TrainingSettings& settings) {
  if (settings.batch_size < 1)
    refuse_setting("batch_size", std::to_string(settings.batch_size) + " is below 1");
  if (!(settings.learning_rate <= kRateMax))
    refuse_setting("learning_rate", text_of(settings.learning_rate) + " is above " +
                                        text_of(kRateMax) +
                                        ", beyond which steps overflow a float");
  const std::pair<const char*, double> numbers[] = {
      {"learning_rate", settings.learning_rate},
      {"momentum", settings.momentum},
      {"warmup_epochs", static_cast<double>(settings.warmup_epochs)},
      {"weight_decay", settings.weight_decay},
      {"clip_norm", settings.clip_norm},
      {"clip_value", settings.clip_value}};
  for (const auto& [name, value] : numbers) {
    if (!(value >= 0)) refuse_setting(name, text_of(value) + " is below 0");
  }
  for (const auto& [name, value] : {numbers[3], numbers[4], numbers[5]}) {
    if (!(value <= kNumberMax))
      refuse_setting(name, text_of(value) + " is above " + text_of(kNumberMax));
  }
  if (!(settings.weight_decay * settings.learning_rate <= kRateMax))
    refuse_setting("weight_decay", text_of(settings.weight_decay) + " times the learning rate " +
                                       text_of(settings.learning_rate) + " is above " +
                                       text_of(kRateMax) + ", beyond which steps overflow a float");
  if (settings.plateau_epochs < 1)
    refuse_setting("plateau_epochs", std::to_string(settings.plateau_epochs) + " is below 1");
  if (!(settings.plateau_factor > 0 && settings.plateau_factor < 1))
    refuse_setting("plateau_factor",
                   text_of(settings.plateau_factor) + " is not between 0 and 1, both excluded");
}

// Samples as tensors, which view the numbers of a data set that outlives them.
struct Source {
  explicit Source(const Dataset& from) : data(from) {
    const Shape& shape = data.shape;
    if (data.images) {
      inputs =
          view_of(data.images->pixels, {data.count, shape.channels, shape.rows, shape.columns});
    } else {
      inputs = features_of_table(data.features);
    }
    targets = data.classes > 0 ? view_of(data.labels) : view_of(data.numbers);
  }

  // Takes other inputs of the same samples of a table, which outlive it as well.
  void use(const std::vector<float>& features) { inputs = features_of_table(features); }

  at::Tensor features_of_table(const std::vector<float>& features) const {
    return view_of(features, {data.count, data.shape.channels});
  }

  const Dataset& data;
  at::Tensor inputs;   // [count][...], bytes of images or floats of tables
  at::Tensor targets;  // [count], or none
};

// Samples as a network takes them. `end` is the place after them in the order of the epoch.
struct Batch {
  at::Tensor inputs;
  at::Tensor wanted;
  std::int64_t end = 0;
};

// Multiplications in the forward pass of a batch from which on another thread is worth its waiting.
// On two cores 85 million took 1.4 times as long with two threads, and far longer under load; 354
// million, .6 times as long.
constexpr double kProductsOfThread = 1e8;

// Threads that the training gains from, of those it may use: bits depend on the network alone.
// A network of one's own has them all, as nobody knows its products.
int useful_threads(const TrainingPlan& plan, std::uint32_t allowed) {
  const double most = std::max(1u, allowed);
  if (plan.module) return static_cast<int>(most);
  const double products =
      static_cast<double>(plan.network.products()) * static_cast<double>(plan.settings.batch_size);
  return static_cast<int>(std::clamp(products / kProductsOfThread, 1.0, most));
}

struct Trainer::Impl {
  Impl(std::shared_ptr<const TrainerContext> shared, const TrainingPlan& plan,
       const Resources& resources, std::uint64_t seed, Values values)
      : context(std::move(shared)),
        data(*context->data),
        own(data),
        settings(plan.settings),
        scaling(scaling_of(data, settings)),
        encoding(data.encoding),
        origin{context->plugin, context->version, std::move(values)},
        threads(useful_threads(plan, resources.threads)),
        device(device_named(resources.device)),
        generator(at::detail::createCPUGenerator(seed)),
        trained(*context, scaling, ""),
        validated(*context, scaling, "val_") {
    check_settings(settings);
    use_threads();
    make_module(plan);
    optimizer = make_optimizer(settings, module->weights());
    if (!context->class_weights.empty())
      class_weights = view_of(context->class_weights).to(at::kFloat).to(device);
    scale();
    // A thread beside the ones that the trial has: it needs no team of its own.
    if (resources.load_beside) loader.emplace([] { at::set_num_threads(1); });
  }

  // A network of one's own may normalise batches: nobody knows.
  void make_module(const TrainingPlan& plan) {
    if (plan.module) {
      lone_sample = true;
      const std::int64_t outputs = std::max<std::int64_t>(data.classes, 1);
      module = own_module(*plan.module, outputs, generator, device);
      std::int64_t trainable = 0;
      for (const at::Tensor& weight : module->weights()) trainable += weight.numel();
      check_size(trainable);
      return;
    }
    network = plan.network;
    check_size(network->trainable_parameters());
    for (const Layer& layer : network->layers()) lone_sample |= layer.op == Op::kBatchNorm;
    module = std::make_unique<NetworkModule>(*network, generator, device);
  }

  void check_size(std::int64_t trainable) const {
    if (context->parameters_max > 0 && trainable > context->parameters_max)
      throw Error(DODONA_E_INVALID, "the network has " + std::to_string(trainable) +
                                        " trainable parameters, above max_model_parameters " +
                                        std::to_string(context->parameters_max));
  }

  // Makes tensors of the scaling.
  void scale() {
    subtract = per_channel(scaling.subtract);
    divide = per_channel(scaling.divide);
  }

  // Both numbers may have been changed, and LibTorch's belongs to the calling thread.
  void use_threads() const {
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
    set_blas_threads(threads);
  }

  at::Tensor per_channel(const std::vector<double>& numbers) const {
    const at::Tensor all = view_of(numbers).to(at::kFloat);
    return data.images ? all.view({-1, 1, 1}) : all;
  }

  // Bytes become floats batch by batch: that takes no longer than collecting the rows from a copy
  // of all images as floats, which would need four times the memory.
  at::Tensor inputs_at(const Source& source, const at::Tensor& indices, Mode mode) {
    at::Tensor x = source.inputs.index_select(0, indices);
    if (settings.crop > 0) x = cropped(x, mode);
    if (data.images) x = x.to(at::kFloat);
    x = x.sub_(subtract).div_(divide).to(device);
    return mode == Mode::kTraining ? augmented(std::move(x), settings.augmentation, generator) : x;
  }

  // A square of each image: anywhere while training, else its middle.
  at::Tensor cropped(const at::Tensor& images, Mode mode) {
    const std::int64_t side = settings.crop;
    const std::int64_t top = images.size(2) - side;
    const std::int64_t left = images.size(3) - side;
    if (mode == Mode::kEvaluation) return images.narrow(2, top / 2, side).narrow(3, left / 2, side);
    const std::int64_t count = images.size(0);
    const auto spots = [&](std::int64_t most) {
      const at::Tensor first = at::empty({count, 1}, at::kLong).random_(0, most + 1, generator);
      return first + at::arange(side, at::kLong);  // [batch][side]
    };
    const at::Tensor rows = spots(top).view({count, 1, side, 1});
    const at::Tensor columns = spots(left).view({count, 1, 1, side});
    const at::Tensor samples = at::arange(count, at::kLong).view({count, 1, 1, 1});
    const at::Tensor channels = at::arange(images.size(1), at::kLong).view({1, -1, 1, 1});
    return at::index(images, {samples, channels, rows, columns});
  }

  at::Tensor targets_at(const Source& source, const at::Tensor& indices) const {
    at::Tensor out = source.targets.index_select(0, indices);
    if (data.classes == 0) out.sub_(scaling.number_mean).div_(scaling.number_stddev);
    return out.to(device);
  }

  // Outputs as the loss and the metrics want them: numbers have no second dimension.
  at::Tensor forward(const at::Tensor& x, Mode mode) {
    const at::Tensor outputs = module->forward(x, mode, generator);
    return data.classes > 0 ? outputs : outputs.squeeze(1);
  }

  at::Tensor loss_of(const at::Tensor& outputs, const at::Tensor& wanted, Mode mode) const {
    if (at::Tensor loss = module->loss(outputs, wanted); loss.defined()) return loss;
    if (data.classes > 0) {
      const bool weighted = mode == Mode::kTraining && class_weights.defined();
      return at::cross_entropy_loss(
          outputs, wanted, weighted ? c10::optional<at::Tensor>(class_weights) : c10::nullopt,
          at::Reduction::Mean, -100, context->label_smoothing);
    }
    switch (context->number_loss) {
      case NumberLoss::kAbsolute:
        return at::l1_loss(outputs, wanted);
      case NumberLoss::kHuber:
        return at::huber_loss(outputs, wanted);
      case NumberLoss::kSquared:
        break;
    }
    return at::mse_loss(outputs, wanted);
  }

  at::Tensor order_of_epoch() {
    const at::Tensor all = view_of(data.training);
    if (!settings.shuffle) return all;
    return all.index_select(
        0, at::randperm(static_cast<std::int64_t>(data.training.size()), generator, at::kLong));
  }

  // Changes the weights by their gradients.
  void step(Progress batch) {
    const double rate = settings.learning_rate * plateau.factor *
                        warmup_factor(batch, settings.warmup_epochs) *
                        rate_factor(settings.schedule, batch, context->epochs);
    for (auto& group : optimizer->param_groups()) group.options().set_lr(rate);
    clip_gradients(module->weights(), settings);
    optimizer->step();
  }

  // The samples of the order from `begin` on, as the network takes them. One sample alone has no
  // variance, so that before a batch normalisation it joins the batch before.
  Batch batch_at(const at::Tensor& order, std::int64_t begin) {
    const std::int64_t count = order.size(0);
    std::int64_t end = std::min(begin + settings.batch_size, count);
    if (lone_sample && count - end == 1) end = count;
    const at::Tensor samples = order.slice(0, begin, end);
    at::Tensor wanted = targets_at(own, samples);
    return {inputs_at(own, samples, Mode::kTraining), std::move(wanted), end};
  }

  // One pass over the training part; the last batch may be smaller. The next batch is loaded beside
  // the way back, once the way forward has drawn what it needs: so the numbers of the generator
  // come in the same order as without a thread for it.
  bool train(const std::function<bool()>& stop) {
    trained.reset();
    const at::Tensor order = order_of_epoch();
    const std::int64_t count = order.size(0);
    if (stop()) return false;
    for (Batch batch = batch_at(order, 0);;) {
      const at::Tensor outputs = forward(batch.inputs, Mode::kTraining);
      const bool last = batch.end == count;
      if (!last && loader)
        loader->start([this, order, end = batch.end] { return batch_at(order, end); });
      const at::Tensor loss = loss_of(outputs, batch.wanted, Mode::kTraining);
      optimizer->zero_grad();
      loss.backward();
      step({epochs, static_cast<double>(batch.end) / static_cast<double>(count)});
      trained.add(loss.item<double>(), outputs.detach(), batch.wanted);
      if (last) return true;
      if (stop()) return false;
      batch = loader ? loader->take() : batch_at(order, batch.end);
    }
  }

  // Calls use(indices, outputs) for each batch of the validation part of a source. Returns false
  // once it was stopped.
  template <class Use>
  bool each_batch(const Source& source, const std::function<bool()>& stop, Use&& use) {
    const at::NoGradGuard no_gradients;
    const std::int64_t size =
        std::clamp<std::int64_t>(kValidationNumbers / data.shape.size(), 1, kValidationBatch);
    for (const at::Tensor& batch : view_of(source.data.validation).split(size)) {
      if (stop()) return false;
      use(batch, forward(inputs_at(source, batch, Mode::kEvaluation), Mode::kEvaluation));
    }
    return true;
  }

  bool validate(const Source& source, const std::function<bool()>& stop) {
    validated.reset();
    return each_batch(source, stop, [&](const at::Tensor& batch, const at::Tensor& outputs) {
      const at::Tensor wanted = targets_at(source, batch);
      validated.add(loss_of(outputs, wanted, Mode::kEvaluation).item<double>(), outputs, wanted);
    });
  }

  std::optional<EpochMetrics> evaluate(const Dataset& samples, const std::function<bool()>& stop) {
    use_threads();
    confusion = Confusion(static_cast<std::size_t>(data.classes));
    validated.count_into(data.classes > 0 ? &confusion : nullptr);
    EpochMetrics out;
    const bool whole = validate(Source(samples), stop);
    validated.count_into(nullptr);
    if (!whole) return std::nullopt;
    validated.append(out);
    return out;
  }

  // Outputs as people want them: probabilities of classes, and numbers in their own units.
  bool predict(const Dataset& samples, const std::function<bool()>& stop, const EachRow& each) {
    use_threads();
    return each_batch(
        Source(samples), stop, [&](const at::Tensor& batch, const at::Tensor& outputs) {
          at::Tensor shown = data.classes > 0
                                 ? outputs.softmax(1)
                                 : outputs * scaling.number_stddev + scaling.number_mean;
          shown = shown.cpu().contiguous();
          const std::int64_t width = data.classes > 0 ? shown.size(1) : 1;
          const float* row = shown.data_ptr<float>();
          for (std::int64_t i = 0; i < batch.size(0); ++i, row += width)
            each({row, static_cast<std::size_t>(width)});
        });
  }

  std::optional<EpochMetrics> run_epoch(const std::function<bool()>& stop) {
    use_threads();
    EpochMetrics out;
    if (!train(stop)) return std::nullopt;
    trained.append(out);
    if (!data.validation.empty()) {
      if (!validate(own, stop)) return std::nullopt;
      validated.append(out);
      wait_for_better(validated.loss());
    }
    if (settings.schedule == Schedule::kPlateau)
      plateau.wait(data.validation.empty() ? trained.loss() : validated.loss(), settings);
    ++epochs;
    metrics = out;
    return out;
  }

  void wait_for_better(double loss) {
    const bool better = loss < best_loss;
    if (better) best_loss = loss;
    waited = better ? 0 : waited + 1;
  }

  // All that an epoch reads and changes beside the weights. LibTorch's archive is a zip of tensors.
  std::string training_bytes() const {
    torch::serialize::OutputArchive archive;
    torch::serialize::OutputArchive moments;
    optimizer->save(moments);
    archive.write("optimizer", moments);
    archive.write("generator", generator.get_state());
    archive.write("epochs", torch::IValue(static_cast<std::int64_t>(epochs)));
    archive.write("waited", torch::IValue(static_cast<std::int64_t>(waited)));
    archive.write("best_loss", torch::IValue(best_loss));
    archive.write("plateau_factor", torch::IValue(plateau.factor));
    archive.write("plateau_waited", torch::IValue(static_cast<std::int64_t>(plateau.waited)));
    archive.write("plateau_best", torch::IValue(plateau.best));
    c10::Dict<std::string, double> last;
    for (const auto& [name, value] : metrics) last.insert(name, value);
    archive.write("metrics", torch::IValue(last));
    std::string bytes;
    archive.save_to([&bytes](const void* piece, std::size_t size) {
      bytes.append(static_cast<const char*>(piece), size);
      return size;
    });
    return bytes;
  }

  void read_training(torch::serialize::InputArchive& archive) {
    torch::serialize::InputArchive moments;
    archive.read("optimizer", moments);
    optimizer->load(moments);
    at::Tensor random;
    archive.read("generator", random);
    generator.set_state(random.cpu());
    torch::IValue number;
    archive.read("epochs", number);
    epochs = static_cast<std::uint64_t>(number.toInt());
    archive.read("waited", number);
    waited = static_cast<std::uint64_t>(number.toInt());
    archive.read("best_loss", number);
    best_loss = number.toDouble();
    if (archive.try_read("plateau_factor", number)) {  // none in models of before
      plateau.factor = number.toDouble();
      archive.read("plateau_waited", number);
      plateau.waited = static_cast<std::uint64_t>(number.toInt());
      archive.read("plateau_best", number);
      plateau.best = number.toDouble();
    }
    metrics.clear();
    torch::IValue last;
    if (!archive.try_read("metrics", last)) return;  // as in version 0.1
    for (const auto& entry : last.toGenericDict())
      metrics.emplace_back(entry.key().toStringRef(), entry.value().toDouble());
  }

  void from_training_bytes(const std::string& bytes) {
    torch::serialize::InputArchive archive;
    archive.load_from(bytes.data(), bytes.size(), device);
    read_training(archive);
  }

  void from_card(const std::string& json) {
    Scaling read = read_scaling(json);
    const auto same = [&](const std::vector<double>& numbers) {
      TORCH_CHECK(numbers.size() == data.means.size(), "it scales ", numbers.size(),
                  " channels or columns, not ", data.means.size());
    };
    same(read.subtract);
    same(read.divide);
    if (auto columns = read_table_encoding(json)) encode(*std::move(columns));
    scaling = std::move(read);
    scale();
  }

  // Columns keep their places; the data may have changed since the network was saved.
  void encode(common::TableEncoding read) {
    TORCH_CHECK(read.size() == data.encoding.size(), "it knows ", read.size(), " columns, not ",
                data.encoding.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      read[i].name = data.encoding[i].name;
      TORCH_CHECK(read[i].words == data.encoding[i].words, "the column \"", read[i].name,
                  "\" was one of ", read[i].words ? "words" : "numbers");
    }
    TORCH_CHECK(common::inputs_of(read) == scaling.subtract.size(), "its columns make ",
                common::inputs_of(read), " inputs, not ", scaling.subtract.size());
    if (read == encoding) return;
    encoding = std::move(read);
    features = features_of(*data.table, encoding);
    own.use(features);
  }

  // The one file of version 0.1 names weights and moving averages by their positions.
  void from_bytes_of_0_1(const std::string& bytes) {
    const at::NoGradGuard no_gradients;
    torch::serialize::InputArchive archive;
    archive.load_from(bytes.data(), bytes.size(), device);
    std::size_t count = 0;
    const auto read = [&](const char* kind, at::Tensor tensor) {
      const std::string key = kind + std::to_string(count++);
      at::Tensor there;
      archive.read(key, there);
      TORCH_CHECK(there.sizes() == tensor.sizes(), key, " has the sizes ", there.sizes(), ", not ",
                  tensor.sizes());
      tensor.copy_(there);
    };
    for (const at::Tensor& weight : module->weights()) read("weight ", weight);
    for (const at::Tensor& buffer : module->buffers()) read("average ", buffer);
    read_training(archive);
  }

  std::string card() const {
    return model_json({origin, network ? &*network : nullptr, module->layers(), data, settings,
                       scaling, encoding, epochs, metrics});
  }

  std::shared_ptr<const TrainerContext> context;
  const Dataset& data;
  Source own;
  std::optional<Network> network;  // none: the module is somebody's own
  TrainingSettings settings;
  Scaling scaling;
  common::TableEncoding encoding;
  std::vector<float> features;  // of a table, where `encoding` is not that of the data
  Origin origin;
  int threads;
  at::Device device;
  at::Generator generator;
  Measures trained;
  Measures validated;
  bool lone_sample = false;  // whether a batch of one sample is to be avoided
  at::Tensor subtract;
  at::Tensor divide;
  at::Tensor class_weights;  // none where all classes count alike
  std::unique_ptr<Module> module;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  std::uint64_t epochs = 0;
  std::uint64_t waited = 0;  // epochs since the best loss of the validation part
  double best_loss = std::numeric_limits<double>::infinity();
  Plateau plateau;
  EpochMetrics metrics;                // of the last epoch
  Confusion confusion;                 // of the last evaluation
  std::optional<Ahead<Batch>> loader;  // last, as its thread uses all others
};

Trainer::Trainer(std::shared_ptr<const TrainerContext> context, const TrainingPlan& plan,
                 const Resources& resources, std::uint64_t seed, Values values) {
  in_torch([&] {
    impl_ = std::make_unique<Impl>(std::move(context), plan, resources, seed, std::move(values));
    for (const at::Tensor& weight : impl_->module->weights()) parameters_ += weight.numel();
    std::size_t bytes = 0;
    for (const auto& [name, tensor] : impl_->module->named_tensors()) bytes += tensor.nbytes();
    megabytes_ = static_cast<double>(bytes) / 1e6;
  });
}

Trainer::~Trainer() = default;

bool Trainer::out_of_patience() const {
  const std::uint64_t patience = impl_->context->patience;
  return patience > 0 && impl_->waited >= patience;
}

std::uint64_t Trainer::epochs_done() const {
  return impl_->epochs;
}

std::optional<EpochMetrics> Trainer::run_epoch(const std::function<bool()>& stop) {
  return in_torch([&] { return impl_->run_epoch(stop); });
}

const common::TableEncoding& Trainer::encoding() const {
  return impl_->encoding;
}

std::vector<dodona::Layer> Trainer::summary() const {
  return impl_->module->layers();
}

std::optional<EpochMetrics> Trainer::evaluate(const Dataset& samples,
                                              const std::function<bool()>& stop) {
  return in_torch([&] { return impl_->evaluate(samples, stop); });
}

const Confusion& Trainer::confusion() const {
  return impl_->confusion;
}

bool Trainer::predict(const Dataset& samples, const std::function<bool()>& stop,
                      const EachRow& each) {
  return in_torch([&] { return impl_->predict(samples, stop, each); });
}

void Trainer::save(const std::string& directory) const {
  const std::filesystem::path folder(directory);
  write_file(folder / kWeights, in_torch([&] { return bytes_of(impl_->module->named_tensors()); }));
  write_file(folder / kTraining, in_torch([&] { return impl_->training_bytes(); }));
  write_file(folder / kCard, impl_->card());
}

void Trainer::load(const std::string& directory) {
  const std::filesystem::path folder(directory);
  const auto of_0_1 = folder / (impl_->context->plugin + ".pt");
  std::error_code ignored;
  if (!std::filesystem::exists(folder / kCard, ignored) &&
      std::filesystem::exists(of_0_1, ignored)) {
    read_file(of_0_1, [&](const std::string& bytes) { impl_->from_bytes_of_0_1(bytes); });
    return;
  }
  read_file(folder / kCard, [&](const std::string& json) { impl_->from_card(json); });
  read_file(folder / kWeights,
            [&](const std::string& bytes) { read_tensors(bytes, impl_->module->named_tensors()); });
  read_file(folder / kTraining,
            [&](const std::string& bytes) { impl_->from_training_bytes(bytes); });
}

}  // namespace dodona::train
