// SPDX-License-Identifier: Apache-2.0
//
// Options of a plugin as a study file writes them, for tests without the kernel: a small reader of
// JSON, and the defaults of a descriptor's table.
//
// Errors:  Error{DODONA_E_INVALID} for a text that is not a JSON object, an option that the table
//          does not have, a value of another kind or out of bounds, and a required option that is
//          not given (Error{DODONA_E_UNSUPPORTED}).
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/error.hpp>
#include <dodona/testing/fake_host.hpp>
#include <dodona/visibility.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// Options with the defaults filled in: scalars by path ("layers[0]", "augment.rotate"), and the
// whole as one JSON object.
struct CompleteOptions {
  Values values;
  std::string json;
};

namespace detail {

// Reads one JSON value into scalars by path. Values of the top level keep their text.
class OptionReader {
 public:
  explicit OptionReader(std::string_view text) : text_(text) {}

  // Kinds and texts of the members of an object, by name; their scalars are added to `values`.
  std::map<std::string, std::pair<dodona_kind, std::string>> members(Values& values) {
    std::map<std::string, std::pair<dodona_kind, std::string>> out;
    expect('{');
    if (!take('}')) {
      do {
        const std::string name = string();
        expect(':');
        blank();
        const std::size_t begin = at_;
        const dodona_kind kind = value(name, values);
        out[name] = {kind, std::string(text_.substr(begin, at_ - begin))};
      } while (take(','));
      expect('}');
    }
    end();
    return out;
  }

