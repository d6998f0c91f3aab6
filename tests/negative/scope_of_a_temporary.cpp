// SPDX-License-Identifier: Apache-2.0
//
// A name scope lives in the hp that opened it, so not in one that is gone at the end of the line.
// Diagnostic: deleted function
#include <dodona/hypermodel.hpp>

void ask(dodona::Trial& trial) {
#ifdef CONTROL
  dodona::HyperParameters hp = trial.hp();
  const auto encoder = hp.name_scope("encoder");
#else
  const auto encoder = trial.hp().name_scope("encoder");
#endif
}
