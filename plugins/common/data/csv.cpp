// SPDX-License-Identifier: Apache-2.0
#include "common/data/csv.hpp"

#include "common/data/cell_text.hpp"
#include "common/data/files.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace dodona::common {
namespace {

// Messages show no more names than these.
constexpr std::size_t kShownNames = 10;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_missing(std::string_view cell) {
  return cell.empty() || cell == "NA" || cell == "NaN" || cell == "nan";
}

// Reads the cells of a file, line by line. A quoted cell may span lines.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";  // a byte order mark of UTF-8
    if (rest_.starts_with(mark)) rest_.remove_prefix(mark.size());
  }

  // The line at which the cells begin that were read last.
  std::uint64_t line() const { return line_; }

  // Fills `cells` from the next line that is not empty. Returns false at the end.
  bool next(std::vector<std::string>& cells) {
    while (!rest_.empty()) {
      line_ = next_line_;
      cells.clear();
      do {
        cells.push_back(cell());
      } while (take(','));
      if (take('\r') && !rest_.empty() && rest_[0] != '\n')
        fail("a carriage return that no line feed follows");
      take('\n');
      ++next_line_;
      if (cells.size() > 1 || !cells[0].empty()) return true;
    }
    return false;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(DODONA_E_IO, "\"" + name_ + "\", line " + std::to_string(line_) + ": " + what);
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Reads a cell up to the comma or the end of the line, and leaves that one unread.
  std::string cell() {
    const std::size_t start = rest_.find_first_not_of(" \t");
    if (start != std::string_view::npos && rest_[start] == '"') {
      rest_.remove_prefix(start + 1);
      return quoted_cell();
    }
    const std::size_t size = std::min(rest_.find_first_of(",\r\n"), rest_.size());
    const std::string_view text = trimmed(rest_.substr(0, size));
    if (text.find('"') != std::string_view::npos)
      fail("a quotation mark within the cell " + shown(text) + " that does not begin with one");
    rest_.remove_prefix(size);
    return std::string(text);
  }

  std::string quoted_cell() {
    std::string out;
    for (;;) {
      const std::size_t size = rest_.find('"');
      if (size == std::string_view::npos) fail("a quotation mark is never closed");
      const std::string_view piece = rest_.substr(0, size);
      next_line_ += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
      out += piece;
      rest_.remove_prefix(size + 1);
      if (!take('"')) break;  // two quotes in a row are one quote of the text
      out += '"';
    }
    while (take(' ') || take('\t')) {
    }
    if (!rest_.empty() && std::string_view(",\r\n").find(rest_[0]) == std::string_view::npos)
      fail("text follows the closing quotation mark of the cell " + shown(out));
    return out;
  }

  std::string_view rest_;
  const std::string& name_;
  std::uint64_t line_ = 1;
  std::uint64_t next_line_ = 1;
};

// The parts of the file's columns: indices of those that are taken, and of the label.
struct Header {
  std::vector<std::size_t> columns;
  std::optional<std::size_t> label;
};

std::size_t find_column(const CsvReader& reader, const std::vector<std::string>& names,
                        const std::string& name, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kShownNames); ++i)
    list += (i > 0 ? ", " : "") + shown(names[i]);
  reader.fail(std::string("the header has no ") + what + " " + shown(name) + "; it names " + list +
              (names.size() > kShownNames ? ", ..." : ""));
}

Header read_header(const CsvReader& reader, const std::vector<std::string>& names,
                   const CsvOptions& options) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty())
      reader.fail("column " + std::to_string(seen.size() + 1) +
                  " has no name; the first line is a header that names every column");
    if (!seen.insert(name).second) reader.fail("two columns are named " + shown(name));
  }
  Header out;
  if (!options.label.empty()) out.label = find_column(reader, names, options.label, "label column");
  for (const std::string& name : options.columns)
    out.columns.push_back(find_column(reader, names, name, "column"));
  for (std::size_t i = 0; options.columns.empty() && i < names.size(); ++i) {
    if (i != out.label) out.columns.push_back(i);
  }
  if (out.columns.empty())
    reader.fail("there is no column beside the label " + shown(options.label));
  return out;
}

