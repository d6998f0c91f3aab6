// SPDX-License-Identifier: Apache-2.0
//
// The binary version of CIFAR-10: colour images of 32 x 32 in ten classes.
//
// Source:  the layout of https://www.cs.toronto.edu/~kriz/cifar.html: records of 3,073 bytes, the
//          label and then the red, the green and the blue plane, row by row.
// Errors:  Error{DODONA_E_IO} for a file that cannot be read, or that has another layout. The
//          message names the file, the byte, the fault and the remedy.
// Threads: call from any thread.
#pragma once

#include "common/data/images.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace dodona::common {

// Appends the records of a file to `images`, which are empty or made by this function. `name` is
// the file's name in messages.
void decode_cifar(std::span<const std::uint8_t> file, const std::string& name,
                  LabelledImages& images);

// True if a directory has a file data_batch_1.bin.
bool holds_cifar(const std::string& directory);

// Reads data_batch_1.bin, those of the batches 2 to 5 that exist, and the names of the classes in
// batches.meta.txt if it exists. All holders of the result at
// the same time share one reading.
std::shared_ptr<const LabelledImages> shared_cifar(const std::string& directory);

}  // namespace dodona::common
