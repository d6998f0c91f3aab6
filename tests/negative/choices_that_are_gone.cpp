// SPDX-License-Identifier: Apache-2.0
//
// The texts of choices are borrowed until the process ends.
// Diagnostic: the choices of an option are literals of text, numbers, or booleans
#include <dodona/plugin.hpp>

#include <string>

dodona::Choices optimizers() {
#ifdef CONTROL
  return dodona::choices("adam", "sgd");
#else
  return dodona::choices(std::string("adam"), std::string("sgd"));
#endif
}
