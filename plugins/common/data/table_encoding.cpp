// SPDX-License-Identifier: Apache-2.0
#include "common/data/table_encoding.hpp"

#include "common/text/json_members.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace dodona::common {
namespace {

// The mean of the two in the middle of an even count.
double median_of(std::vector<double> numbers) {
  if (numbers.empty()) return 0;
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  if (numbers.size() % 2 == 1) return *middle;
  const double below = *std::max_element(numbers.begin(), middle);
  return below + (*middle - below) / 2;
}

ColumnEncoding fit_column(const CsvTable& table, std::size_t column,
                          std::span<const std::int64_t> rows) {
  ColumnEncoding out;
  out.name = table.columns[column];
  out.words = table.holds_words(column);
  std::vector<double> present;
  for (const std::int64_t row : rows) {
    const double value =
        table.values[static_cast<std::size_t>(row) * table.columns.size() + column];
    if (!std::isnan(value)) present.push_back(value);
  }
  out.missing = present.size() < rows.size();
  if (!out.words) {
    out.median = median_of(std::move(present));
    return out;
  }
  // The words of a table are sorted, and so are their indices.
  for (const double index : std::set<double>(present.begin(), present.end()))
    out.categories.push_back(table.words[column][static_cast<std::size_t>(index)]);
  return out;
}

[[noreturn]] void refuse(const std::string& column, const std::string& what) {
  throw Error(DODONA_E_INVALID, "its encoding of the column \"" + column + "\" " + what);
}

ColumnEncoding read_column(const Member& column) {
  ColumnEncoding out;
  out.name = column.name;
  const auto members = json_members(column.raw);
  if (!members) refuse(column.name, "is no object");
  bool known = false;  // of which kind the column is
  for (const Member& member : *members) {
    if (member.name == "missing") out.missing = member.raw == "true";
    if (member.name == "median") {
      const auto median = json_number(member.raw);
      if (!median || !std::isfinite(*median)) refuse(column.name, "has a median that is no number");
      out.median = *median;
      known = true;
    }
    if (member.name == "categories") {
      auto categories = json_strings(member.raw);
      if (!categories || !std::is_sorted(categories->begin(), categories->end()))
        refuse(column.name, "has categories that are no sorted list of words");
      out.categories = *std::move(categories);
      out.words = true;
      known = true;
    }
  }
  if (!known) refuse(column.name, "has neither a median nor categories");
  return out;
}

}  // namespace

TableEncoding fit_encoding(const CsvTable& table, std::span<const std::int64_t> rows) {
  TableEncoding out;
  for (std::size_t column = 0; column < table.columns.size(); ++column)
    out.push_back(fit_column(table, column, rows));
  return out;
}

std::size_t inputs_of(const TableEncoding& encoding) {
  std::size_t out = 0;
  for (const ColumnEncoding& column : encoding) out += column.inputs();
  return out;
}

std::vector<std::string> word_columns(const TableEncoding& encoding) {
  std::vector<std::string> out;
  for (const ColumnEncoding& column : encoding) {
    if (column.words) out.push_back(column.name);
  }
  return out;
}

std::vector<double> categories_of(const ColumnEncoding& column,
                                  const std::vector<std::string>& words) {
  std::vector<double> out;
  const std::vector<std::string>& known = column.categories;
  for (const std::string& word : words) {
    const auto found = std::lower_bound(known.begin(), known.end(), word);
    out.push_back(found != known.end() && *found == word
                      ? static_cast<double>(found - known.begin())
                      : std::numeric_limits<double>::quiet_NaN());
  }
  return out;
}

std::vector<double> encoded(const CsvTable& table, const TableEncoding& encoding) {
  const std::size_t columns = encoding.size();
  std::vector<std::vector<double>> categories(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    if (table.holds_words(i)) categories[i] = categories_of(encoding[i], table.words[i]);
  }
  std::vector<double> out;
  out.reserve(table.rows * inputs_of(encoding));
  for (std::size_t at = 0; at < table.values.size(); ++at) {
    const ColumnEncoding& column = encoding[at % columns];
    double value = table.values[at];
    if (column.words) {
      if (!std::isnan(value)) value = categories[at % columns][static_cast<std::size_t>(value)];
      const std::size_t first = out.size();
      out.resize(first + column.categories.size(), 0);
      if (!std::isnan(value)) out[first + static_cast<std::size_t>(value)] = 1;
    } else {
      out.push_back(std::isnan(value) ? column.median : value);
    }
    if (column.missing) out.push_back(std::isnan(value) ? 1 : 0);
  }
  return out;
}

void write_encoding(JsonText& json, const TableEncoding& encoding) {
  json.open('{');
  for (const ColumnEncoding& column : encoding) {
    json.key(column.name);
    json.open('{');
    if (column.words) {
      json.key("categories");
      json.open('[');
      for (const std::string& word : column.categories) json.text(word);
      json.close(']');
    } else {
      json.key("median");
      json.real(column.median);
    }
    json.key("missing");
    json.boolean(column.missing);
    json.close('}');
  }
  json.close('}');
}

TableEncoding read_encoding(std::string_view json) {
  const auto members = json_members(json);
  if (!members)
    throw Error(DODONA_E_INVALID, "its encoding of columns is no object with a member for each");
  TableEncoding out;
  for (const Member& column : *members) out.push_back(read_column(column));
  return out;
}

}  // namespace dodona::common
