// SPDX-License-Identifier: Apache-2.0
//
// Problems of which each seed has its own instance: functions of shapes.hpp, and spaces that look
// like those of training.
//
//   network     conditions, categories, integers, log scales
//   boosting    integers and log scales that weigh against each other
//   kernel      a plateau over most of the space, a category with hyperparameters of its own
//   memory      trials beyond a limit fail
//
// Source:  the spaces and formulas are ours.
// Threads: pure functions.
#pragma once

#include "bench/quality/problems.hpp"

#include <cstdint>
#include <vector>

namespace dodona::bench {

std::vector<Problem> seeded_problems(std::uint64_t seed);

}  // namespace dodona::bench
