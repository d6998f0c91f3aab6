// SPDX-License-Identifier: Apache-2.0
//
// An addition to a search space. Definitions never change or leave, and neither do constraints.
#pragma once

#include <dodona/space.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dodona::space {

// Definitions that join the space, from place `first` on, and constraints that join the ones that
// it has.
struct Growth {
  std::uint32_t first = 0;
  std::vector<Param> params;
  std::vector<std::string> constraints{};  // expressions
};

// Called with each growth under the lock of the space, so that the log gets them in their order.
using OnGrowth = std::function<void(const Growth& growth)>;

}  // namespace dodona::space
