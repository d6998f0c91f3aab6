// SPDX-License-Identifier: Apache-2.0
//
// Writes JSON into a string, on one line, member by member.
//
//   JsonText json(out);
//   json.open('{'); json.key("step"); json.whole(3); json.close('}');
//
// Bytes that are not UTF-8 become U+FFFD, so that the text is JSON whatever a name holds. A double
// reads back bit for bit. NaN and infinities are the strings "NaN", "Infinity" and "-Infinity".
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dodona::common {

class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  void open(char bracket) {
    comma();
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    text(name);
    out_ += ':';
    first_ = true;
  }

  void text(std::string_view value);
  void real(double value);
  void whole(std::int64_t value);
  void natural(std::uint64_t value);
  void boolean(bool value) { literal(value ? "true" : "false"); }
  void null() { literal("null"); }
  // Copies a JSON text of any layout onto the line.
  void json(std::string_view text);

 private:
  void comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void literal(std::string_view word) {
    comma();
    out_ += word;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace dodona::common
