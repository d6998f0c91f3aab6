// SPDX-License-Identifier: Apache-2.0
//
// The members of a JSON object, each with the text of its value: a line of metrics or the note of a
// proposal is read without a tree.
//
// NaN, Infinity and -Infinity are numbers, as Python and JavaScript write them.
//
// Threads: pure.
// Cost:    linear time; no recursion, so that no text can exhaust the stack.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {

// Arrays and objects deeper than this are refused.
inline constexpr int kJsonDepthMax = 64;

struct Member {
  std::string name;
  std::string_view raw;  // the text of the value
};

// The members in their order, with all members of a repeated name. Nothing if the text is not one
// JSON object.
std::optional<std::vector<Member>> json_members(std::string_view text);

// The value of a text, or nothing for a value of another kind. A number that a double cannot hold
// becomes 0 or an infinity, as long as its exponent has at most four digits.
std::optional<double> json_number(std::string_view raw);
std::optional<std::string> json_string(std::string_view raw);
// The numbers of a list; nothing if the text is no list of numbers.
std::optional<std::vector<double>> json_numbers(std::string_view raw);
// The texts of a list; nothing if the text is no list of strings.
std::optional<std::vector<std::string>> json_strings(std::string_view raw);

}  // namespace dodona::common
