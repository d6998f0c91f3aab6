// SPDX-License-Identifier: Apache-2.0
#include "common/data/csv.hpp"

#include "common/data/cell_text.hpp"
#include "common/data/files.hpp"
#include "common/text/utf8.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>
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
      column_ = 0;
      do {
        ++column_;
        cells.push_back(cell());
      } while (take(','));
      if (take('\r') && !rest_.empty() && rest_[0] != '\n')
        fail_here("ends in a carriage return that no line feed follows");
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
  // Of the cell that is being read.
  [[noreturn]] void fail_here(const std::string& what) const {
    fail("column " + std::to_string(column_) + " " + what);
  }

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
      fail_here("has a quotation mark within the cell " + shown(text) +
                " that does not begin with one");
    rest_.remove_prefix(size);
    return std::string(text);
  }

  std::string quoted_cell() {
    std::string out;
    for (;;) {
      const std::size_t size = rest_.find('"');
      if (size == std::string_view::npos) fail_here("has a quotation mark that is never closed");
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
      fail_here("has text after the closing quotation mark of the cell " + shown(out));
    return out;
  }

  std::string_view rest_;
  const std::string& name_;
  std::uint64_t line_ = 1;
  std::uint64_t next_line_ = 1;
  std::uint64_t column_ = 0;  // from 1
};

enum class Role : std::uint8_t { kFree = 1, kWords, kLabel, kGroup, kIgnored };

// The parts of the file's columns: indices of those that are taken, of the label and of the group.
struct Header {
  std::vector<std::size_t> columns;
  std::vector<bool> words;  // of each column that is taken
  std::optional<std::size_t> label;
  std::optional<std::size_t> group;
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

void check_names(const CsvReader& reader, const std::vector<std::string>& names) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty())
      reader.fail("column " + std::to_string(seen.size() + 1) +
                  " has no name; the first line is a header that names every column");
    if (!seen.insert(name).second) reader.fail("two columns are named " + shown(name));
  }
}

Header read_header(const CsvReader& reader, const std::vector<std::string>& names,
                   const CsvOptions& options) {
  check_names(reader, names);
  std::vector<Role> roles(names.size(), Role::kFree);
  const auto assign = [&](const std::string& name, Role role, const char* what) {
    const std::size_t at = find_column(reader, names, name, what);
    if (roles[at] != Role::kFree)
      reader.fail("column " + shown(name) +
                  " is named twice; it may be the label, the group, one to ignore, or one of "
                  "categories");
    roles[at] = role;
    return at;
  };
  Header out;
  if (!options.label.empty()) out.label = assign(options.label, Role::kLabel, "label column");
  if (!options.group.empty()) out.group = assign(options.group, Role::kGroup, "group column");
  for (const std::string& name : options.ignore) assign(name, Role::kIgnored, "column to ignore");
  for (const std::string& name : options.categories)
    assign(name, Role::kWords, options.columns.empty() ? "column of categories" : "column");
  for (const std::string& name : options.columns)
    out.columns.push_back(find_column(reader, names, name, "column"));
  for (std::size_t i = 0; options.columns.empty() && i < names.size(); ++i) {
    if (roles[i] == Role::kFree || roles[i] == Role::kWords) out.columns.push_back(i);
  }
  if (out.columns.empty())
    reader.fail("there is no column beside the label " + shown(options.label));
  for (const std::size_t at : out.columns) out.words.push_back(roles[at] == Role::kWords);
  return out;
}

// True for a cell that is meant as a number, also where no double can hold it.
bool looks_like_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return end == text.data() + text.size() && error != std::errc::invalid_argument;
}

[[noreturn]] void refuse_number(const CsvReader& reader, const std::string& column,
                                const std::string& cell) {
  reader.fail("column " + shown(column) +
              (is_missing(trimmed(cell))
                   ? " has no value; every cell must be a finite number"
                   : " holds " + shown(cell) + ", which is not a finite number"));
}

