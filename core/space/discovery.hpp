// SPDX-License-Identifier: Apache-2.0
//
// Finds the whole space of a hypermodel by asking it to ask, again and again.
//
// The first pass answers default values. Each later pass forces the parents of one scope that was
// not active yet to the first value that opens it, until every scope was seen from the inside.
// A definition takes its place after the one that was asked for before it.
//
// Where the study file gives values beyond those that the hypermodel asks for, further passes
// answer them, so that a hypermodel can refuse them before the first trial: the ends of a range,
// and kMaxPasses values of a choice. A study that has trials goes on without them.
//
// Errors:  whatever `declare` throws; kInvalid when scopes are left after kMaxPasses. The error of a
//          hypermodel that refuses a value of the study file names the value.
// Cost:    one pass a scope, and one for each value beyond.
#pragma once

#include "space/asker.hpp"
#include "space/search_space.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dodona::space {

inline constexpr int kMaxPasses = 64;

enum class BeyondAsked : std::uint8_t { kTried = 1, kLeft };

// The space of a hypermodel, and the constraints that it requires, each once.
struct Discovered {
  std::vector<Definition> definitions;
  std::vector<std::string> constraints;
};

Discovered discover(const std::function<void(Asker&)>& declare, const Overrides& overrides,
                    BeyondAsked beyond_asked = BeyondAsked::kTried);

}  // namespace dodona::space
