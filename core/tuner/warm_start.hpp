// SPDX-License-Identifier: Apache-2.0
//
// The warm start of a study: once, the results of another study come into the log; and again, with
// more values, those of which the space lacked some until it grew.
//
// Errors:  as project/warm_start.hpp.
// Threads: one.
#pragma once

#include "tuner/open_study.hpp"

namespace dodona::tuner {

// Refuses a source that cannot be read, before the first trial runs.
void check_warm_start(const OpenStudy& study);

// Once the space is known: logs the other study's trials, unless this was done. A log that a crash
// left incomplete is completed. Where results count in turns, it comes in the turn of the trial
// that made the space, and knows no later definitions.
void take_warm_start(OpenStudy& study);

// Logs imported trials again that have values for definitions that joined since; in turns, in the
// turn of the trial that met them. Does nothing for trials of which this was done.
void hand_over_again(OpenStudy& study);

}  // namespace dodona::tuner
