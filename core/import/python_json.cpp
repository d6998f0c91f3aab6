// SPDX-License-Identifier: Apache-2.0
#include "import/python_json.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

#include <cstddef>
#include <limits>

namespace dodona::import {
namespace {

namespace json = boost::json;

constexpr char kMark = '\x7f';

}  // namespace

std::string strict_json(std::string text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\') ++i;
    if (quoted) continue;
    for (const std::string_view token : {"-Infinity", "Infinity", "NaN"}) {
      if (text.compare(i, token.size(), token) != 0) continue;
      text.replace(i, token.size(), '"' + std::string(token.size() - 2, kMark) + '"');
      i += token.size() - 1;
      break;
    }
  }
  return text;
}

std::optional<double> python_number(const json::value& value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (!value.is_string()) return base::as_real(value);
  const std::string_view text = value.get_string();
  if (text == std::string(1, kMark)) return std::numeric_limits<double>::quiet_NaN();
  if (text == std::string(6, kMark)) return infinity;
  if (text == std::string(7, kMark)) return -infinity;
  return std::nullopt;
}

double number(const base::JsonReader& at) {
  if (const auto known = python_number(at.value())) return *known;
  return at.real();
}

std::string plain_text(const json::value& value) {
  if (!value.is_string()) return base::to_text(value);
  if (const auto known = python_number(value)) return base::format_real(*known);
  return std::string(value.get_string());
}

std::optional<base::JsonReader> given(const base::JsonReader& at, std::string_view key) {
  std::optional<base::JsonReader> found = at.member(key);
  if (found && found->value().is_null()) found.reset();
  return found;
}

}  // namespace dodona::import
