// SPDX-License-Identifier: Apache-2.0
//
// Sparse tables of numbers in the LIBSVM format. A row is a line "label index:value index:value".
//
//   SparseTable table = load_libsvm("a9a.txt");
//
// Indices rise within a row. A column that a row does not name is missing in it. An index is the
// number of the column, in files that count from 0 and in those that count from 1. A "#" begins a
// comment, empty lines are skipped, lines end in LF or CRLF.
//
// Errors:  Error{DODONA_E_IO} for a file that cannot be read, or is not as above. The message names
//          the file, the line, the text, and the remedy.
// Threads: call from any thread.
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
  std::uint32_t columns = 0;  // one more than the largest index
  std::vector<std::size_t> starts{0};
  std::vector<std::uint32_t> indices;
  std::vector<float> values;
  std::vector<double> labels;
};

// Decodes the contents of a file. `name` is the file's name in messages.
SparseTable decode_libsvm(std::string_view text, const std::string& name);

SparseTable load_libsvm(const std::string& path);

}  // namespace dodona::common
