// SPDX-License-Identifier: Apache-2.0
#include "common/text/json_members.hpp"

#include "common/text/utf8.hpp"

#include <bitset>
#include <charconv>
#include <cstdint>

namespace dodona::common {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  std::size_t at() const { return at_; }

  void skip_space() {
    while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  // Passes over a string. Decodes it unless `out` is null.
  bool string(std::string* out) {
    if (!take('"')) return false;
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '"') return take('"');
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      const std::size_t bytes = utf8::length(text_, at_);
      if (bytes == 0) return false;
      if (out != nullptr) out->append(text_, at_, bytes);
      at_ += bytes;
    }
    return false;
  }

  bool number() {
    if (take("NaN") || take("Infinity") || take("-Infinity")) return true;
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  // Passes over any value.
  bool value() {
    int depth = 0;
    do {
      skip_space();
      if (take('{')) {
        if (depth == kJsonDepthMax) return false;
        objects_[static_cast<std::size_t>(depth++)] = true;
        skip_space();
        if (!take('}')) {
          if (!name()) return false;
          continue;
        }
        --depth;
      } else if (take('[')) {
        if (depth == kJsonDepthMax) return false;
        objects_[static_cast<std::size_t>(depth++)] = false;
        skip_space();
        if (!take(']')) continue;
        --depth;
      } else if (!scalar()) {
        return false;
      }
      if (!close(depth)) return false;
    } while (depth > 0);
    return true;
  }

  bool name(std::string* out = nullptr) {
    skip_space();
    if (!string(out)) return false;
    skip_space();
    return take(':');
  }

 private:
  bool digits() {
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > begin;
  }

  bool scalar() {
    if (take("true") || take("false") || take("null")) return true;
    return !at_end() && text_[at_] == '"' ? string(nullptr) : number();
  }

  // Called after a value: closes the containers that end here, and goes on to the next element.
  bool close(int& depth) {
    while (depth > 0) {
      const bool object = objects_[static_cast<std::size_t>(depth - 1)];
      skip_space();
      if (take(',')) return !object || name();
      if (!take(object ? '}' : ']')) return false;
      --depth;
    }
    return true;
  }

  std::optional<std::uint32_t> hex() {
    std::uint32_t code = 0;
    if (text_.size() - at_ < 4) return std::nullopt;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, begin + 4, code, 16);
    if (error != std::errc() || end != begin + 4) return std::nullopt;
    at_ += 4;
    return code;
  }

  bool escape(std::string* out) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    ++at_;
    if (at_end()) return false;
    const char c = text_[at_++];
    if (const std::size_t known = kFrom.find(c); known != std::string_view::npos) {
      if (out != nullptr) *out += kTo[known];
      return true;
    }
    if (c != 'u') return false;
    auto code = hex();
    if (!code) return false;
    if (*code >= 0xD800 && *code < 0xDC00 && take("\\u")) {
      const auto low = hex();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    }
    if (*code >= 0xD800 && *code <= 0xDFFF) return false;
    if (out != nullptr) append_utf8(*code, *out);
    return true;
  }

  static void append_utf8(std::uint32_t code, std::string& out) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
      put(0xC0 | code >> 6);
    } else if (code < 0x10000) {
      put(0xE0 | code >> 12);
      put(0x80 | (code >> 6 & 0x3F));
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
      put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::bitset<kJsonDepthMax> objects_;  // by depth; 1: an object is open, 0: an array
};

// The values of a list, each of which `read` takes from the scanner.
template <class Value, class Read>
std::optional<std::vector<Value>> json_list(std::string_view raw, Read&& read) {
  Scanner scan(raw);
  std::vector<Value> values;
  if (!scan.take('[')) return std::nullopt;
  scan.skip_space();
  bool more = !scan.take(']');
  while (more) {
    scan.skip_space();
    std::optional<Value> value = read(scan);
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
    scan.skip_space();
    more = scan.take(',');
    if (!more && !scan.take(']')) return std::nullopt;
  }
  if (!scan.at_end()) return std::nullopt;
  return values;
}

}  // namespace

std::optional<std::vector<Member>> json_members(std::string_view text) {
  Scanner scan(text);
  std::vector<Member> members;
  scan.skip_space();
  if (!scan.take('{')) return std::nullopt;
  scan.skip_space();
  bool more = !scan.take('}');
  while (more) {
    Member member;
    if (!scan.name(&member.name)) return std::nullopt;
    scan.skip_space();
    const std::size_t begin = scan.at();
    if (!scan.value()) return std::nullopt;
    member.raw = text.substr(begin, scan.at() - begin);
    members.push_back(std::move(member));
    scan.skip_space();
    more = scan.take(',');
    if (!more && !scan.take('}')) return std::nullopt;
  }
  scan.skip_space();
  if (!scan.at_end()) return std::nullopt;
  return members;
}

std::optional<double> json_number(std::string_view raw) {
  Scanner scan(raw);
  if (!scan.number() || !scan.at_end()) return std::nullopt;
  const char* const begin = raw.data();
  const char* const end = begin + raw.size();
  double value = 0;
  const auto parsed = std::from_chars(begin, end, value);
  if (parsed.ec == std::errc() && parsed.ptr == end) return value;
  // Out of range: a wider type tells on which side.
  long double wide = 0;
  const auto again = std::from_chars(begin, end, wide);
  if (again.ec != std::errc() || again.ptr != end) return std::nullopt;
  return static_cast<double>(wide);
}

std::optional<std::vector<double>> json_numbers(std::string_view raw) {
  return json_list<double>(raw, [&](Scanner& scan) -> std::optional<double> {
    const std::size_t begin = scan.at();
    if (!scan.number()) return std::nullopt;
    return json_number(raw.substr(begin, scan.at() - begin));
  });
}

std::optional<std::vector<std::string>> json_strings(std::string_view raw) {
  return json_list<std::string>(raw, [](Scanner& scan) -> std::optional<std::string> {
    std::string text;
    if (!scan.string(&text)) return std::nullopt;
    return text;
  });
}

std::optional<std::string> json_string(std::string_view raw) {
  Scanner scan(raw);
  std::string text;
  if (!scan.string(&text) || !scan.at_end()) return std::nullopt;
  return text;
}

}  // namespace dodona::common
