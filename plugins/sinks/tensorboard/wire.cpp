// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include "common/text/utf8.hpp"

#include <dodona/error.hpp>

#include <bit>

namespace tensorboard {
namespace {

enum : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

[[noreturn]] void malformed() {
  throw dodona::Error(DODONA_E_INVALID, "malformed message");
}

}  // namespace

void Message::varint(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    value >>= 7;
  }
  bytes_ += static_cast<char>(value);
}

void Message::key(std::uint32_t field, std::uint32_t wire_type) {
  varint(std::uint64_t{field} << 3 | wire_type);
}

void Message::fixed(std::uint64_t bits, int size) {
  for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(bits >> (8 * i) & 0xFF);
}

Message& Message::natural(std::uint32_t field, std::uint64_t value) {
  key(field, kVarint);
  varint(value);
  return *this;
}

Message& Message::real(std::uint32_t field, double value) {
  key(field, kFixed64);
  fixed(std::bit_cast<std::uint64_t>(value), 8);
  return *this;
}

Message& Message::single(std::uint32_t field, float value) {
  key(field, kFixed32);
  fixed(std::bit_cast<std::uint32_t>(value), 4);
  return *this;
}

Message& Message::bytes(std::uint32_t field, std::string_view value) {
  key(field, kBytes);
  varint(value.size());
  bytes_ += value;
  return *this;
}

Message& Message::text(std::uint32_t field, std::string_view value) {
  return bytes(field, utf8::mended(value));
}

std::uint64_t WireReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) malformed();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  malformed();
}

bool WireReader::next() {
  if (rest_.empty()) return false;
  const std::uint64_t key = varint();
  field_ = static_cast<std::uint32_t>(key >> 3);
  kind_ = static_cast<std::uint32_t>(key & 7);
  if (kind_ == kVarint) {
    natural_ = varint();
    return true;
  }
  std::uint64_t size = 0;
  if (kind_ == kBytes) {
    size = varint();
  } else if (kind_ == kFixed64 || kind_ == kFixed32) {
    size = kind_ == kFixed64 ? 8 : 4;
  } else {
    malformed();
  }
  if (size > rest_.size()) malformed();
  bytes_ = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

std::uint64_t WireReader::natural() const {
  if (kind_ != kVarint) malformed();
  return natural_;
}

std::string_view WireReader::bytes() const {
  if (kind_ != kBytes) malformed();
  return bytes_;
}

}  // namespace tensorboard
