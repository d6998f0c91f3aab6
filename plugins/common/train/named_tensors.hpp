// SPDX-License-Identifier: Apache-2.0
//
// Tensors with names in one file, as torch.save of Python writes a dictionary of them.
//
// torch.load reads the file, also with weights_only=True, and read_tensors() reads what torch.save
// wrote.
//
// Errors:  c10::Error.
// Threads: pure.
#pragma once

#include <ATen/ATen.h>
#include <string>
#include <utility>
#include <vector>

namespace dodona::train {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// The bytes of the file. Order and names stay.
std::string bytes_of(const NamedTensors& tensors);

// Copies what the file holds into tensors of the same names and sizes. The file holds these and no
// others; tensors are unspecified after an error.
void read_tensors(const std::string& bytes, const NamedTensors& tensors);

}  // namespace dodona::train
