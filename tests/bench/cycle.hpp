// SPDX-License-Identifier: Apache-2.0
//
// The trial that all rates are about: 10 floats, one report, and the end.
#pragma once

#include <dodona/dodona.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace dodona::bench {

inline constexpr std::array kNames{"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9"};

inline double objective(Trial& trial) {
  HyperParameters hp = trial.hp();
  double sum = 0;
  for (const char* name : kNames) sum += hp.real(name, {.min = 0, .max = 1});
  trial.report(1, {{"loss", sum}});
  return sum;
}

// A study in the directory `directory`/cycle, unless `store` is memory.
inline TunerOptions cycle_options(std::string store, std::uint64_t trials, std::uint32_t parallel,
                                  std::string directory) {
  TunerOptions options;
  options.study.oracle = {"random"};
  options.study.objective = {"loss", Direction::kMin};
  options.study.max_trials = trials;
  options.study.parallel_trials = parallel;
  options.study.store = std::move(store);
  options.study.directory = std::move(directory);
  options.study.project_name = "cycle";
  return options;
}

}  // namespace dodona::bench
