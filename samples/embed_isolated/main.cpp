// SPDX-License-Identifier: Apache-2.0
//
// Tunes a plugin's hypermodel inside an application, which outlives its crashes and endless loops:
//   embed_isolated DIRECTORY_OF_PLUGINS
#include <dodona/dodona.hpp>

#include <cstdio>
#include <string>

int main(int, char** arguments) {
  dodona::TunerOptions options;
  options.study = {.oracle = "grid",
                   .objective = {"loss", dodona::Direction::kMin},
                   .max_trials = 10,
                   .parallel_trials = 2,
                   .checkpoint = dodona::Checkpoint{.steps = 5},
                   .project_name = "wild",
                   .hypermodel = "wild",
                   .isolation = "process",
                   .max_step_seconds = 1};
  options.plugins.directories = {arguments[1]};
  dodona::Tuner* running = nullptr;
  // A display, which holds the search once and lets it go on.
  options.on_progress = [&](const dodona::Progress& progress) {
    if (progress.kind == dodona::Progress::Kind::kFinished && progress.trials_finished == 2) {
      for (const dodona::Runner& runner : running->runners()) {
        std::printf("%s: %s\n", runner.name.c_str(), to_text(runner.state));
      }
      running->pause();
    }
    if (progress.kind == dodona::Progress::Kind::kChanged && progress.paused) {
      std::printf("paused after %d trials\n", static_cast<int>(running->status().finished()));
      running->pause(false);
    }
  };
  dodona::Tuner tuner(options);
  running = &tuner;
  tuner.search();
  for (const dodona::Result& trial : tuner.trials()) {
    if (!trial.score) std::printf("%s: %s\n", trial.outcome.c_str(), trial.message.c_str());
  }
  const auto width = tuner.best_hyperparameters().integer("width");
  std::printf("best width %s\n", std::to_string(width).c_str());
}
