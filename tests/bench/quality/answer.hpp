// SPDX-License-Identifier: Apache-2.0
//
// What the programs of the bench have in common: all problems, and the answer of a run.
#pragma once

#include "bench/quality/problems.hpp"
#include "bench/quality/seeded.hpp"
#include "bench/quality/tables.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace dodona::bench {

// The functions, the instances of a seed, and the tables of the directory that DODONA_BENCH_DATA
// names, if it does.
inline std::vector<Problem> all_problems(std::uint64_t seed) {
  std::vector<Problem> all = problems(seed);
  std::vector<Problem> seeded = seeded_problems(seed);
  std::move(seeded.begin(), seeded.end(), std::back_inserter(all));
  if (const char* directory = std::getenv("DODONA_BENCH_DATA")) {
    std::vector<Problem> more = tables(directory);
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  return all;
}

inline const Problem& find(const std::vector<Problem>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Problem& problem) { return problem.name == name; });
  if (found == all.end()) throw std::runtime_error("no problem is named " + name);
  return *found;
}

inline double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The true value of each trial, and what its proposal cost.
struct Run {
  std::vector<double> values, seconds;
};

inline void print(const Run& run) {
  const auto list = [](const char* name, const std::vector<double>& values) {
    std::cout << '"' << name << "\": [";
    for (std::size_t i = 0; i < values.size(); ++i) std::cout << (i ? ", " : "") << values[i];
    std::cout << ']';
  };
  std::cout << '{';
  list("values", run.values);
  std::cout << ", ";
  list("seconds", run.seconds);
  std::cout << "}\n";
}

}  // namespace dodona::bench
