// SPDX-License-Identifier: Apache-2.0
#include "common/data/libsvm.hpp"

#include "common/data/cell_text.hpp"
#include "common/data/files.hpp"

#include <dodona/error.hpp>

#include <algorithm>

namespace dodona::common {
namespace {

// A larger index is refused as a mistake: no table has so many columns.
constexpr std::uint32_t kIndexMax = (1u << 24) - 1;

class Decoder {
 public:
  Decoder(const std::string& name, SparseTable& table) : name_(name), table_(table) {}

  void line(std::string_view text) {
    ++line_;
    text = text.substr(0, text.find('#'));
    std::string_view word = next_word(text);
    if (word.empty()) return;
    const auto label = finite_number<double>(word);
    if (!label) {
      fail("the label " + shown(word) +
           " is not a finite number; a line is \"label index:value "
           "...\"");
    }
    table_.labels.push_back(*label);
    last_ = -1;
    while (!(word = next_word(text)).empty()) entry(word);
    table_.starts.push_back(table_.values.size());
    ++table_.rows;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(DODONA_E_IO, "\"" + name_ + "\", line " + std::to_string(line_) + ": " + what);
  }

 private:
  static std::string_view next_word(std::string_view& text) {
    constexpr std::string_view blanks = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
  }

  void entry(std::string_view word) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) fail(shown(word) + " should be index:value");
    const std::string_view key = word.substr(0, colon);
    if (key == "qid") fail(shown(word) + ": ranking by groups is not supported");
    const auto index = finite_number<std::uint32_t>(key);
    if (!index || *index > kIndexMax) {
      fail("the index of " + shown(word) + " should be a whole number from 0 to " +
           std::to_string(kIndexMax));
    }
    if (static_cast<std::int64_t>(*index) <= last_) {
      fail("index " + std::to_string(*index) + " follows " + std::to_string(last_) +
           "; the indices of a line should rise");
    }
    const auto value = finite_number<float>(word.substr(colon + 1));
    if (!value) fail("the value of " + shown(word) + " is not a finite number");
    last_ = *index;
    table_.indices.push_back(*index);
    table_.values.push_back(*value);
    table_.columns = std::max(table_.columns, *index + 1);
  }

  const std::string& name_;
  SparseTable& table_;
  std::uint64_t line_ = 0;
  std::int64_t last_ = -1;
};

}  // namespace

SparseTable decode_libsvm(std::string_view text, const std::string& name) {
  SparseTable table;
  Decoder decoder(name, table);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    decoder.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (table.rows == 0) throw Error(DODONA_E_IO, "\"" + name + "\" has no row of data");
  if (table.columns == 0) {
    throw Error(DODONA_E_IO, "\"" + name + "\" has labels and no index:value");
  }
  return table;
}

SparseTable load_libsvm(const std::string& path) {
  const auto bytes = read_file(path);
  return decode_libsvm({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

}  // namespace dodona::common
