// SPDX-License-Identifier: Apache-2.0
//
// The note of a proposal: a flat JSON object that explains the proposal. Its numbers can be read
// back with every bit.
//
// Errors:  reading an absent name, or one that is no number or list of numbers, gives nothing. The
//          kernel refuses a proposal whose note is longer than 64 KiB.
// Threads: a Note belongs to one thread; reading is pure.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {

// Writes the members one after another. The caller gives each name once. A number that is not
// finite becomes null.
class Note {
 public:
  explicit Note(std::string_view model) { text("model", model); }

  Note& text(std::string_view name, std::string_view value) {
    key(name);
    quote(value);
    return *this;
  }
  Note& number(std::string_view name, double value) {
    key(name);
    put(value);
    return *this;
  }
  template <class Numbers>
  Note& numbers(std::string_view name, const Numbers& values) {
    key(name);
    char separator = '[';
    if (values.size() == 0) json_ += '[';
    for (const double value : values) {
      json_ += separator;
      put(value);
      separator = ',';
    }
    json_ += ']';
    return *this;
  }
  // Adds named numbers as an object, with three digits: for people. The second definition of a name
  // under other conditions has a count after it.
  template <class Pairs>
  Note& members(std::string_view name, const Pairs& pairs) {
    key(name);
    char separator = '{';
    if (pairs.empty()) json_ += '{';
    std::map<std::string_view, int> times;
    for (const auto& [each, value] : pairs) {
      json_ += separator;
      const int time = ++times[each];
      quote(time == 1 ? std::string(each) : std::string(each) + " (" + std::to_string(time) + ")");
      json_ += ':';
      put(value, 3);
      separator = ',';
    }
    json_ += '}';
    return *this;
  }
  // The note so far, as one JSON object.
  std::string json() const { return json_ + '}'; }

 private:
  void key(std::string_view name) {
    json_ += json_.empty() ? '{' : ',';
    quote(name);
    json_ += ':';
  }
  void quote(std::string_view value) {
    json_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') json_ += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) {
        json_ += c;
        continue;
      }
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      json_ += escape.data();
    }
    json_ += '"';
  }
  // Writes a number with so many digits; `precision` 0: with every bit.
  void put(double value, int precision = 0) {
    if (!std::isfinite(value)) {
      json_ += "null";
      return;
    }
    std::array<char, 32> digits{};
    char* last = digits.data() + digits.size();
    const char* end =
        precision == 0
            ? std::to_chars(digits.data(), last, value).ptr
            : std::to_chars(digits.data(), last, value, std::chars_format::general, precision).ptr;
    json_.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }

  std::string json_;
};

// Reads the number, or the list of numbers, of that name in a note that Note wrote. A list ends
// before its first null.
inline std::vector<double> read_numbers(std::string_view note, std::string_view name) {
  const std::string key = '"' + std::string(name) + "\":";
  const std::size_t found = note.find(key);
  std::vector<double> out;
  if (found == std::string_view::npos) return out;
  const char* at = note.data() + found + key.size();
  const char* end = note.data() + note.size();
  const bool is_list = at != end && *at == '[';
  if (is_list) ++at;
  double value = 0;
  for (;;) {
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc()) return out;
    out.push_back(value);
    if (!is_list || next == end || *next != ',') return out;
    at = next + 1;
  }
}

// The number of that name, or the first one of a list.
inline std::optional<double> read_number(std::string_view note, std::string_view name) {
  const std::vector<double> found = read_numbers(note, name);
  return found.empty() ? std::nullopt : std::optional(found[0]);
}

}  // namespace dodona::common
