// SPDX-License-Identifier: Apache-2.0
//
// The framing of event files: a record is its length (8 bytes, little-endian), the masked CRC-32C
// of those 8 bytes, the payload, and the masked CRC-32C of the payload.
//
// Source:  TensorFlow's TFRecord format. CRC-32C is the one of RFC 3720, appendix B.4; the mask
//          rotates it right by 15 bits and adds 0xa282ead8.
// Threads: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tensorboard {

std::uint32_t crc32c(std::string_view bytes);

// The record of a payload.
std::string record(std::string_view payload);

// The payload of `bytes` if they are exactly one record, else nothing.
std::optional<std::string_view> payload_of(std::string_view bytes);

// The records at the start of `bytes`, one after another, which were written here and are whole.
class Records {
 public:
  explicit Records(std::string_view bytes) : rest_(bytes) {}

  // Goes to the next record; false at the end.
  bool next();
  std::string_view record() const { return record_; }
  std::string_view payload() const;

 private:
  std::string_view rest_;
  std::string_view record_;
};

}  // namespace tensorboard
