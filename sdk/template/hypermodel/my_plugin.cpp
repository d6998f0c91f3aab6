// SPDX-License-Identifier: Apache-2.0
//
// The hypermodel my_plugin: it builds and trains a model for given values of hyperparameters.
//
// The questions of `build` describe the space. One object serves all trials, and its members run
// concurrently. <dodona/hypermodel.hpp> says when each member is called.
#include <dodona/plugin.hpp>

#include <fstream>
#include <string>

class MyPlugin {
 public:
  // FILL IN: the model. This one rolls down the valley position^2.
  struct Model {
    double rate;
    double friction;
    double position = 1;
    double speed = 0;
  };

  explicit MyPlugin(const dodona::StudyContext& context)
      : steps_(static_cast<std::uint64_t>(context.options.get<std::int64_t>("steps"))) {}

  std::vector<dodona::ReportedMetric> metrics() { return {{"loss", dodona::Better::kLess}}; }

  Model build(dodona::HyperParameters& hp) {
    const double rate =
        hp.real("rate", {.min = 1e-3, .max = 0.5, .sampling = dodona::Sampling::kLog});
    double friction = 1;
    if (hp.boolean("momentum")) {
      const auto momentum = hp.when("momentum", true);
      friction = hp.real("friction", {.min = 0.05, .max = 1});
    }
    return {rate, friction};
  }

  // Goes on from the steps that were done, up to the trial's budget.
  void fit(Model& model, dodona::Trial& trial) {
    const std::uint64_t end = trial.budget() > 0 ? trial.budget() : steps_;
    for (std::uint64_t step = trial.start_step() + 1; step <= end; ++step) {
      model.speed = (1 - model.friction) * model.speed - model.rate * 2 * model.position;
      model.position += model.speed;
      trial.report(step, {{"loss", model.position * model.position}});
    }
  }

  // The whole state, from which `load` goes on with the same numbers.
  void save(Model& model, std::string_view directory) {
    std::ofstream file(std::string(directory) + "/state", std::ios::binary);
    file.write(reinterpret_cast<const char*>(&model.position), sizeof model.position);
    file.write(reinterpret_cast<const char*>(&model.speed), sizeof model.speed);
    if (!file.flush()) throw dodona::Error(DODONA_E_IO, "cannot write the model's state");
  }

  void load(Model& model, std::string_view directory) {
    std::ifstream file(std::string(directory) + "/state", std::ios::binary);
    file.read(reinterpret_cast<char*>(&model.position), sizeof model.position);
    file.read(reinterpret_cast<char*>(&model.speed), sizeof model.speed);
    if (!file) throw dodona::Error(DODONA_E_IO, "cannot read the model's state");
  }

 private:
  const std::uint64_t steps_;
};

DODONA_PLUGIN(dodona::hypermodel<MyPlugin>(
    {.id = "org.example.my_plugin", .name = "my_plugin", .description = "FILL IN: what it trains"},
    dodona::option("steps", 20, "of a trial without a budget; more train longer",
                   {.low = 1, .high = 10000})))
