// SPDX-License-Identifier: Apache-2.0
//
// Feeds arbitrary files to the IDX decoder: it answers a consistent array or throws Error, and
// never takes much more memory than the file could unpack to.
#include "common/data/idx.hpp"

#include <dodona/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

// The first byte chooses the number of dimensions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto dimensions = static_cast<std::uint8_t>(data[0] % 4);
  try {
    const auto array = dodona::common::decode_idx(std::span(data + 1, size - 1), dimensions, "f");
    std::uint64_t product = 1;
    for (const std::uint32_t dim : array.dims) product *= dim;
    if (array.dims.size() != dimensions || array.bytes.size() != product) __builtin_trap();
  } catch (const dodona::Error&) {
  }
  return 0;
}
