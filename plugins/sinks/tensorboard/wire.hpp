// SPDX-License-Identifier: Apache-2.0
//
// Protocol buffers as bytes: a message is written field by field, and read back the same way.
//
//   Message event;
//   event.real(1, 1.5).natural(2, 7).message(5, summary);
//
// Source:  the encoding chapter of the Protocol Buffers documentation: a field is a varint of
//          number * 8 + wire type, then a varint, 8 bytes, 4 bytes, or a length and that many
//          bytes.
// Errors:  Reader throws Error{DODONA_E_INVALID} for bytes that are no message.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tensorboard {

class Message {
 public:
  Message() = default;
  // Takes a message that was encoded before.
  explicit Message(std::string encoded) : bytes_(std::move(encoded)) {}

  // A field of type int32, int64, bool or an enumeration, not negative.
  Message& natural(std::uint32_t field, std::uint64_t value);
  Message& real(std::uint32_t field, double value);
  Message& single(std::uint32_t field, float value);
  Message& bytes(std::uint32_t field, std::string_view value);
  // Bytes that are not UTF-8 become U+FFFD, as readers refuse them.
  Message& text(std::uint32_t field, std::string_view value);
  Message& message(std::uint32_t field, const Message& value) {
    return bytes(field, value.encoded());
  }

  const std::string& encoded() const { return bytes_; }

 private:
  void varint(std::uint64_t value);
  void key(std::uint32_t field, std::uint32_t wire_type);
  void fixed(std::uint64_t bits, int size);

  std::string bytes_;
};

// Walks over the fields of a message, of which it reads naturals and bytes.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // Goes to the next field; false at the end.
  bool next();
  std::uint32_t field() const { return field_; }
  std::uint64_t natural() const;
  std::string_view bytes() const;

 private:
  std::uint64_t varint();

  std::string_view rest_;
  std::uint32_t field_ = 0;
  std::uint32_t kind_ = 0;
  std::uint64_t natural_ = 0;
  std::string_view bytes_;
};

}  // namespace tensorboard
