// SPDX-License-Identifier: Apache-2.0
//
// A prefix that is gone before anything was asked under it.
// Diagnostic: nodiscard
#include <dodona/hypermodel.hpp>

void ask(dodona::HyperParameters& hp) {
#ifdef CONTROL
  const auto encoder = hp.name_scope("encoder");
#else
  hp.name_scope("encoder");
#endif
  hp.integer("units", {.min = 8, .max = 64});
}
