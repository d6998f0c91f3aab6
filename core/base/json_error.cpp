// SPDX-License-Identifier: Apache-2.0
#include "base/json_error.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace dodona::base {
namespace {

using After = JsonProgress::After;
using MaybeFault = std::optional<JsonFault>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kShownMax = 32;  // bytes of the text that a message repeats

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::array<std::string_view, 5> kWrongQuotes = {"'", "\u201C", "\u201D", "\u2018",
                                                          "\u2019"};
constexpr std::array<std::string_view, 9> kNotFinite = {
    "nan", "NaN", "NAN", "inf", "Inf", "infinity", "Infinity", "INF", "INFINITY"};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

char at_or_nul(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

std::string place(std::string_view text, std::size_t offset) {
  const TextPosition position = position_of(text, offset);
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

std::string hex_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::string("0x") + kHex[byte >> 4] + kHex[byte & 15];
}

// Cuts between characters, so that what is shown stays UTF-8.
std::string shortened(std::string_view word) {
  if (word.size() <= kShownMax) return std::string(word);
  std::size_t end = 0;
  for (std::size_t n = 1; n > 0 && end + n <= kShownMax; n = utf8_length(word, end)) end += n;
  return std::string(word.substr(0, end)) + "...";
}

// A run of characters that belong together in the eyes of a reader: a word, a number, a path.
std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size()) {
    const auto c = static_cast<unsigned char>(text[end]);
    const bool part = is_letter(text[end]) || is_digit(text[end]) || c >= 0x80 ||
                      std::string_view("+-._'/$%&*@!?").find(text[end]) != std::string_view::npos;
    const std::size_t length = part ? utf8_length(text, end) : 0;
    if (length == 0) break;
    end += length;
  }
  return text.substr(at, end - at);
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (is_digit(at_or_nul(text, at))) ++at;
  return at;
}

// The word without quotes of the wrong sort around it.
std::string_view unquoted(std::string_view word) {
  for (const std::string_view mark : kWrongQuotes) {
    if (word.starts_with(mark)) word.remove_prefix(mark.size());
    if (word.ends_with(mark)) word.remove_suffix(mark.size());
  }
  return word;
}

// What stands at `at`, as a message names it.
std::string token_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '"') {
    const std::size_t end = std::min(text.find_first_of("\"\n", at + 1), text.size());
    return "the string " + quote(shortened(text.substr(at + 1, end - at - 1)));
  }
  const std::string_view word = word_at(text, at);
  if (!word.empty()) return shortened(word);
  if (c > 0x20 && c < 0x7F) return quote(text.substr(at, 1));
  return "byte " + hex_byte(c);
}

JsonFault found(std::string_view text, std::size_t at, const std::string& message) {
  return {at, "found " + token_at(text, at) + message};
}

// What is wrong wherever it stands: a comment, bytes that are not text, the end.
MaybeFault fault_anywhere(const JsonProgress& progress, std::size_t at) {
  const std::string_view text = progress.text;
  if (at == text.size()) {
    if (progress.open.empty())
      return JsonFault{at, "the text is empty; at least {} should be here"};
    const JsonProgress::Container& open = progress.open.back();
    const bool object = open.opening == '{';
    return JsonFault{at, std::string("the text ends inside the ") + (object ? "object" : "list") +
                             " opened at " + place(text, open.offset) + "; its " +
                             (object ? "\"}\"" : "\"]\"") + " is missing"};
  }
  const char c = text[at];
  if (c == '#' ||
      (c == '/' && (at_or_nul(text, at + 1) == '/' || at_or_nul(text, at + 1) == '*'))) {
    return JsonFault{at, "found a comment; JSON has none, remove it"};
  }
  if (static_cast<unsigned char>(c) >= 0x80 && utf8_length(text, at) == 0) {
    return JsonFault{at, "byte " + hex_byte(c) + " is not UTF-8; save the text as UTF-8"};
  }
  return std::nullopt;
}

