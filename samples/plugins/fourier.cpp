// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `fourier`: tells two interleaved spirals apart by random Fourier features.
//
// The model is w . cos(A x + b): a random layer, and weights that gradient descent trains on the
// logistic loss. A step is an epoch. It reports `val_loss` and `val_accuracy`.
//
// A trial depends on its seed and values alone. The state that it keeps holds the seed, the random
// layer and the weights: a trial that goes on from there has the curve of one that never stopped.
//
// Source: Rahimi & Recht (2007), "Random features for large-scale kernel machines", NIPS 20.
// Cost:   about 1 ms for an epoch of 64 features; the data are made once for all trials.
#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr double kPi = std::numbers::pi;

struct Sample {
  double x, y;
  double label;  // -1 or 1: the spiral that the point belongs to
};

// Two spirals of one and a half turns, with noise. The set of points follows from the seed.
std::vector<Sample> spirals(std::size_t count, double noise, std::uint64_t seed) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) {
    dodona::RandomStream random(seed, i, dodona::Purpose::kTrialSeed);
    const double turn = random.uniform();
    const double arm = i % 2 == 0 ? 0.0 : kPi;
    const double angle = 3 * kPi * turn + arm;
    const double radius = 0.1 + 0.9 * turn;
    const double dx = noise * (random.uniform() - 0.5);
    const double dy = noise * (random.uniform() - 0.5);
    samples.push_back(
        {radius * std::cos(angle) + dx, radius * std::sin(angle) + dy, i % 2 == 0 ? -1.0 : 1.0});
  }
  return samples;
}

class Fourier {
 public:
  struct Model {
    std::uint64_t seed;
    double rate, momentum, decay;
    std::vector<double> layer;  // three numbers for each feature: a direction and a phase
    std::vector<double> weights, velocity;
  };

  explicit Fourier(const dodona::StudyContext& context)
      : epochs_(static_cast<std::uint64_t>(context.options.get<std::int64_t>("epochs"))),
        train_(spirals(400, context.options.get<double>("noise"), 1)),
        validation_(spirals(200, context.options.get<double>("noise"), 2)) {}

  // Asks for all hyperparameters without making a model, so that the space is known at once.
  static void declare(dodona::HyperParameters& hp) { ask(hp); }

  static std::vector<dodona::ReportedMetric> metrics() {
    return {{"val_loss", dodona::Better::kLess}, {"val_accuracy", dodona::Better::kMore}};
  }

  static Model build(dodona::HyperParameters& hp, dodona::Trial& trial) {
    const Values values = ask(hp);
    Model model{trial.seed(), values.rate, values.momentum, values.decay, {}, {}, {}};
    dodona::RandomStream random(model.seed, 0, dodona::Purpose::kTrialSeed);
    for (std::int64_t i = 0; i < values.features; ++i) {
      // A pair of normal numbers (Box & Muller): the features of a Gaussian kernel.
      const double length = values.scale * std::sqrt(-2 * std::log(1 - random.uniform()));
      const double angle = 2 * kPi * random.uniform();
      model.layer.push_back(length * std::cos(angle));
      model.layer.push_back(length * std::sin(angle));
      model.layer.push_back(2 * kPi * random.uniform());
    }
    model.weights.resize(static_cast<std::size_t>(values.features));
    model.velocity.resize(model.weights.size());
    return model;
  }

  void fit(Model& model, dodona::Trial& trial) const {
    const std::uint64_t last = trial.budget() != 0 ? trial.budget() : epochs_;
    for (std::uint64_t epoch = trial.start_step() + 1; epoch <= last; ++epoch) {
      train(model, epoch);
      const auto [loss, accuracy] = score(model);
      // Throws dodona::Cancelled when the trial must stop; save may be called from within.
      trial.report(epoch, {{"val_loss", loss}, {"val_accuracy", accuracy}});
    }
  }

  static void save(Model& model, std::string_view directory) {
    std::ofstream file(std::string(directory) + "/model", std::ios::binary);
    file.write(reinterpret_cast<const char*>(&model.seed), sizeof model.seed);
    for (const auto* list : {&model.layer, &model.weights, &model.velocity}) {
      file.write(reinterpret_cast<const char*>(list->data()), bytes_of(*list));
    }
    if (!file.flush()) throw dodona::Error(DODONA_E_IO, "the model cannot be written");
  }

