// SPDX-License-Identifier: Apache-2.0
//
// A study to draw: 20 hyperparameters of all kinds, some under a condition, a report a trial.
//
//   pages_study TRIALS DIRECTORY
//
// The study is DIRECTORY/pages; it is found by random search, and is the same at each call.
#include <dodona/dodona.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

double objective(dodona::Trial& trial) {
  dodona::HyperParameters hp = trial.hp();
  const double lr = hp.real("lr", {.min = 1e-5, .max = 1e-1, .sampling = dodona::Sampling::kLog});
  double loss = std::abs(std::log10(lr) + 3.0);
  for (int i = 0; i < 13; ++i) {
    const double x = hp.real("x" + std::to_string(i), {.min = -1, .max = 1});
    loss += x * x / (2 + i * i);
  }
  const auto units = hp.integer("units", {.min = 16, .max = 1024});
  loss += 8.0 / static_cast<double>(units);
  const auto layers = hp.integer("layers", {.min = 1, .max = 6});
  loss += 0.05 * static_cast<double>(layers);
  if (hp.boolean("norm")) loss -= 0.1;
  const std::string activation = hp.choice("activation", {"relu", "tanh", "gelu"});
  if (activation == "tanh") loss += 0.2;
  hp.choice("optimizer", {"adam", "sgd"});
  if (auto sgd = hp.when("optimizer", "sgd")) loss += 1.0 - hp.real("momentum", {.max = 0.99});
  if (trial.id() % 50 == 49)
    throw std::runtime_error("out of memory in layer " + std::to_string(layers));
  trial.report(1, {{"loss", loss}, {"accuracy", 1 / (1 + loss)}});
  return loss;
}

void run(std::uint64_t trials, const std::string& directory) {
  dodona::TunerOptions options;
  options.study.oracle = {"random"};
  options.study.objective = {"loss", dodona::Direction::kMin};
  options.study.max_trials = trials;
  options.study.max_consecutive_failed_trials = 1000;
  options.study.parallel_trials = 16;
  options.study.seed = 7;
  options.study.directory = directory;
  options.study.project_name = "pages";
  dodona::Tuner tuner(std::move(options));
  tuner.search(objective);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) {
      std::fputs("usage: pages_study TRIALS DIRECTORY\n", stderr);
      return 2;
    }
    run(std::strtoull(argv[1], nullptr, 10), argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pages_study: %s\n", error.what());
    return 1;
  }
}
