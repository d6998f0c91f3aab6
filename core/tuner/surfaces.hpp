// SPDX-License-Identifier: Apache-2.0
//
// The expectations of a study's oracle over two hyperparameters at a time.
//
// Errors:  Error{kPlugin} for an oracle that is not there or fails.
// Threads: one.
#pragma once

#include "study/state.hpp"
#include "study/store.hpp"
#include "tuner/view.hpp"

#include <dodona/insight.hpp>
#include <dodona/kernel.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dodona::tuner {

// See Study::surfaces().
std::vector<Surface> surfaces_of(const View& view, study::Store& log, const study::State& state,
                                 const std::string& directory, const PluginSources& plugins,
                                 std::uint64_t trial,
                                 const std::vector<std::pair<std::string, std::string>>& pairs,
                                 std::uint32_t cells);

}  // namespace dodona::tuner