  // Adds the scalars of the one value that the text is.
  dodona_kind whole(const std::string& path, Values& values) {
    const dodona_kind kind = value(path, values);
    end();
    return kind;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(DODONA_E_INVALID,
                "options: " + what + " at character " + std::to_string(at_ + 1) + " of the JSON");
  }
  void blank() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) < 4) ++at_;
  }
  bool take(char wanted) {
    blank();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) fail(std::string("'") + wanted + "' is missing");
  }
  void end() {
    blank();
    if (at_ != text_.size()) fail("something follows");
  }
  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) return false;
    at_ += wanted.size();
    return true;
  }

  dodona_kind value(const std::string& path, Values& values) {
    blank();
    if (at_ >= text_.size()) fail("a value is missing");
    switch (text_[at_]) {
      case '{':
        object(path, values);
        return DODONA_OBJECT;
      case '[':
        list(path, values);
        return DODONA_LIST;
      case '"':
        values[path] = string();
        return DODONA_STRING;
      default:
        break;
    }
    if (word("true")) return values[path] = true, DODONA_BOOL;
    if (word("false")) return values[path] = false, DODONA_BOOL;
    return number(path, values);
  }

  void object(const std::string& path, Values& values) {
    expect('{');
    if (take('}')) return;
    do {
      const std::string name = string();
      expect(':');
      value(path + "." + name, values);
    } while (take(','));
    expect('}');
  }

  void list(const std::string& path, Values& values) {
    expect('[');
    if (take(']')) return;
    std::size_t index = 0;
    do {
      value(path + "[" + std::to_string(index++) + "]", values);
    } while (take(','));
    expect(']');
  }

  dodona_kind number(const std::string& path, Values& values) {
    const std::size_t end = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    const char* const first = text_.data() + at_;
    const char* const last = text_.data() + end;
    std::int64_t whole = 0;
    double real = 0;
    if (const auto read = std::from_chars(first, last, whole);
        read.ec == std::errc() && read.ptr == last && first != last) {
      values[path] = whole;
      at_ = end;
      return DODONA_INT;
    }
    const auto read = std::from_chars(first, last, real);
    if (read.ec != std::errc() || read.ptr != last || first == last) fail("no value");
    values[path] = real;
    at_ = end;
    return DODONA_DOUBLE;
  }

  std::string string() {
    expect('"');
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      char next = text_[at_++];
      if (next == '\\') next = escaped(out);
      if (next != '\0') out += next;
    }
    if (at_ >= text_.size()) fail("'\"' is missing");
    ++at_;
    return out;
  }

  // The character of an escape; 0 where it was appended as UTF-8.
  char escaped(std::string& out) {
    const char kind = at_ < text_.size() ? text_[at_++] : '\0';
    constexpr std::string_view from = "\"\\/bfnrt";
    constexpr std::string_view to = "\"\\/\b\f\n\r\t";
    if (const std::size_t place = from.find(kind); place < from.size()) return to[place];
    unsigned code = 0;
    const char* const first = text_.data() + at_;
    if (kind != 'u' || text_.size() - at_ < 4 ||
        std::from_chars(first, first + 4, code, 16).ptr != first + 4) {
      fail("an unknown escape");
    }
    at_ += 4;
    if (code < 0x80) return static_cast<char>(code);
    if (code >= 0x800) out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(code >= 0x800 ? 0x80 | (code >> 6 & 0x3F) : 0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
    return '\0';
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

inline std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += std::string("\\u00") + hex[byte >> 4] + hex[byte & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

inline std::string json_of(const dodona_value& value) {
  if (value.kind == DODONA_STRING) return in_quotes(view(value.as.s));
  if (value.kind == DODONA_BOOL) return value.as.i != 0 ? "true" : "false";
  if (value.kind == DODONA_INT) return std::to_string(value.as.i);
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value.as.d).ptr;
  return {text, end};
}

}  // namespace detail

inline const char* kind_name(dodona_kind kind) {
  constexpr const char* names[] = {"nothing", "an integer", "a number", "a truth value",
                                   "a text",  "a list",     "an object"};
  return kind >= DODONA_INT && kind <= DODONA_OBJECT ? names[kind] : "of an unknown kind";
}

// The rule of an option's table that a scalar breaks, or nothing.
inline std::string bound_fault(const dodona_option& option, const dodona_value& value) {
  const auto number = [](const dodona_value& v) {
    return v.kind == DODONA_DOUBLE ? v.as.d : static_cast<double>(v.as.i);
  };
  if (value.kind != option.kind) {
    return std::string("is ") + kind_name(value.kind) + " and must be " + kind_name(option.kind);
  }
  if (option.low.kind != 0 && !(number(value) >= number(option.low))) return "is below its bound";
  if (option.high.kind != 0 && !(number(value) <= number(option.high))) return "is above its bound";
  if (option.choices == nullptr) return {};
  for (std::uint64_t i = 0; i < option.choice_count; ++i) {
    if (same(from_abi(option.choices[i]), value)) return {};
  }
  return "is not among its choices";
}

// The options of one plugin: those of the text that its table has, and its defaults. Options of the
// text that the table does not have are passed over: a library may have several plugins.
inline CompleteOptions complete_options(const dodona_descriptor& descriptor,
                                        const std::string& text) {
  CompleteOptions out;
  Values given;
  const auto members = detail::OptionReader(text).members(given);
  for (std::uint64_t i = 0; i < descriptor.option_count; ++i) {
    const dodona_option& option = *descriptor.options[i];
    const std::string name = option.name;
    std::string json;
    const auto found = members.find(name);
    if (found != members.end()) {
      json = found->second.second;
      const bool scalar = option.kind != DODONA_LIST && option.kind != DODONA_OBJECT;
      dodona_value value{};
      value.kind = found->second.first;
      if (given.contains(name)) value = to_abi(given.at(name));
      if (option.kind == DODONA_DOUBLE && value.kind == DODONA_INT) {
        const auto real = static_cast<double>(value.as.i);
        given[name] = real;
        value = to_abi(given.at(name));
      }
      const std::string fault = scalar ? bound_fault(option, value)
                                : value.kind != option.kind
                                    ? "must be " + std::string(kind_name(option.kind))
                                    : "";
      if (!fault.empty())
        throw Error(DODONA_E_INVALID, "option " + detail::in_quotes(name) + (" " + fault));
      detail::OptionReader(json).whole(name, out.values);
      if (given.contains(name)) out.values[name] = given.at(name);
    } else if (DODONA_HAS(&option, dodona_option, initial_json)) {
      json = option.initial_json;
      detail::OptionReader(json).whole(name, out.values);
    } else if (option.initial.kind != 0) {
      json = detail::json_of(option.initial);
      out.values[name] = from_abi(option.initial);
    } else {
      throw Error(DODONA_E_UNSUPPORTED, "its option \"" + name + "\" must be given");
    }
    out.json += out.json.empty() ? "{" : ", ";
    out.json += detail::in_quotes(name);
    out.json += ": ";
    out.json += json;
  }
  out.json += out.json.empty() ? "{}" : "}";
  return out;
}

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
