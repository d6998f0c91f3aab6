// SPDX-License-Identifier: Apache-2.0
#include "common/text/json_text.hpp"

#include "common/text/utf8.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>

namespace dodona::common {
namespace {

void append_escaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (byte < 0x20) {
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  } else {
    out += c;
  }
}

}  // namespace

void JsonText::text(std::string_view value) {
  comma();
  out_ += '"';
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t length = utf8::length(value, at);
    if (length == 1) {
      append_escaped(out_, value[at]);
    } else if (length == 0) {
      out_ += utf8::kReplacement;
    } else {
      out_ += value.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  out_ += '"';
}

void JsonText::real(double value) {
  if (std::isnan(value)) return text("NaN");
  if (std::isinf(value)) return text(value > 0 ? "Infinity" : "-Infinity");
  comma();
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const std::string_view written(digits, static_cast<std::size_t>(end - digits));
  out_ += written;
  // A reader that tells 1 from 1.0 must find a double.
  if (written.find_first_of(".e") == std::string_view::npos) out_ += ".0";
}

void JsonText::whole(std::int64_t value) {
  literal(std::to_string(value));
}

void JsonText::natural(std::uint64_t value) {
  literal(std::to_string(value));
}

void JsonText::json(std::string_view text) {
  comma();
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\' && at + 1 < text.size()) {
      out_ += c;
      out_ += text[++at];
      continue;
    }
    if (c == '"') quoted = !quoted;
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (quoted || !space) out_ += c;
  }
}

}  // namespace dodona::common
