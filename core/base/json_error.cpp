// SPDX-License-Identifier: Apache-2.0
#include "base/json_error.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace dodona::base {
namespace {

using After = JsonProgress::After;
using MaybeFault = std::optional<JsonFault>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kShownMax = 32;  // bytes of the text that a message repeats

constexpr const char* kValueExpected =
    "; a value should stand here: a number, true, false, null, a string in double quotes, a list "
    "or an object";
constexpr const char* kKeyExpected = "; a key in double quotes should stand here";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char at_or_nul(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (is_digit(at_or_nul(text, at))) ++at;
  return at;
}

// Cuts between characters, so that the shown part stays UTF-8.
std::string shortened(std::string_view word) {
  if (word.size() <= kShownMax) return std::string(word);
  std::size_t end = 0;
  for (std::size_t n = 1; n > 0 && end + n <= kShownMax; n = utf8_length(word, end)) end += n;
  return std::string(word.substr(0, end)) + "...";
}

// All up to the next character that is space or punctuation of JSON.
std::string_view word_at(std::string_view text, std::size_t at) {
  return text.substr(at, std::min(text.find_first_of(" \t\n\r,:[]{}\"", at), text.size()) - at);
}

JsonFault found(std::string_view text, std::size_t at, const std::string& message) {
  const std::string_view word = word_at(text, at);
  for (const std::string_view mark : {"//", "/*", "#"}) {
    if (word.starts_with(mark)) return {at, "found a comment; JSON has none"};
  }
  const bool alone = word.size() < 2 && !is_letter_or_digit(text[at]);
  return {at, "found " + (alone ? quote(text.substr(at, 1)) : shortened(word)) + message};
}

// The UTF-16 unit of an escape \uXXXX at `at`.
std::optional<unsigned> code_unit(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  const char* const hex = text.data() + at + 2;
  if (std::from_chars(hex, hex + 4, unit, 16).ptr != hex + 4) return std::nullopt;
  return unit;
}

// The first fault of a string that opens at `at`. Without one, nothing, and `at` is behind it.
MaybeFault string_fault(std::string_view text, std::size_t& at) {
  const std::size_t start = at++;
  while (at < text.size() && text[at] != '"') {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x20) {
      const std::string escaped = quote(text.substr(at, 1));
      return JsonFault{at, "found " + escaped +
                               " in a string; close the string before it, or "
                               "write it as it stands here"};
    }
    if (c == '\\') {
      const bool known =
          std::string_view("\"\\/bfnrt").find(at_or_nul(text, at + 1)) != std::string_view::npos;
      const std::optional<unsigned> unit = code_unit(text, at);
      const std::optional<unsigned> second = code_unit(text, at + 6);
      const bool code = unit.has_value();
      const bool half = code && *unit >= 0xD800 && *unit < 0xE000;
      const bool pair = half && *unit < 0xDC00 && second && *second >= 0xDC00 && *second < 0xE000;
      if ((!known && !code) || (half && !pair)) {
        return JsonFault{at, "found " + std::string(text.substr(at, code ? 6 : 2)) +
                                 " in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t "
                                 "and \\uXXXX, in pairs beyond \\uffff"};
      }
      at += code ? (pair ? 12 : 6) : 2;
      continue;
    }
    const std::size_t length = utf8_length(text, at);
    if (length == 0) return JsonFault{at, "found a byte that is not UTF-8; save the text as UTF-8"};
    at += length;
  }
  if (at >= text.size()) {
    return JsonFault{start, "the string that begins here has no closing quote"};
  }
  ++at;
  return std::nullopt;
}

std::string closing_mark(const JsonProgress::Container& open) {
  return open.opening == '{' ? "\"}\"" : "\"]\"";
}

