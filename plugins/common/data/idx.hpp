// SPDX-License-Identifier: Apache-2.0
//
// Labelled images in the IDX format of MNIST and Fashion-MNIST, plain or compressed by gzip.
//
// Source:  the layout of http://yann.lecun.com/exdb/mnist: two zero bytes, an element type (08 is
//          an unsigned byte), the number of dimensions, each dimension as a big-endian 32-bit
//          number, then the elements, the last dimension fastest.
// Errors:  any other layout is refused with an Error{DODONA_E_IO}, which names the file, the fault
//          and the remedy. Memory is allocated for bytes that were read, never for a count in a
//          header alone.
// Threads: call from any thread.
#pragma once

#include "common/data/images.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dodona::common {

// A decoded file. The product of `dims` is the size of `bytes`.
struct IdxArray {
  std::vector<std::uint32_t> dims;
  std::vector<std::uint8_t> bytes;
};

// Decodes the contents of a file with `dimensions` dimensions. Uncompresses it if it begins as gzip
// does. `name` is the file's name in messages.
IdxArray decode_idx(std::span<const std::uint8_t> file, std::uint8_t dimensions,
                    const std::string& name);

// Reads SPLIT-images-idx3-ubyte and SPLIT-labels-idx1-ubyte of a directory, each with or without
// ".gz". If both exist, the plain file is read. The split is "train" or "t10k".
LabelledImages load_images(const std::string& directory, const std::string& split);

// The same; all holders of the result at the same time share one reading, whatever path leads to
// the directory. A caller waits while another one reads.
std::shared_ptr<const LabelledImages> shared_images(const std::string& directory,
                                                    const std::string& split);

}  // namespace dodona::common
