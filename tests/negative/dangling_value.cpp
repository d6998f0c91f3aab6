// SPDX-License-Identifier: Apache-2.0
//
// A pointer into values that are gone at the end of the line.
// Diagnostic: deleted function
#include <dodona/dodona.hpp>

bool has_rate(const dodona::Tuner& tuner) {
#ifdef CONTROL
  const dodona::Values best = tuner.best_hyperparameters();
  return best.find("rate") != nullptr;
#else
  return tuner.best_hyperparameters().find("rate") != nullptr;
#endif
}
