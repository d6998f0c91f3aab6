// SPDX-License-Identifier: Apache-2.0
//
// A curve in one line of text.
//
// Threads: pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace dodona::host {

// A block of a height for each value, from the least to the greatest; of more than `cells` values the
// mean of neighbours. A value that is not finite is a space. Empty for no values.
std::string sparkline(std::span<const double> values, std::size_t cells);

}  // namespace dodona::host
