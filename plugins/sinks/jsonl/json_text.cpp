// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>

namespace jsonl {
namespace {

// Bytes of the well-formed UTF-8 character at `text[at]`, or 0. Refuses overlong forms, surrogates
// and what is above U+10FFFF.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

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
    const std::size_t length = utf8_length(value, at);
    if (length == 1) {
      append_escaped(out_, value[at]);
    } else if (length == 0) {
      out_ += "\xEF\xBF\xBD";
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
  // A double stays one for a reader that tells 1 from 1.0.
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

}  // namespace jsonl
