// SPDX-License-Identifier: Apache-2.0
//
// Feeds arbitrary files to the CSV decoder: it answers a consistent table or throws Error.
#include "common/data/csv.hpp"

#include <dodona/error.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The first byte chooses the kind of labels, and whether values may be missing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dodona::common::CsvLabels;
  if (size == 0) return 0;
  const bool missing = (data[0] & 1) != 0;
  const CsvLabels labels = (data[0] & 2) != 0 ? CsvLabels::kNumbers : CsvLabels::kClasses;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const auto table =
        dodona::common::decode_csv(text, {.label = "y", .labels = labels, .missing = missing}, "f");
    if (table.targets.size() != table.rows || table.rows == 0) __builtin_trap();
    if (table.values.size() != table.rows * table.columns.size()) __builtin_trap();
    for (const double value : table.values) {
      if (!std::isfinite(value) && !missing) __builtin_trap();
    }
    for (const double target : table.targets) {
      if (labels == CsvLabels::kNumbers ? !std::isfinite(target)
                                        : target >= static_cast<double>(table.classes.size()))
        __builtin_trap();
    }
  } catch (const dodona::Error&) {
  }
  return 0;
}
