// SPDX-License-Identifier: Apache-2.0
//
// Tables with a label column, as comma-separated values.
//
//   CsvTable table = load_csv("wine.csv", {.label = "quality", .labels = CsvLabels::kClasses});
//
// The first line names the columns. A column holds numbers, or words: the names of categories. The
// label is a class (a word or a number) or a number to predict. Cells may be quoted as in RFC 4180.
// Spaces around a cell do not count, lines end in LF or CRLF, and empty lines are skipped. An empty
// cell, NA, NaN or nan is a missing value.
//
// A column holds words if a tenth of its values or more are no numbers; fewer are an error, as such
// words are mistakes. That does not depend on the order of the lines.
//
// Errors:  Error{DODONA_E_IO} for a file that cannot be read, or is not as above. The message names
//          the file, the line, the column, the cell, and the remedy.
// Threads: call from any thread.
// Cost:    linear in the file; a file with columns of words is read three times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {

enum class CsvLabels { kClasses = 1, kNumbers = 2 };

// Columns of words may have so many different ones: each is an input of a network.
inline constexpr std::size_t kCsvWordsMax = 1000;

struct CsvOptions {
  std::string label{};  // name of the label column; empty: there is none, and `targets` stays empty
  CsvLabels labels = CsvLabels::kClasses;
  std::vector<std::string> ignore{};      // columns that are not taken
  std::vector<std::string> categories{};  // columns of words, also where these look like numbers
  std::string group{};  // name of the column whose equal cells make a group; empty: there is none
  // The columns to take, in this order, whatever others the file has: those of `categories` hold
  // words, all others numbers. Empty: all but the label, the group and the ignored ones.
  std::vector<std::string> columns{};
  std::vector<std::string> classes{};  // the known classes in their order; empty: those of the file
};

// Shapes: values[rows][columns.size()], targets[rows], words[columns.size()], or empty where all
//         columns hold numbers; groups[rows], or empty where there is no column of groups.
struct CsvTable {
  std::vector<std::string> columns;  // those that are taken, as in the file
  std::string label;                 // name of the label column
  std::uint64_t rows = 0;
  std::vector<double> values;        // a number, or the index of a word; a NaN where it is missing
  std::vector<double> targets;       // the label, or its index in `classes`
  std::vector<std::string> classes;  // in order, as numbers if all are; empty for kNumbers
  std::vector<std::vector<std::string>> words{};  // the different words of a column, sorted
  std::vector<std::uint64_t> groups{};            // a number for each group, from 0

  bool holds_words(std::size_t column) const {
    return column < words.size() && !words[column].empty();
  }
};

// Decodes the contents of a file. `name` is the file's name in messages.
CsvTable decode_csv(std::string_view text, const CsvOptions& options, const std::string& name);

CsvTable load_csv(const std::string& path, const CsvOptions& options);

// The same for options without `columns` and `classes`; all holders of the result at the same time
// share one reading.
std::shared_ptr<const CsvTable> shared_csv(const std::string& path, const CsvOptions& options);

}  // namespace dodona::common
