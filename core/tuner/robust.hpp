// SPDX-License-Identifier: Apache-2.0
//
// The best trials under noise, where the luckiest score is not that of the best values: by what the
// model of the study's oracle expects.
//
// Errors:  Error{kPlugin} for an oracle that is missing or fails, Error{kIo} for the store,
//          Error{kInvalid} for several objectives.
// Threads: one.
// Cost:    the oracle reads the whole log; then that of its model.
#pragma once

#include "study/state.hpp"
#include "study/store.hpp"
#include "tuner/view.hpp"

#include <dodona/study.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dodona::tuner {

// The `count` best trials under noise, or all for 0. `state` is that of the log's events so far, and
// what `view` shows.
std::vector<Result> robust_best(const View& view, study::Store& log, const study::State& state,
                                const std::string& directory, const PluginSources& plugins,
                                std::uint64_t count);

}  // namespace dodona::tuner
