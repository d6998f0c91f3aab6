// SPDX-License-Identifier: Apache-2.0
//
// Splits rows into parts so that the rows of a group stay together.
//
// Threads: pure.
#pragma once

#include <dodona/random.hpp>

#include <cstdint>
#include <vector>

namespace dodona::common {

// Returns the part of each row. Each part has about its share of the rows of each class. The
// largest groups are dealt first, each to the part that lacks its classes most; groups of one size
// in a random order.
//
// Shapes: groups[rows], numbers from 0 without a gap; classes[rows], or empty for one class of all;
//         shares[parts], each above 0.
// Cost:   O(rows log rows), and for each group O(parts * classes in it).
std::vector<std::uint32_t> deal_groups(const std::vector<std::uint64_t>& groups,
                                       const std::vector<std::int64_t>& classes,
                                       const std::vector<double>& shares, RandomStream& random);

}  // namespace dodona::common
