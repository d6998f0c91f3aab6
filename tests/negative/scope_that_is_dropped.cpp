// SPDX-License-Identifier: Apache-2.0
//
// A condition that is closed before anything was asked under it.
// Diagnostic: nodiscard
#include <dodona/hypermodel.hpp>

void ask(dodona::HyperParameters& hp) {
#ifdef CONTROL
  if (auto sgd = hp.when("optimizer", "sgd"))
#else
  hp.when("optimizer", "sgd");
#endif
  {
    hp.real("momentum", {.min = 0, .max = 0.9});
  }
}
