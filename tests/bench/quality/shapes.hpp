// SPDX-License-Identifier: Apache-2.0
//
// Test functions of which each seed has its own instance: the minimum lies elsewhere, axes are
// turned another way, weights differ. No search can be fitted to one of them.
//
// They follow the 24 noiseless functions of BBOB closely, in [-5, 5]^d, with their minimum at 0. Their
// instances are others than those of the COCO platform.
//
// Source:  Hansen, Finck, Ros & Auger (2009), "Real-parameter black-box optimization benchmarking
//          2009: noiseless functions definitions", INRIA report 6829.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dodona::bench {

struct Shape {
  std::string name;
  bool multimodal = false;
  std::function<double(const std::vector<double>&)> function;
};

// All functions in d >= 2 dimensions.
std::vector<Shape> shapes(std::size_t d, std::uint64_t seed);

}  // namespace dodona::bench
