// SPDX-License-Identifier: Apache-2.0
//
// The test functions of the quality bench: each with its space, its minimum and the group of
// problems that it stands for. Smaller is better.
//
// Source:  Surjanovic & Bingham, "Virtual library of simulation experiments" (formulas); the
// rotated
//          quadratic, the mixed and the conditional problem are ours.
// Threads: pure functions.
#pragma once

#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dodona::bench {

struct Problem {
  std::string name, group;
  Space space;
  double minimum = 0;
  // The noise, where there is some, comes from the stream. NaN: the trial fails.
  std::function<double(const Point&, RandomStream&)> value;
  // The value without noise, by which a search is judged.
  std::function<double(const Point&)> truth;
  std::uint64_t trials = 100;  // of a full run
};

// The seed gives categories another order of their values; functions of numbers are the same.
std::vector<Problem> problems(std::uint64_t seed);

}  // namespace dodona::bench
