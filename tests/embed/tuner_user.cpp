// SPDX-License-Identifier: Apache-2.0
//
// A library that tunes something, as an application's plugin may.
#include <dodona/dodona.hpp>

// The number of trials, or -1.
extern "C" __attribute__((visibility("default"))) int use_a_tuner() {
  try {
    dodona::Tuner tuner({.oracle = {"random"},
                         .max_trials = 20,
                         .parallel_trials = 2,
                         .threads_per_trial = 2,
                         .seed = 1,
                         .store = "memory"});
    tuner.search([](dodona::HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}); });
    return static_cast<int>(tuner.trials().size());
  } catch (...) {
    return -1;
  }
}