// A closing mark where none may stand: after a comma, or of the wrong sort.
MaybeFault closing_fault(const JsonProgress& progress, std::size_t at, bool after_comma) {
  const char c = at_or_nul(progress.text, at);
  if ((c != '}' && c != ']') || progress.open.empty()) return std::nullopt;
  const JsonProgress::Container& open = progress.open.back();
  const bool object = open.opening == '{';
  if (object != (c == '}')) {
    return found(progress.text, at,
                 std::string("; the ") + (object ? "object" : "list") + " opened at " +
                     place(progress.text, open.offset) + " is closed by " +
                     (object ? "\"}\"" : "\"]\""));
  }
  if (after_comma) return found(progress.text, at, " after a comma; remove the comma");
  return std::nullopt;
}

MaybeFault escape_fault(std::string_view text, std::size_t at, std::size_t& length) {
  const auto hex4 = [text](std::size_t from) -> std::optional<unsigned> {
    unsigned value = 0;
    if (from + 4 > text.size()) return std::nullopt;
    const std::from_chars_result end =
        std::from_chars(text.data() + from, text.data() + from + 4, value, 16);
    if (end.ptr != text.data() + from + 4) return std::nullopt;
    return value;
  };
  const char c = at_or_nul(text, at + 1);
  length = 2;
  if (c != 'u') {
    if (c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) return {};
    const std::string shown = c > 0x20 && c < 0x7F ? std::string("\\") + c : "a lone backslash";
    return JsonFault{at, "found " + shown +
                             " in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and "
                             "\\uXXXX, and a backslash itself is \\\\"};
  }
  const std::optional<unsigned> unit = hex4(at + 2);
  if (!unit) return JsonFault{at, "found \\u in a string; four hexadecimal digits should follow"};
  length = 6;
  const std::string shown(text.substr(at, 6));
  if (*unit >= 0xDC00 && *unit <= 0xDFFF) {
    return JsonFault{at, "found " + shown + " alone; it is the second half of a pair, and the " +
                             "first (\\ud800 to \\udbff) should stand before it"};
  }
  if (*unit < 0xD800 || *unit > 0xDBFF) return {};
  const bool escape = at_or_nul(text, at + 6) == '\\' && at_or_nul(text, at + 7) == 'u';
  const std::optional<unsigned> second = escape ? hex4(at + 8) : std::nullopt;
  if (!second || *second < 0xDC00 || *second > 0xDFFF) {
    return JsonFault{at, "found " + shown + " alone; it is the first half of a pair, and the " +
                             "second (\\udc00 to \\udfff) should follow it"};
  }
  length = 12;
  return {};
}

MaybeFault control_fault(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (static_cast<unsigned char>(c) >= 0x20) return std::nullopt;
  if (c == '\n' || c == '\r') {
    return JsonFault{at, "a string ends at the end of its line; close it with a quote, or write " +
                             std::string("its line break as \\n")};
  }
  const std::string escaped = quote(text.substr(at, 1));
  return JsonFault{at, "found byte " + hex_byte(c) + " in a string; write it as " +
                           escaped.substr(1, escaped.size() - 2)};
}

// `at` is the opening quote. On a string that is right, nothing, and `at` is moved behind it.
MaybeFault string_fault(std::string_view text, std::size_t& at) {
  const std::size_t start = at++;
  while (at < text.size() && text[at] != '"') {
    std::size_t length = utf8_length(text, at);
    if (length == 0) {
      return JsonFault{at, "byte " + hex_byte(text[at]) + " is not UTF-8; save the text as UTF-8"};
    }
    if (MaybeFault fault = control_fault(text, at)) return fault;
    if (text[at] == '\\') {
      if (MaybeFault fault = escape_fault(text, at, length)) return fault;
    }
    at += length;
  }
  if (at >= text.size())
    return JsonFault{start, "the string that begins here has no closing quote"};
  ++at;
  return std::nullopt;
}

// What would make the number right.
std::string number_advice(std::string_view word) {
  const std::string_view digits = word.starts_with('-') ? word.substr(1) : word;
  const std::size_t point = word.find('.');
  const std::size_t exponent = word.find_first_of("eE");
  if (word.starts_with('+')) return "write it without the plus sign";
  if (digits.empty()) return "a digit should follow the minus sign";
  if (digits.starts_with("0x") || digits.starts_with("0X")) return "write it in decimal";
  if (word.find('_') != std::string_view::npos) return "write it without underscores";
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) {
    return "write it without leading zeros";
  }
  if (digits.starts_with('.')) return "a digit should stand before the point";
  if (point != std::string_view::npos && !is_digit(at_or_nul(word, point + 1))) {
    return "a digit should follow the point";
  }
  if (exponent != std::string_view::npos && !is_digit(word.back())) {
    return "a digit should follow the e";
  }
  return "that is not a number; strings are written in double quotes: " + quote(shortened(word));
}

