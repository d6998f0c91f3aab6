// SPDX-License-Identifier: Apache-2.0
//
// The values of a choice have one type, which is the type of the answer.
// Diagnostic: no matching
#include <dodona/hypermodel.hpp>

double rate(dodona::HyperParameters& hp) {
#ifdef CONTROL
  return hp.choice("rate", {0.5, 1.0});
#else
  return hp.choice("rate", {0.5, "fast"});
#endif
}
