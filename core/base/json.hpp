// SPDX-License-Identifier: Apache-2.0
//
// JSON: a strict reader that knows the place of every key and value, and a writer that loses no bit
// of a double. The document itself is a boost::json::value.
//
// Boost.JSON's own reader and writer are not used: they change the last bit of some doubles, let
// duplicate keys pass, and keep no positions.
//
// Accepted: RFC 8259 in UTF-8, a byte order mark at the start included. Refused: duplicate keys,
// comments, trailing commas, NaN and Infinity, more than kJsonDepthMax levels, numbers beyond
// range.
//
// Numbers: a number without point and exponent is an integer and stays exact: an int64 if it fits,
//          else a uint64 (so that every seed survives), else an error. -0 is 0. Any other number is
//          the nearest double. A double that overflows is an error, and so is a number other than
//          zero whose nearest double is zero.
// Paths:   keys joined by dots, indices in brackets: `space[2].when.optimizer`. A key that is empty
//          or holds a dot, bracket, quote or control character is quoted: `initial[0]["sgd.lr"]`.
//          The empty path is the document.
// Errors:  dodona::Error{DODONA_E_INVALID}. Messages of the reader are `file:line:column: FOUND;
//          REMEDY`. Line and column count from 1, the column in characters.
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

// The part of a member to point at. A message about an unknown key points at the key.
enum class Part { kKey = 1, kValue = 2 };

// A fault of a document: Error{kInvalid} whose text is `file:line:column: path: message`.
class JsonError : public Error {
 public:
  JsonError(const std::string& where, std::string path, std::string message)
      : Error(DODONA_E_INVALID, where + ": " + (path.empty() ? "" : path + ": ") + message),
        path_(std::move(path)),
        message_(std::move(message)) {}

  const std::string& path() const { return path_; }
  const std::string& message() const { return message_; }

 private:
  std::string path_;
  std::string message_;
};

// A parsed document and the place of each of its keys and values. Changes of `root` leave the
// places as they were read; set() changes both.
// Cost: the text and 56 bytes for each value, beside the DOM. Paths are built only on demand.
struct JsonDocument {
  boost::json::value root;
  std::string file;  // the name used in messages

  // `file:line:column` of the value at `path`, or of its key. An element and the root have no key:
  // their value counts. A path that leads to nothing has the place of its deepest part that exists.
  // A value given by set() has its source instead. Throws for a malformed path. O(text).
  std::string where(std::string_view path, Part part = Part::kValue) const;

  // `file:line:column: path: message`, without the path if it is empty.
  JsonError error_at(std::string_view path, std::string_view message,
                     Part part = Part::kValue) const;

  // Calls set_at() on the root. From then on `source`, such as `--set`, replaces the place of the
  // value in messages. After an error nothing has changed.
  void set(std::string_view path, boost::json::value value, std::string source);

  // The reader's notes: one node for each value, in document order. The members of a container
  // follow it and end before `next`. Offsets are bytes of `text`.
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

// The text of a value, without a line break at its end: on one line, or pretty, with two spaces for
// each level and an array of scalars on one line if it fits in 80 columns. A double always
// has a point or an exponent (1.0). NaN and infinities become the strings "NaN", "Infinity" and
// "-Infinity". Bytes that are not UTF-8 become U+FFFD, so that the result is always JSON.
std::string to_text(const boost::json::value& value);
std::string to_pretty_text(const boost::json::value& value);

// Reads the right side of `--set path=value`: the value if the text is JSON, else the text itself
// as a string.
boost::json::value parse_scalar_or_json(std::string_view text);

// Puts `value` at `path` and makes missing objects on the way; a null counts as missing. Elements
// of arrays can be replaced, not added. After an error `root` is as it was.
void set_at(boost::json::value& root, std::string_view path, boost::json::value value);

// The path of a member or an element. A key is quoted if it has to be.
std::string join_path(std::string_view path, std::string_view key);
std::string join_path(std::string_view path, std::size_t index);

// The nearest double of a number. Nothing for any other value, strings such as "NaN" included.
std::optional<double> as_real(const boost::json::value& value);

// The kind of a value, for messages: `a string`, `an object`, `an integer` ...
std::string_view kind_of(const boost::json::value& value);

}  // namespace dodona::base
