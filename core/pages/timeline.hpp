// SPDX-License-Identifier: Apache-2.0
//
// The time of a study by worker: which trial ran where, and for how long.
//
// Threads: plain values.
#pragma once

#include <dodona/study.hpp>

#include <boost/json/object.hpp>

#include <span>

namespace dodona::pages {

// {"lanes": [{"name", "busy"}], "columns": trial, lane, start and seconds of each run, "lost": the
// runs whose runner was lost}. A lane is a worker: a runner by its name, or one of the trials that
// the searching process ran side by side. `busy` is its share of the time between its first start
// and its last end. Starts count in seconds from the first one.
boost::json::object timeline(std::span<const TrialRun> runs);

}  // namespace dodona::pages
