// SPDX-License-Identifier: Apache-2.0
//
// Sparse tables of numbers in the LIBSVM format: a line a row, "label index:value index:value ...".
//
//   SparseTable table = load_libsvm("a9a.txt");
//
// Indices rise within a row; what a row does not name is missing. An index is the number of the
// column, whether the file counts from 0 or from 1. A "#" begins a comment, empty lines are
// skipped, lines end in LF or CRLF.
//
// Errors:  Error{kIo} that names the file, the line, the text, and what would be right;
//          Error{kIo} for a file that cannot be read.
// Threads: every function may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {

// Shapes: row r has the entries starts[r] to starts[r + 1]; starts[rows + 1], labels[rows].
struct SparseTable {
  std::uint64_t rows = 0;
  std::uint32_t columns = 0;  // the largest index and one
  std::vector<std::size_t> starts{0};
  std::vector<std::uint32_t> indices;
  std::vector<float> values;
  std::vector<double> labels;
};

// Decodes the contents of a file, for which `name` stands in messages.
SparseTable decode_libsvm(std::string_view text, const std::string& name);

SparseTable load_libsvm(const std::string& path);

}  // namespace dodona::common
