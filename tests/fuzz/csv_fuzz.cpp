// SPDX-License-Identifier: Apache-2.0
//
// Feeds arbitrary files to the CSV decoder: it answers a consistent table, whose
// encoding is consistent too, or throws Error.
#include "common/data/csv.hpp"
#include "common/data/table_encoding.hpp"

#include <dodona/error.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace {

using dodona::common::CsvLabels;
using dodona::common::CsvOptions;
using dodona::common::CsvTable;

void check_table(const CsvTable& table, const CsvOptions& options) {
  const std::size_t columns = table.columns.size();
  if (table.targets.size() != table.rows || table.rows == 0) __builtin_trap();
  if (table.values.size() != table.rows * columns) __builtin_trap();
  if (table.groups.size() != (options.group.empty() ? 0 : table.rows)) __builtin_trap();
  for (std::size_t at = 0; at < table.values.size(); ++at) {
    const double value = table.values[at];
    if (std::isinf(value)) __builtin_trap();
    if (!table.holds_words(at % columns) || std::isnan(value)) continue;
    if (value < 0 || value >= static_cast<double>(table.words[at % columns].size()))
      __builtin_trap();
  }
  for (const double target : table.targets) {
    if (options.labels == CsvLabels::kNumbers ? !std::isfinite(target)
                                              : target >= static_cast<double>(table.classes.size()))
      __builtin_trap();
  }
}

// Of all rows: it is finite, and the same after it was written and read.
void check_encoding(const CsvTable& table) {
  std::vector<std::int64_t> rows(table.rows);
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  const auto encoding = dodona::common::fit_encoding(table, rows);
  const auto inputs = dodona::common::encoded(table, encoding);
  if (inputs.size() != table.rows * dodona::common::inputs_of(encoding)) __builtin_trap();
  for (const double input : inputs) {
    if (!std::isfinite(input)) __builtin_trap();
  }
  std::string text;
  dodona::common::JsonText json(text);
  dodona::common::write_encoding(json, encoding);
  const auto read = dodona::common::read_encoding(text);
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    // A name that is not UTF-8 is mended.
    auto same = read.at(i);
    same.name = encoding[i].name;
    if (same != encoding[i]) __builtin_trap();
  }
}

}  // namespace

// The first byte chooses the kind of labels, and which columns have a part of their own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  CsvOptions options{.label = "y"};
  if ((data[0] & 1) != 0) options.categories = {"a"};
  if ((data[0] & 2) != 0) options.labels = CsvLabels::kNumbers;
  if ((data[0] & 4) != 0) options.ignore = {"b"};
  if ((data[0] & 8) != 0) options.group = "c";
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const auto table = dodona::common::decode_csv(text, options, "f");
    check_table(table, options);
    check_encoding(table);
  } catch (const dodona::Error&) {
  }
  return 0;
}
