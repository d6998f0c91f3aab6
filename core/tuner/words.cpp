// SPDX-License-Identifier: Apache-2.0
#include "tuner/words.hpp"

#include "space/definition.hpp"

#include <cstdio>
#include <variant>

namespace dodona::tuner {

std::string short_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

std::string short_text(const Value& value) {
  if (const double* real = std::get_if<double>(&value)) return short_text(*real);
  return space::to_text(value);
}

}  // namespace dodona::tuner
