// SPDX-License-Identifier: Apache-2.0
//
// Feeds arbitrary files to the LIBSVM decoder: it answers a consistent table or throws Error.
#include "common/data/libsvm.hpp"

#include <dodona/error.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto table = dodona::common::decode_libsvm(text, "f");
    if (table.rows == 0 || table.labels.size() != table.rows) __builtin_trap();
    if (table.starts.size() != table.rows + 1 || table.starts.back() != table.values.size())
      __builtin_trap();
    if (table.indices.size() != table.values.size()) __builtin_trap();
    for (std::size_t row = 0; row < table.rows; ++row) {
      for (std::size_t i = table.starts[row]; i < table.starts[row + 1]; ++i) {
        if (table.indices[i] >= table.columns || !std::isfinite(table.values[i])) __builtin_trap();
        if (i > table.starts[row] && table.indices[i] <= table.indices[i - 1]) __builtin_trap();
      }
    }
  } catch (const dodona::Error&) {
  }
  return 0;
}
