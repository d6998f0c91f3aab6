// SPDX-License-Identifier: Apache-2.0
//
// Labelled images in the IDX format of MNIST and Fashion-MNIST, plain or compressed by gzip.
//
// Source:  the layout of http://yann.lecun.com/exdb/mnist: two zero bytes, an element type (08 is
//          an unsigned byte), the number of dimensions, each dimension as a big-endian 32-bit
//          number, then the elements, the last dimension fastest.
// Errors:  everything that is not exactly that is refused with a dodona::Error{kIo} that names the
//          file, what was found and what would be right. A count in a header is never trusted with
//          memory before the bytes that it announces have been seen.
// Threads: every function may be called from any thread.
#pragma once

#include "common/data/images.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dodona::common {

// One decoded file; the product of `dims` is the size of `bytes`.
struct IdxArray {
  std::vector<std::uint32_t> dims;
  std::vector<std::uint8_t> bytes;
};

// Decodes the contents of one file with `dimensions` dimensions, uncompressing it where it starts
// as gzip does. `name` stands for the file in messages.
IdxArray decode_idx(std::span<const std::uint8_t> file, std::uint8_t dimensions,
                    const std::string& name);

// Reads SPLIT-images-idx3-ubyte and SPLIT-labels-idx1-ubyte of a directory, each with or without
// ".gz"; the plain file wins where both are there. The split is "train" or "t10k".
LabelledImages load_images(const std::string& directory, const std::string& split);

// The same, read once for all who hold the result at the same time, whatever path leads to the
// directory. A caller that finds it being read waits for it.
std::shared_ptr<const LabelledImages> shared_images(const std::string& directory,
                                                    const std::string& split);

}  // namespace dodona::common
