// SPDX-License-Identifier: Apache-2.0
//
// Warnings of a study: its signs of a mistake, and ranges that would be better.
//
// Threads: pure.
#pragma once

#include "study/state.hpp"

#include <dodona/space.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dodona::insight {

enum class End : std::uint8_t { kLow = 1, kHigh };

// The end of its range at which a value of an int, a float or an ordered choice lies: the last of
// countable values, or within a hundredth of the range on its scale. Nothing for a definition of
// fewer than three values.
std::optional<End> edge_of(const Param& param, Cell cell);

// A range that goes further beyond an end: tenfold on a log scale, half of its length on a linear
// one. Nothing where no further value may make sense: a range that ends at 0 or 1, one of a reverse
// log scale, and a choice.
std::optional<Param> widened(const Param& param, End end);

// A range around given values, with a tenth of the range to each side. Nothing where it would be more
// than half of the range, or have fewer than three values, and for what is no int or float.
std::optional<Param> narrowed(const Param& param, std::span<const Cell> cells);

// The ended trials of a study in numbers.
struct Health {
  std::uint64_t ended = 0;
  std::uint64_t failed = 0;  // and invalid ones
  bool constant = false;     // at least three scores, and all of them the same
  std::string message;       // of failures, the one that came most often
  std::uint64_t message_count = 0;
};
Health health_of(const study::State& state);

}  // namespace dodona::insight
