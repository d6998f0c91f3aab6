// SPDX-License-Identifier: Apache-2.0
//
// Tables of numbers with a label column, as comma-separated values.
//
//   CsvTable table = load_csv("wine.csv", {.label = "quality", .labels = CsvLabels::kClasses});
//
// The first line names the columns. All columns but the label hold numbers. The label is a class (a
// word or a number) or a number to predict. Cells may be quoted as in RFC 4180. Spaces around a
// cell do not count, lines end in LF or CRLF, and empty lines are skipped.
//
// Errors:  Error{DODONA_E_IO} for a file that cannot be read, or is not as above. The message names
//          the file, the line, the column, the cell, and the remedy.
// Threads: call from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {

enum class CsvLabels { kClasses = 1, kNumbers = 2 };

struct CsvOptions {
  std::string label{};  // name of the label column; empty: there is none, and `targets` stays empty
  CsvLabels labels = CsvLabels::kClasses;
  bool missing = false;  // true: an empty cell, NA or NaN is a NaN in `values`; false: an error
  // The columns to take, in this order, whatever others the file has; empty: all but the label.
  std::vector<std::string> columns{};
  std::vector<std::string> classes{};  // the known classes in their order; empty: those of the file
};

// Shapes: values[rows][columns.size()], targets[rows].
struct CsvTable {
  std::vector<std::string> columns;  // without the label, as in the file
  std::string label;                 // name of the label column
  std::uint64_t rows = 0;
  std::vector<double> values;
  std::vector<double> targets;       // the label, or its index in `classes`
  std::vector<std::string> classes;  // in order, as numbers if all are; empty for kNumbers
};

// Decodes the contents of a file. `name` is the file's name in messages.
CsvTable decode_csv(std::string_view text, const CsvOptions& options, const std::string& name);

CsvTable load_csv(const std::string& path, const CsvOptions& options);

// The same for options without `columns` and `classes`; all holders of the result at the same time
// share one reading.
std::shared_ptr<const CsvTable> shared_csv(const std::string& path, const CsvOptions& options);

}  // namespace dodona::common