double number_in(const CsvReader& reader, const std::string& column, const std::string& cell,
                 bool missing) {
  if (missing && is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  const std::string_view text = trimmed(cell);
  if (const auto value = finite_number<double>(text)) return *value;
  reader.fail("column " + shown(column) +
              (is_missing(text) ? " has no value; every cell must be a finite number"
                                : " holds " + shown(cell) + ", which is not a finite number"));
}

// Sorts the classes, as numbers if all of them are numbers.
std::vector<std::string> sorted_classes(const std::vector<std::string>& labels) {
  const std::set<std::string_view> different(labels.begin(), labels.end());
  std::vector<std::pair<double, std::string>> order;
  bool numbers = true;
  for (const std::string_view label : different) {
    const auto value = finite_number<double>(label);
    numbers &= value.has_value();
    order.emplace_back(value.value_or(0), label);
  }
  // The set has sorted them as texts already.
  if (numbers) std::sort(order.begin(), order.end());
  std::vector<std::string> out;
  for (auto& [value, label] : order) out.push_back(std::move(label));
  return out;
}

// Makes indices of the labels. A label that is no class stands in the line beside it.
void number_classes(CsvTable& table, const std::vector<std::string>& labels,
                    const std::vector<std::uint64_t>& lines, const std::string& name) {
  std::map<std::string_view, double> index;
  for (const std::string& known : table.classes)
    index.emplace(known, static_cast<double>(index.size()));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto found = index.find(labels[i]);
    if (found == index.end())
      throw Error(DODONA_E_IO, "\"" + name + "\", line " + std::to_string(lines[i]) + ": column " +
                                   shown(table.label) + " holds " + shown(labels[i]) +
                                   ", which is none of the " +
                                   std::to_string(table.classes.size()) + " known classes");
    table.targets.push_back(found->second);
  }
}

}  // namespace

CsvTable decode_csv(std::string_view text, const CsvOptions& options, const std::string& name) {
  CsvReader reader(text, name);
  std::vector<std::string> names;
  if (!reader.next(names)) reader.fail("empty; the first line should name the columns");
  const Header header = read_header(reader, names, options);
  CsvTable table;
  table.label = options.label;
  for (const std::size_t at : header.columns) table.columns.push_back(names[at]);
  std::vector<std::string> labels;
  std::vector<std::uint64_t> lines;
  std::vector<std::string> cells;
  while (reader.next(cells)) {
    if (cells.size() != names.size())
      reader.fail(std::to_string(cells.size()) + " cells, where the header names " +
                  std::to_string(names.size()) + " columns");
    for (const std::size_t at : header.columns)
      table.values.push_back(number_in(reader, names[at], cells[at], options.missing));
    ++table.rows;
    if (!header.label) continue;
    std::string& label = cells[*header.label];
    if (options.labels == CsvLabels::kNumbers) {
      table.targets.push_back(number_in(reader, table.label, label, false));
      continue;
    }
    if (label.empty()) reader.fail("the label " + shown(table.label) + " has no value");
    labels.push_back(std::move(label));
    lines.push_back(reader.line());
  }
  if (table.rows == 0) reader.fail("no line of data follows the header");
  if (options.labels == CsvLabels::kClasses) {
    table.classes = options.classes.empty() ? sorted_classes(labels) : options.classes;
    number_classes(table, labels, lines, name);
  }
  return table;
}

CsvTable load_csv(const std::string& path, const CsvOptions& options) {
  const auto bytes = read_file(path);
  return decode_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, options, path);
}

std::shared_ptr<const CsvTable> shared_csv(const std::string& path, const CsvOptions& options) {
  static SharedFiles<CsvTable> files;
  const std::string manner = (options.labels == CsvLabels::kNumbers ? "numbers " : "classes ") +
                             std::string(options.missing ? "missing " : "") + options.label;
  return files.get(path, manner, [&] { return load_csv(path, options); });
}

}  // namespace dodona::common
