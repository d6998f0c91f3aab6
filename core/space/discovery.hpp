// SPDX-License-Identifier: Apache-2.0
//
// Finds the whole space of a hypermodel by asking it to ask, again and again.
//
// The first pass answers default values. Each later pass forces the parents of one scope that was
// not active yet to the first value that opens it, until every scope was seen from the inside.
// A definition takes its place after the one that was asked for before it.
//
// Errors:  whatever `declare` throws; kInvalid when scopes are left after kMaxPasses.
// Cost:    one pass a scope.
#pragma once

#include "space/asker.hpp"
#include "space/search_space.hpp"

#include <functional>
#include <vector>

namespace dodona::space {

inline constexpr int kMaxPasses = 64;

std::vector<Definition> discover(const std::function<void(Asker&)>& declare,
                                 const Overrides& overrides);

}  // namespace dodona::space
