// SPDX-License-Identifier: Apache-2.0
//
// Samples that a trained network is measured on, or predicts.
//
// Errors:  Error{DODONA_E_IO} or Error{DODONA_E_INVALID} with the name of the file, what does not fit
//          the network, and what would.
// Threads: call from any thread.
#pragma once

#include "common/train/dataset.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dodona::train {

enum class Targets : std::uint8_t { kRead = 1, kIgnored };

struct Samples {
  // All samples are those of `validation`, in the order of the file. Without targets there are
  // neither labels nor numbers.
  Dataset data;
  std::vector<std::string> files;  // of pictures, a name for each sample; else empty
};

// Reads samples of the same kind as `known`, the data that a network was trained on: images as
// data/image_input.hpp has them, or a CSV file with the columns of the same names, which become
// inputs as `encoding` says. Classes are those of `known`.
Samples read_samples(const Dataset& known, const common::TableEncoding& encoding,
                     const std::string& path, Targets targets);

}  // namespace dodona::train
