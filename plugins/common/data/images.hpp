// SPDX-License-Identifier: Apache-2.0
//
// Images with one label each: the result of the decoders of image files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dodona::common {

// Shapes: pixels[count][channels][rows][columns], labels[count], each label below `classes`.
struct LabelledImages {
  std::uint32_t count = 0;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::uint32_t classes = 0;
  std::vector<std::uint8_t> pixels{};
  std::vector<std::uint8_t> labels{};
  std::uint32_t channels = 1;
  std::vector<std::string> class_names{};  // of the first classes; none where the files name none
};

}  // namespace dodona::common
