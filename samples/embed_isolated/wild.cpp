// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel with bugs, as any code has them: it reads beyond a table for some values, and loops
// for ever for others. It can be saved, so that a trial goes on after an interruption.
#include <dodona/plugin.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

class Wild {
 public:
  struct Model {
    std::int64_t width = 0;
    double loss = 1;
  };

  Model build(dodona::HyperParameters& hp) {
    return {.width = hp.integer("width", {.min = 1, .max = 10})};
  }

  void fit(Model& model, dodona::Trial& trial) {
    for (std::uint64_t step = trial.start_step() + 1; step <= 20; ++step) {
      if (model.width == 3 && step == 5) std::raise(SIGSEGV);
      for (volatile bool stuck = model.width == 7 && step == 5; stuck;) continue;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      model.loss *= 1 - 0.01 * static_cast<double>(model.width);
      trial.report(step, {{"loss", model.loss}});
    }
  }

  void save(Model& model, std::string_view directory) {
    std::ofstream(std::string(directory) + "/loss") << std::hexfloat << model.loss;
  }
  void load(Model& model, std::string_view directory) {
    std::string text;
    std::ifstream(std::string(directory) + "/loss") >> text;
    model.loss = std::stod(text);
  }
};

DODONA_PLUGIN(dodona::hypermodel<Wild>(
    {.id = "org.example.wild", .name = "wild", .description = "a model with bugs"}))
