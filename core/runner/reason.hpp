// SPDX-License-Identifier: Apache-2.0
//
// The reason of the end of a runner, in the words of its engine.
//
// Threads: pure.
#pragma once

#include <string>
#include <string_view>

namespace dodona::runner {

// The reason that the client of an engine gave on standard error, for people: `node failure
// (Slurm)`; empty: none that is known.
std::string engine_reason(std::string_view words);

}  // namespace dodona::runner