  static void load(Model& model, std::string_view directory) {
    std::ifstream file(std::string(directory) + "/model", std::ios::binary);
    file.read(reinterpret_cast<char*>(&model.seed), sizeof model.seed);
    for (auto* list : {&model.layer, &model.weights, &model.velocity}) {
      file.read(reinterpret_cast<char*>(list->data()), bytes_of(*list));
    }
    if (!file || file.peek() != std::ifstream::traits_type::eof()) {
      throw dodona::Error(DODONA_E_INVALID, "the kept model does not have " +
                                                std::to_string(model.weights.size()) + " features");
    }
  }

 private:
  struct Values {
    std::int64_t features;
    double scale, rate, momentum, decay;
  };
  struct Score {
    double loss, accuracy;
  };

  static Values ask(dodona::HyperParameters& hp) {
    using dodona::Sampling;
    Values values{};
    values.features =
        hp.integer("features", {.min = 8, .max = 256, .sampling = Sampling::kLog, .initial = 64});
    values.scale = hp.real("scale", {.min = 0.1, .max = 100, .sampling = Sampling::kLog});
    values.rate = hp.real("rate", {.min = 1e-3, .max = 1, .sampling = Sampling::kLog});
    values.decay = hp.real("decay", {.min = 1e-7, .max = 1e-2, .sampling = Sampling::kLog});
    hp.choice("optimizer", {"sgd", "momentum"});
    if (auto momentum = hp.when("optimizer", "momentum")) {
      values.momentum = hp.real("momentum", {.min = 0.5, .max = 0.99});
    }
    return values;
  }

  // One pass over the samples. Their order follows from the seed and the epoch.
  void train(Model& model, std::uint64_t epoch) const {
    std::vector<double> features(model.weights.size());
    dodona::RandomStream random(model.seed, epoch, dodona::Purpose::kTrialSeed);
    for (std::size_t n = 0; n < train_.size(); ++n) {
      const Sample& sample = train_[random.below(train_.size())];
      const double margin = sample.label * output(model, sample, features);
      const double slope = -sample.label / (1 + std::exp(margin));
      for (std::size_t i = 0; i < features.size(); ++i) {
        const double gradient = slope * features[i] + model.decay * model.weights[i];
        model.velocity[i] = model.momentum * model.velocity[i] - model.rate * gradient;
        model.weights[i] += model.velocity[i];
      }
    }
  }

  Score score(const Model& model) const {
    std::vector<double> features(model.weights.size());
    Score sum{0, 0};
    for (const Sample& sample : validation_) {
      const double margin = sample.label * output(model, sample, features);
      sum.loss += std::max(0.0, -margin) + std::log1p(std::exp(-std::abs(margin)));
      sum.accuracy += margin > 0 ? 1 : 0;
    }
    const auto count = static_cast<double>(validation_.size());
    return {sum.loss / count, sum.accuracy / count};
  }

  // The model's answer for a sample; its sign is the label. Leaves the features in `features`.
  static double output(const Model& model, const Sample& sample, std::vector<double>& features) {
    const double share = std::sqrt(2.0 / static_cast<double>(features.size()));
    double sum = 0;
    for (std::size_t i = 0; i < features.size(); ++i) {
      const double* row = &model.layer[3 * i];
      features[i] = share * std::cos(row[0] * sample.x + row[1] * sample.y + row[2]);
      sum += model.weights[i] * features[i];
    }
    return sum;
  }

  static std::streamsize bytes_of(const std::vector<double>& list) {
    return static_cast<std::streamsize>(list.size() * sizeof(double));
  }

  std::uint64_t epochs_;
  std::vector<Sample> train_, validation_;
};

}  // namespace

DODONA_PLUGIN(dodona::hypermodel<Fourier>(
    {.id = "org.example.fourier",
     .name = "fourier",
     .description = "a classifier of two spirals on random Fourier features"},
    dodona::option("epochs", 20, "epochs of a trial without a budget. More: better and slower",
                   {.low = 1}),
    dodona::option("noise", 0.1, "width of the spirals. More: no model reaches an accuracy of 1",
                   {.low = 0, .high = 1})))
