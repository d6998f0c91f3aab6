// SPDX-License-Identifier: Apache-2.0
//
// The error of a text that is not JSON, said for a person who has to put it right. Boost's
// parser says only "syntax error"; this looks again at the place where it stopped.
//
// Threads: pure.
// Cost:    O(text) for the position, O(one value) for the diagnosis; paid for errors alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::base {

// Counts from 1; a column is a character, and a byte order mark is none.
struct TextPosition {
  std::size_t line;
  std::size_t column;
};

TextPosition position_of(std::string_view text, std::size_t offset);

// A value found wrong at a byte of the text; what was found, and what would be right.
struct JsonFault {
  std::size_t offset;
  std::string message;
};

// Where the parser was after the last complete token that it reported.
struct JsonProgress {
  enum class After { kNothing = 1, kOpening, kKey, kValue };
  struct Container {
    char opening;  // { or [
    std::size_t offset;
  };
  std::string_view text;
  std::size_t cursor;  // first byte after that token
  After after = After::kNothing;
  std::size_t last_value = 0;   // first byte of the last value; After::kValue
  std::string last_key;         // After::kKey
  std::vector<Container> open;  // outermost first
};

// Bytes of the longest number of JSON's grammar that `text` begins with; 0 where it begins with
// none.
std::size_t number_length(std::string_view text);

// A number of the grammar that no int64, uint64 or double can hold.
JsonFault number_range_fault(std::size_t offset, std::string_view number);

// `text` must be refused by the parser somewhere at or after `cursor`. Where that cannot be told
// from the text, the fault is `fallback`.
JsonFault diagnose(const JsonProgress& progress, const JsonFault& fallback);

}  // namespace dodona::base
