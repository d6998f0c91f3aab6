// SPDX-License-Identifier: Apache-2.0
//
// Feeds arbitrary files to the CIFAR-10 decoder: it answers consistent images or throws Error.
#include "common/data/cifar.hpp"

#include <dodona/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// The input is repeated up to the length that its first byte says, so that whole records occur.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::vector<std::uint8_t> file(std::size_t{3073} * (data[0] % 4) + data[0] / 128);
  for (std::size_t i = 0; i < file.size(); ++i) file[i] = data[i % size];
  try {
    dodona::common::LabelledImages images;
    dodona::common::decode_cifar(file, "f", images);
    if (images.pixels.size() != std::size_t{images.count} * 3072) __builtin_trap();
    if (images.labels.size() != images.count || images.count == 0) __builtin_trap();
    for (const std::uint8_t label : images.labels) {
      if (label >= images.classes) __builtin_trap();
    }
  } catch (const dodona::Error&) {
  }
  return 0;
}
