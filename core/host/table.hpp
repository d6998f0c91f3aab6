// SPDX-License-Identifier: Apache-2.0
//
// Rows of text in aligned columns.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace dodona::host {

class Table {
 public:
  enum class Align { kLeft = 1, kRight };
  // The way in which a column behaves where the table is too wide.
  enum class Role {
    kPlain = 1,
    kKey,   // stays, also where all cells are the same
    kSpare  // goes first
  };
  struct Column {
    std::string header;
    Align align = Align::kLeft;
    Role role = Role::kPlain;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column; an empty one shows as a dash.
  void add(std::vector<std::string> cells);
  std::size_t size() const { return rows_.size(); }

  // The header, unless all headers are empty, and the rows, each line ended, as wide as need be.
  std::string text() const;

  // The same, as wide as a terminal, with nothing cut. Columns whose cells are all the same leave the table for a line above
  // it. Where the rest is wider than `width_max`, spare columns go, which a line below says; then the
  // last column is wrapped, to 20 characters at least; and where that does not do, each row becomes a
  // block of lines with a name and a cell. 0: text().
  std::string fitted(std::size_t width_max) const;

 private:
  using Indices = std::vector<std::size_t>;  // of columns

  std::vector<std::size_t> widths() const;
  std::string lines(const Indices& shown, std::size_t width_max) const;
  std::string blocks(const Indices& shown, std::size_t width_max) const;
  std::string constants(Indices& shown, std::size_t width_max) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace dodona::host