// Expects something at `at` that is not there; `expected` says what.
JsonFault unexpected(const JsonProgress& progress, std::size_t at, const std::string& expected,
                     const JsonFault& fallback) {
  const std::string_view text = progress.text;
  if (at == text.size()) {
    if (progress.open.empty()) return {at, "the text is empty; at least {} should be here"};
    const JsonProgress::Container& open = progress.open.back();
    const TextPosition position = position_of(text, open.offset);
    return {at, "the text ends here; " + closing_mark(open) + " should close the " +
                    (open.opening == '{' ? "object" : "list") + " of line " +
                    std::to_string(position.line) + ", column " + std::to_string(position.column)};
  }
  if (static_cast<unsigned char>(text[at]) >= 0x80 && utf8_length(text, at) == 0) {
    return {at, "found a byte that is not UTF-8; save the text as UTF-8"};
  }
  if (text[at] == '"' && (expected == kValueExpected || expected == kKeyExpected)) {
    return string_fault(text, at).value_or(fallback);
  }
  const std::string_view word = word_at(text, at);
  if (!word.empty() && number_length(word) == word.size() && expected == kValueExpected) {
    return number_range_fault(at, word);
  }
  return found(text, at, expected);
}

}  // namespace

std::size_t number_length(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  if (!is_digit(at_or_nul(text, at))) return 0;
  at = text[at] == '0' ? at + 1 : skip_digits(text, at);
  if (at_or_nul(text, at) == '.' && is_digit(at_or_nul(text, at + 1))) {
    at = skip_digits(text, at + 1);
  }
  if (at_or_nul(text, at) == 'e' || at_or_nul(text, at) == 'E') {
    const char sign = at_or_nul(text, at + 1);
    const std::size_t digits = at + (sign == '+' || sign == '-' ? 2 : 1);
    if (is_digit(at_or_nul(text, digits))) at = skip_digits(text, digits);
  }
  return at;
}

JsonFault number_range_fault(std::size_t offset, std::string_view number) {
  const bool integer = number.find_first_of(".eE") == std::string_view::npos;
  return {offset, (integer ? "the integer " : "the number ") + shortened(number) +
                      (integer ? " is beyond 64 bits; real numbers have a point or an exponent"
                               : " is beyond a double, which holds 0 and sizes from 5e-324 to "
                                 "1.7976931348623157e+308")};
}

TextPosition position_of(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  TextPosition position{1, 1};
  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < offset) {
    const bool line_end = text[at] == '\n';
    at += std::max<std::size_t>(utf8_length(text, at), 1);
    position.line += line_end;
    position.column = line_end ? 1 : position.column + 1;
  }
  return position;
}

JsonFault diagnose(const JsonProgress& progress, const JsonFault& fallback) {
  const std::string_view text = progress.text;
  const bool inside = !progress.open.empty();
  const bool object = inside && progress.open.back().opening == '{';
  std::size_t at = skip_space(text, progress.cursor);
  const auto expect = [&](const std::string& expected) {
    return unexpected(progress, at, expected, fallback);
  };
  switch (progress.after) {
    case After::kNothing:
      return expect(kValueExpected);
    case After::kOpening:
      return expect(object ? kKeyExpected : kValueExpected);
    case After::kKey:
      if (at_or_nul(text, at) != ':') {
        return expect(" after the key " + quote(shortened(progress.last_key)) +
                      "; a colon should follow it");
      }
      at = skip_space(text, at + 1);
      return expect(kValueExpected);
    case After::kValue:
      break;
  }
  if (inside && at_or_nul(text, at) == ',') {
    at = skip_space(text, at + 1);
    return expect(object ? kKeyExpected : kValueExpected);
  }
  // The parser takes the beginning of 01 or of a date for a number, and stumbles over the rest.
  const std::string_view last = word_at(text, progress.last_value);
  if (number_length(last) > 0 && progress.last_value + last.size() > progress.cursor) {
    return found(text, progress.last_value,
                 ", which is no number of JSON" + std::string(kValueExpected));
  }
  if (!inside) return expect(" after the end of the document; nothing should follow it");
  return expect(" after a value; a comma or " + closing_mark(progress.open.back()) +
                " should stand here");
}

}  // namespace dodona::base