// A number that a float can hold, which is what models compute with.
double number_in(const CsvReader& reader, const std::string& column, const std::string& cell) {
  const auto value = finite_number<double>(trimmed(cell));
  if (!value) refuse_number(reader, column, cell);
  if (std::abs(*value) > double{std::numeric_limits<float>::max()})
    reader.fail("column " + shown(column) + " holds " + shown(cell) +
                ", which is beyond 3.4e38, the largest number that models take");
  return *value;
}

// Words become names in JSON, which is UTF-8.
void check_text(const CsvReader& reader, const std::string& column, const std::string& cell) {
  if (utf8::mended(cell) != cell)
    reader.fail("column " + shown(column) + " holds " + shown(utf8::mended(cell)) +
                ", which is not UTF-8; the file should be saved as UTF-8");
}

// Words in the order in which they are met.
class WordList {
 public:
  // The index of a word.
  std::size_t add(const std::string& word) {
    return index_.emplace(word, index_.size()).first->second;
  }
  std::size_t size() const { return index_.size(); }

  // The words sorted, and for each index its place among them.
  std::pair<std::vector<std::string>, std::vector<double>> sorted() const {
    std::vector<std::string> words;
    std::vector<double> places(index_.size());
    for (const auto& [word, at] : index_) {
      places[at] = static_cast<double>(words.size());
      words.push_back(word);
    }
    return {std::move(words), std::move(places)};
  }

 private:
  std::map<std::string, std::size_t> index_;
};

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

// Reads a file as if all columns held numbers but those that are known to hold words. If that fails,
// it looks which columns hold words, and reads the file again.
class TableReader {
 public:
  TableReader(std::string_view text, const CsvOptions& options, const std::string& name)
      : text_(text), options_(options), name_(name) {}

  CsvTable read() {
    if (auto table = read_rows(options_.columns.empty())) return *std::move(table);
    find_words();
    return *read_rows(false);
  }

 private:
  // Calls use(reader) for each line, with its cells in cells_.
  template <class Use>
  void each_line(Use&& use) {
    CsvReader reader(text_, name_);
    if (!reader.next(names_)) reader.fail("empty; the first line should name the columns");
    Header header = read_header(reader, names_, options_);
    if (words_) header.words = *words_;
    header_ = std::move(header);
    rows_ = 0;
    while (reader.next(cells_)) {
      if (cells_.size() != names_.size())
        reader.fail(std::to_string(cells_.size()) + " cells, where the header names " +
                    std::to_string(names_.size()) + " columns");
      ++rows_;
      if (!use(reader)) return;
    }
    if (rows_ == 0) reader.fail("no line of data follows the header");
  }

  // Decides which columns hold words.
  void find_words() {
    constexpr std::int64_t least = 10;  // one value in so many is a word
    std::vector<std::int64_t> balance;  // weighted words less numbers
    each_line([&](const CsvReader&) {
      balance.resize(header_.columns.size(), 0);
      for (std::size_t i = 0; i < balance.size(); ++i) {
        const std::string_view cell = trimmed(cells_[header_.columns[i]]);
        if (!is_missing(cell)) balance[i] += looks_like_number(cell) ? -1 : least - 1;
      }
      return true;
    });
    std::vector<bool> words = header_.words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = words[i] || balance[i] >= 0;
    words_ = std::move(words);
  }

  // Reads all lines. Where the kinds are `open`, a column that is not known to hold words should hold
  // numbers; nothing is returned if it does not.
  std::optional<CsvTable> read_rows(bool open) {
    CsvTable table;
    table.label = options_.label;
    lists_.clear();
    groups_ = WordList();
    labels_.clear();
    lines_.clear();
    bool whole = true;
    each_line([&](const CsvReader& reader) {
      whole = read_row(reader, table, open);
      return whole;
    });
    if (!whole) return std::nullopt;
    table.rows = rows_;
    for (const std::size_t at : header_.columns) table.columns.push_back(names_[at]);
    sort_words(table);
    if (options_.labels == CsvLabels::kClasses) {
      table.classes = options_.classes.empty() ? sorted_classes(labels_) : options_.classes;
      number_classes(table, labels_, lines_, name_);
    }
    return table;
  }

