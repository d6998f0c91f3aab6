// SPDX-License-Identifier: Apache-2.0
//
// Numbers and values in sentences.
//
// Threads: pure.
#pragma once

#include <dodona/space.hpp>

#include <string>

namespace dodona::tuner {

// Four significant digits: `0.003162`.
std::string short_text(double number);
// The same of a value; a text as it is.
std::string short_text(const Value& value);

}  // namespace dodona::tuner
