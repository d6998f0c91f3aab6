// SPDX-License-Identifier: Apache-2.0
//
// The binary version of CIFAR-10: colour images of 32 x 32 in ten classes.
//
// Source:  the layout of https://www.cs.toronto.edu/~kriz/cifar.html: records of 3,073 bytes, the
//          label and then the red, the green and the blue plane, row by row.
// Errors:  Error{kIo} that names the file, the byte, what was found and what would be right;
//          Error{kIo} for a file that cannot be read.
// Threads: every function may be called from any thread.
#pragma once

#include "common/data/images.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace dodona::common {

// Appends the records of a file, for which `name` stands in messages, to `images`, which are either
// empty or made by this function.
void decode_cifar(std::span<const std::uint8_t> file, const std::string& name,
                  LabelledImages& images);

// Whether a directory holds data_batch_1.bin.
bool holds_cifar(const std::string& directory);

// Reads data_batch_1.bin and those of 2 to 5 that are there; read once for all who hold the result
// at the same time.
std::shared_ptr<const LabelledImages> shared_cifar(const std::string& directory);

}  // namespace dodona::common
