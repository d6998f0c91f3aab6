// SPDX-License-Identifier: Apache-2.0
//
// The way from the columns of a table to the inputs of a model, as the rows of training have it.
//
// For a network a column of numbers is one input; a missing number is the median. A column of words
// is an input for each category, 1 for that of the row and 0 for all others. Where rows of training
// lack a value, one more input of the column is 1 for rows without value. A word that is no category
// counts as a missing value.
//
// An encoding depends on the set of rows, not on their order.
//
// Errors:  Error{DODONA_E_INVALID} for a text that is no encoding.
// Threads: pure.
// Cost:    linear in the table, and in the inputs.
#pragma once

#include "common/data/csv.hpp"
#include "common/text/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {

struct ColumnEncoding {
  std::string name{};
  bool words = false;                     // true: `categories` counts; false: `median`
  std::vector<std::string> categories{};  // sorted
  double median = 0;                      // 0 where no row of training has a value
  bool missing = false;                   // true: there is an input for missing values

  std::size_t inputs() const { return (words ? categories.size() : 1) + (missing ? 1 : 0); }
  friend bool operator==(const ColumnEncoding&, const ColumnEncoding&) = default;
};

using TableEncoding = std::vector<ColumnEncoding>;

// The encoding that some rows of a table give.
TableEncoding fit_encoding(const CsvTable& table, std::span<const std::int64_t> rows);

std::size_t inputs_of(const TableEncoding& encoding);

// The names of the columns of words.
std::vector<std::string> word_columns(const TableEncoding& encoding);

// The category of each word of a table's column, as an index; a NaN for a word that is none.
std::vector<double> categories_of(const ColumnEncoding& column,
                                  const std::vector<std::string>& words);

// The inputs of all rows of a table with the encoding's columns.
//
// Shapes: [rows][inputs_of(encoding)]
std::vector<double> encoded(const CsvTable& table, const TableEncoding& encoding);

// An encoding as a JSON object with a member for each column: {"age":{"median":30,"missing":true},
// "city":{"categories":["Bern","Wien"],"missing":false}}.
void write_encoding(JsonText& json, const TableEncoding& encoding);
TableEncoding read_encoding(std::string_view json);

}  // namespace dodona::common
