// SPDX-License-Identifier: Apache-2.0
//
// Study::explain(): the numbers of insight, with names and words.
//
// Errors:  those of reading the log. An oracle or a stopper that cannot be used costs what it would
//          tell, and a note says so.
// Threads: one.
#pragma once

#include "study/objective.hpp"
#include "study/state.hpp"
#include "study/store.hpp"
#include "tuner/view.hpp"

#include <dodona/insight.hpp>
#include <dodona/kernel.hpp>

#include <string>

namespace dodona::tuner {

Insight explain(const View& view, study::Store& log, const study::State& state,
                const study::Objective& objective, const std::string& directory,
                const PluginSources& plugins);

}  // namespace dodona::tuner
