// SPDX-License-Identifier: Apache-2.0
//
// A study has one owner.
// Diagnostic: deleted
#include <dodona/dodona.hpp>

#include <utility>

dodona::Tuner twin(dodona::Tuner& tuner) {
#ifdef CONTROL
  return std::move(tuner);
#else
  return tuner;
#endif
}
