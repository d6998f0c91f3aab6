// SPDX-License-Identifier: Apache-2.0
//
// The proposals of a study once more, by the oracles of its documents.
//
// Errors:  Error{kPlugin} for an oracle that is missing, Error{kIo} for the store.
// Threads: one.
#pragma once

#include "study/state.hpp"
#include "study/store.hpp"

#include <dodona/study.hpp>

#include <string>

namespace dodona::tuner {

// `state` is that of the log's events so far; what is logged meanwhile is left out.
ReplayResult replay(study::Store& log, const study::State& state, const std::string& directory,
                    const PluginSources& plugins);

}  // namespace dodona::tuner
