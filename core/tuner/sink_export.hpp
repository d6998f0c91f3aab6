// SPDX-License-Identifier: Apache-2.0
//
// A log for a sink that the study's search did not have, or that shall write it elsewhere.
//
// Errors:  Error{kInvalid} for a sink that is none or has wrong options, Error{kPlugin} for one that
//          cannot be made, and what the sink throws. The study is only read.
// Threads: one.
// Cost:    reads the log once, a batch of events at a time.
#pragma once

#include "study/state.hpp"
#include "study/store.hpp"

#include <dodona/kernel.hpp>

#include <string>

namespace dodona::tuner {

// Gives the sink all events that are in `state`, and flushes it. `sink` is an entry of `sinks` in a
// study file: a name, or an object of plugin and options. `place` stands for the project's directory.
void export_to_sink(study::Store& log, const study::State& state, const std::string& sink,
                    const std::string& place, const PluginSources& plugins);

}  // namespace dodona::tuner
