// SPDX-License-Identifier: Apache-2.0
//
// The summary of a search.
//
// Threads: any.
// Cost:    the same for any number of trials; reads the end of the log.
#pragma once

#include "tuner/open_study.hpp"

#include <dodona/result.hpp>

namespace dodona::tuner {

Summary summary_of(const OpenStudy& study, End end, double seconds);

}  // namespace dodona::tuner
