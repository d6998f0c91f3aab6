// SPDX-License-Identifier: Apache-2.0
//
// JSON in and out: a strict reader that knows where everything stands, and a writer that loses no
// bit of a double. The document itself is a boost::json::value.
//
// Boost.JSON's own reader and writer are not used: they change the last bit of some doubles, let
// duplicate keys pass, and keep no positions.
//
// Accepted: RFC 8259 in UTF-8, a byte order mark at the start included. Refused: duplicate keys,
// comments, trailing commas, NaN and Infinity, more than kJsonDepthMax levels, numbers beyond
// range.
//
// Numbers: one written without point and exponent is an integer, and stays exact: int64 where it
//          fits, else uint64 (up to 2^64 - 1, so that every seed survives), else an error; -0 is 0.
//          Any other is the nearest double. Overflow is an error, and so is a number that is not
//          zero but would become it.
// Paths:   keys joined by dots, indices in brackets: `space[2].when.optimizer`. A key that is empty
//          or holds a dot, bracket, quote or control character is quoted: `initial[0]["sgd.lr"]`.
//          The empty path is the document.
// Errors:  dodona::Error{DODONA_E_INVALID}; reading says `file:line:column: what was found; what
//          would be right`. Line and column count from 1, the column in characters.
// Threads: no shared state; a JsonDocument may be read from any number of threads.
#pragma once

#include <dodona/error.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::base {

inline constexpr std::size_t kJsonDepthMax = 64;

// Which of the two a position means: for an unknown key, say, the key itself.
enum class Part { kKey = 1, kValue = 2 };

// A parsed document and the place of each of its keys and values. Changing `root` leaves the
// places as they were read; set() keeps both in step.
// Cost: the text, and 56 bytes per value, beside the DOM; no path is built before it is asked for.
struct JsonDocument {
  boost::json::value root;
  std::string file;  // the name used in messages

  // `file:line:column` of the value at `path`, or of its key (elements and the root have none: the
  // value then). Where the path leads to nothing, the place of the deepest part that exists. For
  // what set() gave, the source that gave it. A malformed path throws. O(text).
  std::string where(std::string_view path, Part part = Part::kValue) const;

  // `file:line:column: path: message`; without the path where it is empty.
  Error error_at(std::string_view path, std::string_view message, Part part = Part::kValue) const;

  // set_at() on the root; `source`, such as `--set`, stands for file:line:column from then on.
  void set(std::string_view path, boost::json::value value, std::string source);

  // What the reader noted: one node per value in document order, so a container's members follow
  // it and end before `next`. Offsets are bytes of `text`.
  struct Node {
    std::size_t key_offset;
    std::size_t value_offset;
    std::size_t next;
    std::string key;
  };
  static_assert(sizeof(Node) == 56 || sizeof(std::string) != 32, "the cost above");
  std::string text;
  std::vector<Node> nodes;
  std::vector<std::pair<std::string, std::string>> overrides;  // path, source
};

JsonDocument parse_json(std::string_view text, std::string file);

// Pretty: two spaces a level, and an array of scalars on one line where it fits in 80 columns.
// Otherwise all on one line. No line break at the end either way. A double always has a point or an
// exponent (1.0); NaN and infinities become the strings "NaN", "Infinity", "-Infinity"; bytes that
// are not UTF-8 become U+FFFD, so that the answer is always JSON.
std::string to_text(const boost::json::value& value, bool pretty);

// The right side of `--set path=value`: JSON where it is JSON, else the text itself as a string.
boost::json::value parse_scalar_or_json(std::string_view text);

// Puts `value` at `path`, making missing objects on the way (a null counts as missing). Elements of
// arrays can be replaced but not added. On an error `root` is as it was.
void set_at(boost::json::value& root, std::string_view path, boost::json::value value);

// The path of a member or an element, quoted where it must be.
std::string join_path(std::string_view path, std::string_view key);
std::string join_path(std::string_view path, std::size_t index);

// Any number as the nearest double; absent for everything else, strings such as "NaN" included.
std::optional<double> as_real(const boost::json::value& value);

// `a string`, `an object`, `an integer` ...: what a value is, for messages.
std::string_view kind_of(const boost::json::value& value);

}  // namespace dodona::base
