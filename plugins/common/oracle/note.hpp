// SPDX-License-Identifier: Apache-2.0
//
// The note of a proposal: a flat JSON object that explains the proposal. Its numbers can be read
// back with every bit.
//
// Errors:  reading an absent name, or one that is no number or list of numbers, gives nothing. The
//          kernel refuses a proposal whose note is longer than 64 KiB.
// Threads: a Note belongs to one thread; reading is pure.
#pragma once

#include "common/text/json_members.hpp"
#include "common/text/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {

// Writes the members one after another. The caller gives each name once. A number that is not finite
// becomes a text.
class Note {
 public:
  explicit Note(std::string_view model) { text("model", model); }

  Note& text(std::string_view name, std::string_view value) {
    add(name, [&](JsonText& json) { json.text(value); });
    return *this;
  }
  Note& number(std::string_view name, double value) {
    add(name, [&](JsonText& json) { json.real(value); });
    return *this;
  }
  template <class Numbers>
  Note& numbers(std::string_view name, const Numbers& values) {
    add(name, [&](JsonText& json) {
      json.open('[');
      for (const double value : values) json.real(value);
      json.close(']');
    });
    return *this;
  }
  // Adds named numbers as an object, with three digits: for people. The second definition of a name
  // under other conditions has a count after it.
  template <class Pairs>
  Note& members(std::string_view name, const Pairs& pairs) {
    add(name, [&](JsonText& json) {
      json.open('{');
      std::map<std::string_view, int> times;
      for (const auto& [each, value] : pairs) {
        const int time = ++times[each];
        json.key(time == 1 ? std::string(each)
                           : std::string(each) + " (" + std::to_string(time) + ")");
        json.json(rounded(value));
      }
      json.close('}');
    });
    return *this;
  }
  // The note so far, as one JSON object.
  std::string json() const { return '{' + members_ + '}'; }

 private:
  template <class Write>
  void add(std::string_view name, Write&& write) {
    if (!members_.empty()) members_ += ',';
    JsonText json(members_);
    json.key(name);
    write(json);
  }
  static std::string rounded(double value) {
    if (!std::isfinite(value)) return "null";
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                   std::chars_format::general, 3);
    return std::string(digits.data(), end.ptr);
  }

  std::string members_;
};

// The numbers of that name in a note, or the one number.
inline std::vector<double> read_numbers(std::string_view note, std::string_view name) {
  const auto members = json_members(note);
  if (!members) return {};
  for (const Member& member : *members) {
    if (member.name != name) continue;
    if (const auto number = json_number(member.raw)) return {*number};
    return json_numbers(member.raw).value_or(std::vector<double>());
  }
  return {};
}

// The number of that name, or the first one of a list.
inline std::optional<double> read_number(std::string_view note, std::string_view name) {
  const std::vector<double> found = read_numbers(note, name);
  return found.empty() ? std::nullopt : std::optional(found[0]);
}

}  // namespace dodona::common
