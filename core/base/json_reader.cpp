// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace dodona::base {

namespace json = boost::json;

void JsonReader::fail(const std::string& message) const {
  throw document_->error_at(path_, message);
}

void JsonReader::fail_kind(const std::string& wanted) const {
  fail("is " + std::string(base::kind_of(*value_)) + "; it should be " + wanted);
}

const json::object& JsonReader::object() const {
  if (!value_->is_object()) fail_kind("an object");
  return value_->get_object();
}

const json::array& JsonReader::array() const {
  if (!value_->is_array()) fail_kind("a list");
  return value_->get_array();
}

const json::string& JsonReader::string() const {
  if (!value_->is_string()) fail_kind("a string");
  return value_->get_string();
}

bool JsonReader::boolean() const {
  if (!value_->is_bool()) fail_kind("true or false");
  return value_->get_bool();
}

std::int64_t JsonReader::whole() const {
  if (value_->is_uint64()) {
    fail(base::to_text(*value_) + " is above the largest integer, 9223372036854775807");
  }
  if (!value_->is_int64()) fail_kind("an integer");
  return value_->get_int64();
}

double JsonReader::real() const {
  const std::optional<double> real = base::as_real(*value_);
  if (!real) fail_kind("a number");
  return *real;
}

std::optional<JsonReader> JsonReader::member(std::string_view key) const {
  const json::value* found = object().if_contains(key);
  if (found == nullptr) return std::nullopt;
  return JsonReader(*document_, *found, base::join_path(path_, key));
}

JsonReader JsonReader::required(std::string_view key) const {
  std::optional<JsonReader> found = member(key);
  if (!found) fail("lacks " + base::quote(key));
  return *std::move(found);
}

JsonReader JsonReader::element(std::size_t index) const {
  const std::size_t size = array().size();
  if (index >= size) {
    fail("has " + std::to_string(size) + " elements; there should be at least " +
         std::to_string(index + 1));
  }
  return JsonReader(*document_, array()[index], base::join_path(path_, index));
}

void JsonReader::fail_key(std::string_view key, const std::string& message) const {
  throw document_->error_at(base::join_path(path_, key), message, base::Part::kKey);
}

void JsonReader::allow(std::span<const std::string> keys) const {
  for (const json::key_value_pair& member : object()) {
    const std::string_view key = member.key();
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string guess = base::did_you_mean(key, keys);
    fail_key(key, "there is no key " + base::quote(key) +
                      (guess.empty() ? "; the keys here are " + alternatives(keys) : guess));
  }
}

std::size_t JsonReader::word(std::span<const std::string> words) const {
  if (!value_->is_string()) fail_kind(alternatives(words));
  const std::string_view given = value_->get_string();
  const auto found = std::find(words.begin(), words.end(), given);
  if (found == words.end()) {
    fail(base::quote(given) + " is not one of " + alternatives(words) +
         base::did_you_mean(given, words));
  }
  return static_cast<std::size_t>(found - words.begin());
}

std::string alternatives(std::span<const std::string> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
    text += words[i];
  }
  return text;
}

}  // namespace dodona::base
