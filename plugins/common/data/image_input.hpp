// SPDX-License-Identifier: Apache-2.0
//
// Images to measure a model on or to predict, whatever form they have.
//
//   t10k-images-idx3-ubyte[.gz]  IDX images; labels are in t10k-labels-idx1-ubyte[.gz] beside it
//   test_batch.bin               records of CIFAR-10
//   pictures/                    PNG, PPM and PGM files, in order of their names; those in folders
//                                have the name of their folder as their class
//   one.png                      one of them
//   fashion-mnist/, cifar/       what the option `data` of a hypermodel takes
//
// Errors:  Error{DODONA_E_IO} with the file's name, the fault and what would be right.
// Threads: call from any thread.
#pragma once

#include "common/data/images.hpp"

#include <string>
#include <vector>

namespace dodona::common {

struct ImageInput {
  LabelledImages images;           // without labels where there are none
  std::vector<std::string> files;  // of pictures: their names, seen from the path
};

ImageInput read_image_input(const std::string& path);

}  // namespace dodona::common
