// SPDX-License-Identifier: Apache-2.0
//
// How threads of OpenMP wait for work, in the networks that plugins train.
//
// They spin by default, which makes a training 10 to 40 times slower as soon as anything else uses
// the processors. So the program has them sleep, unless its environment already says how they wait.
//
// Threads: the first call comes before any thread and before a plugin is loaded, as libgomp reads
//          the environment when it is.
#pragma once

#include <string>

namespace dodona::host {

// Decides at the first call, and answers what was decided, for people.
const std::string& openmp_waits();

}  // namespace dodona::host