std::string word_advice(std::string_view word) {
  static const std::array<std::string, 3> kLiterals = {"true", "false", "null"};
  const std::string_view name = word.starts_with('-') ? word.substr(1) : word;
  if (std::find(kNotFinite.begin(), kNotFinite.end(), name) != kNotFinite.end()) {
    return "JSON has no such number, write a finite one";
  }
  if (word == "None" || word == "nil" || word == "undefined") return "write null";
  if (const std::optional<std::string> literal = nearest(word, kLiterals)) {
    return "write " + *literal;
  }
  return "strings are written in double quotes: " + quote(shortened(unquoted(word)));
}

JsonFault value_fault(const JsonProgress& progress, std::size_t at, bool after_comma,
                      const JsonFault& fallback) {
  const std::string_view text = progress.text;
  if (MaybeFault fault = fault_anywhere(progress, at)) return *fault;
  if (MaybeFault fault = closing_fault(progress, at, after_comma)) return *fault;
  const char c = text[at];
  if (c == '"') return string_fault(text, at).value_or(fallback);
  const std::string_view word = word_at(text, at);
  if (word.empty()) return found(text, at, "; a value should stand here");
  if (number_length(word) == word.size()) return number_range_fault(at, word);
  const char second = c == '-' || c == '+' || c == '.' ? at_or_nul(word, 1) : c;
  const bool number = is_digit(second) || second == '.' || word == "-";
  return found(text, at, "; " + (number ? number_advice(word) : word_advice(word)));
}

JsonFault key_fault(const JsonProgress& progress, std::size_t at, bool after_comma,
                    const JsonFault& fallback) {
  const std::string_view text = progress.text;
  if (MaybeFault fault = fault_anywhere(progress, at)) return *fault;
  if (MaybeFault fault = closing_fault(progress, at, after_comma)) return *fault;
  if (text[at] == '"') return string_fault(text, at).value_or(fallback);
  const std::string_view word = unquoted(word_at(text, at));
  if (word.empty()) return found(text, at, "; a key in double quotes should stand here");
  return found(text, at, "; keys are written in double quotes: " + quote(shortened(word)));
}

// A number that goes on as something else, such as 01 or a date: the parser takes its beginning
// for the value and stumbles over the rest.
MaybeFault glued_fault(const JsonProgress& progress) {
  const std::string_view text = progress.text;
  const std::size_t start = progress.last_value;
  const std::string_view word = word_at(text, start);
  const bool number = number_length(word) > 0;
  if (!number || start + word.size() <= progress.cursor) return std::nullopt;
  return found(text, start, "; " + number_advice(word));
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
  std::size_t at = skip_space(text, progress.cursor);
  const bool inside = !progress.open.empty();
  const bool object = inside && progress.open.back().opening == '{';
  switch (progress.after) {
    case After::kNothing:
      return value_fault(progress, at, false, fallback);
    case After::kOpening:
      return object ? key_fault(progress, at, false, fallback)
                    : value_fault(progress, at, false, fallback);
    case After::kKey:
      if (at_or_nul(text, at) == ':') {
        return value_fault(progress, skip_space(text, at + 1), false, fallback);
      }
      if (MaybeFault fault = fault_anywhere(progress, at)) return *fault;
      return found(
          text, at,
          " after the key " + quote(shortened(progress.last_key)) + "; a colon should follow it");
    case After::kValue:
      break;
  }
  if (inside && at_or_nul(text, at) == ',') {
    at = skip_space(text, at + 1);
    return object ? key_fault(progress, at, true, fallback)
                  : value_fault(progress, at, true, fallback);
  }
  if (MaybeFault fault = fault_anywhere(progress, at)) return *fault;
  if (MaybeFault fault = glued_fault(progress)) return *fault;
  if (!inside) return found(text, at, " after the end of the document; nothing should follow it");
  if (MaybeFault fault = closing_fault(progress, at, false)) return *fault;
  return found(text, at,
               std::string(" after a value; a comma or ") + (object ? "\"}\"" : "\"]\"") +
                   " should stand here");
}

}  // namespace dodona::base