  bool read_row(const CsvReader& reader, CsvTable& table, bool open) {
    lists_.resize(header_.columns.size());
    for (std::size_t i = 0; i < header_.columns.size(); ++i) {
      const std::string& column = names_[header_.columns[i]];
      const std::string& cell = cells_[header_.columns[i]];
      if (is_missing(trimmed(cell))) {
        table.values.push_back(std::numeric_limits<double>::quiet_NaN());
      } else if (header_.words[i]) {
        check_text(reader, column, cell);
        table.values.push_back(static_cast<double>(lists_[i].add(cell)));
        if (lists_[i].size() > kCsvWordsMax && options_.columns.empty())
          reader.fail("column " + shown(column) + " holds more than " +
                      std::to_string(kCsvWordsMax) +
                      " different words; the option \"ignore\" leaves a column out");
      } else if (!looks_like_number(trimmed(cell))) {
        if (open) return false;
        reader.fail("column " + shown(column) + " holds " + shown(cell) +
                    ", which is not a finite number" +
                    (options_.columns.empty() ? ", while nearly all others are; the option "
                                                "\"categories\" names columns of words"
                                              : ""));
      } else {
        table.values.push_back(number_in(reader, column, cell));
      }
    }
    if (header_.group) read_group(reader, table);
    if (header_.label) read_label(reader, table);
    return true;
  }

  void read_group(const CsvReader& reader, CsvTable& table) {
    const std::string& cell = cells_[*header_.group];
    if (is_missing(trimmed(cell)))
      reader.fail("the group " + shown(options_.group) + " has no value");
    table.groups.push_back(groups_.add(cell));
  }

  void read_label(const CsvReader& reader, CsvTable& table) {
    std::string& label = cells_[*header_.label];
    if (options_.labels == CsvLabels::kNumbers) {
      table.targets.push_back(number_in(reader, table.label, label));
      return;
    }
    if (label.empty()) reader.fail("the label " + shown(table.label) + " has no value");
    labels_.push_back(std::move(label));
    lines_.push_back(reader.line());
  }

  // Makes the indices of words independent of the order of the lines.
  void sort_words(CsvTable& table) const {
    const std::size_t columns = lists_.size();
    for (std::size_t i = 0; i < columns; ++i) {
      if (lists_[i].size() == 0) continue;
      table.words.resize(columns);
      std::vector<double> places;
      std::tie(table.words[i], places) = lists_[i].sorted();
      for (std::size_t at = i; at < table.values.size(); at += columns) {
        double& value = table.values[at];
        if (!std::isnan(value)) value = places[static_cast<std::size_t>(value)];
      }
    }
  }

  std::string_view text_;
  const CsvOptions& options_;
  const std::string& name_;
  std::vector<std::string> names_;
  std::vector<std::string> cells_;
  std::uint64_t rows_ = 0;
  Header header_;
  std::optional<std::vector<bool>> words_;  // the kinds, once they were found
  std::vector<WordList> lists_;             // of each column
  WordList groups_;
  std::vector<std::string> labels_;  // of classes, with their lines
  std::vector<std::uint64_t> lines_;
};

}  // namespace

CsvTable decode_csv(std::string_view text, const CsvOptions& options, const std::string& name) {
  return TableReader(text, options, name).read();
}

CsvTable load_csv(const std::string& path, const CsvOptions& options) {
  const auto bytes = read_file(path);
  return decode_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, options, path);
}

std::shared_ptr<const CsvTable> shared_csv(const std::string& path, const CsvOptions& options) {
  static SharedFiles<CsvTable> files;
  constexpr char end = '\0';  // of a name
  std::string manner = options.labels == CsvLabels::kNumbers ? "numbers " : "classes ";
  manner += options.label + end + options.group + end;
  for (const std::string& name : options.ignore) manner += name + end;
  manner += end;
  for (const std::string& name : options.categories) manner += name + end;
  return files.get(path, manner, [&] { return load_csv(path, options); });
}

}  // namespace dodona::common
