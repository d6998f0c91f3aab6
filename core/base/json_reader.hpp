// SPDX-License-Identifier: Apache-2.0
//
// A value of a JSON document together with its path, so that an error can name the place.
//
// Errors:  Error{DODONA_E_INVALID}: `file:line:column: path: FOUND; REMEDY`.
// Threads: pure; borrows the document.
// Cost:    a string for the path, built on the way down.
#pragma once

#include "base/json.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace dodona::base {

class JsonReader {
 public:
  explicit JsonReader(const base::JsonDocument& document)
      : JsonReader(document, document.root, "") {}
  // Reads `value` as what stands at `path` of the document, or would stand there.
  JsonReader(const base::JsonDocument& document, const boost::json::value& value, std::string path)
      : document_(&document), value_(&value), path_(std::move(path)) {}

  const base::JsonDocument& document() const { return *document_; }
  const boost::json::value& value() const { return *value_; }
  const std::string& path() const { return path_; }

  [[noreturn]] void fail(const std::string& message) const;
  // Fails because the value is of a wrong kind: `is a string; it should be WANTED`.
  [[noreturn]] void fail_kind(const std::string& wanted) const;

  const boost::json::object& object() const;
  const boost::json::array& array() const;
  const boost::json::string& string() const;
  bool boolean() const;
  // A whole number that an int64 holds. A number with point or exponent is none.
  std::int64_t whole() const;
  double real() const;

  // A member of an object. `required` fails if it is missing.
  std::optional<JsonReader> member(std::string_view key) const;
  JsonReader required(std::string_view key) const;
  // An element of an array. Fails if it is missing.
  JsonReader element(std::size_t index) const;

  // Fails for the first member of an object whose key is not among these.
  void allow(std::span<const std::string> keys) const;
  // Fails at the key of a member.
  [[noreturn]] void fail_key(std::string_view key, const std::string& message) const;
  // The index of the value, which is one of these words.
  std::size_t word(std::span<const std::string> words) const;

 private:
  const base::JsonDocument* document_;
  const boost::json::value* value_;
  std::string path_;
};

// `a, b or c`.
std::string alternatives(std::span<const std::string> words);

}  // namespace dodona::base
