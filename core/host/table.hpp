// SPDX-License-Identifier: Apache-2.0
//
// Rows of text in aligned columns.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dodona::host {

class Table {
 public:
  enum class Align { kLeft = 1, kRight };
  struct Column {
    std::string header;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column; an empty one shows as a dash.
  void add(std::vector<std::string> cells);
  std::size_t size() const { return rows_.size(); }

  // The header, unless all headers are empty, and the rows, each line ended. Where a line is wider
  // than `width_max`, the last column is cut, to 20 characters at least; 0: as wide as need be.
  std::string text(std::size_t width_max = 0) const;

 private:
  std::vector<std::size_t> widths(std::size_t width_max) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace dodona::host
